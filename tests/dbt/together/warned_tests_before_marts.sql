{{ config(severity='warn', meta={'runs': 'before_marts'}) }}

{{ tests_that_found_rows('before_marts') }}
