select * from {{ ref('rec_records') }}
where result = 'missing_in_warehouse'
