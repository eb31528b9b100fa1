with

answers as (

    select * from {{ ref('stg_maintainx__vendor_contacts') }}

),

vendors as (

    select * from {{ ref('dim_vendors') }}

),

contacts as (

    select
        answers.organization_id,
        contact.id as contact_id,
        answers.vendor_id,
        contact.name as contact_name,
        contact.role as contact_role,
        contact.email,
        contact.phonenumber as phone_number,
        contact.extension as phone_extension,
        answers.is_deleted
    from
        {{
            json_elements(
                'answers',
                'contacts',
                {
                    'id': 'integer',
                    'name': 'text',
                    'role': 'text',
                    'email': 'text',
                    'phoneNumber': 'text',
                    'extension': 'text',
                },
                'contact'
            )
        }}
    where contact.id is not null
    -- A contact that moved to another vendor can still stand in an older answer.
    qualify
        row_number() over (
            partition by answers.organization_id, contact.id
            order by answers.is_deleted asc, answers.extracted_at desc, answers.vendor_id desc
        ) = 1

),

final as (

    select
        contacts.organization_id,
        contacts.contact_id,
        contacts.vendor_id,
        contacts.contact_name,
        contacts.contact_role,
        contacts.email,
        contacts.phone_number,
        contacts.phone_extension,
        vendors.vendor_name,
        contacts.is_deleted
    from contacts
    left join vendors
        on
            contacts.organization_id = vendors.organization_id
            and contacts.vendor_id = vendors.vendor_id

)

select * from final
