select * from {{ ref('rec_work_orders') }}
where result = 'mismatch'
