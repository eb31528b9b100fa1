{{ config(severity='warn', meta={'runs': 'marts'}) }}

{{ tests_that_found_rows('marts') }}
