with

versions as (

    select
        *,
        max(extracted_at) over (partition by organization_id, work_order_id) as newest_extracted_at
    from {{ ref('stg_maintainx__work_order_comment_versions') }}

),

seen as (

    select
        versions.organization_id,
        versions.work_order_id,
        comment.id as comment_id,
        comment.authorid as author_user_id,
        comment.content,
        {{ to_utc_timestamp('comment.createdAt') }} as created_at,
        versions.extracted_at,
        versions.extracted_at < versions.newest_extracted_at as is_deleted
    from
        {{
            json_elements(
                'versions',
                'comments',
                {
                    'id': 'integer',
                    'authorId': 'integer',
                    'content': 'text',
                    'createdAt': 'text',
                },
                'comment'
            )
        }}
    where
        not versions.is_gone
        and comment.id is not null

),

final as (

    select * from seen
    qualify
        row_number() over (
            partition by organization_id, work_order_id, comment_id
            order by extracted_at desc, created_at asc
        ) = 1

)

select * from final
