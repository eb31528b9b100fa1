{{ config(severity='error', meta={'runs': 'marts'}) }}

{{ tests_that_found_rows('marts') }}
