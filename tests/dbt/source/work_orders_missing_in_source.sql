select * from {{ ref('rec_work_orders') }}
where result = 'missing_in_source'
