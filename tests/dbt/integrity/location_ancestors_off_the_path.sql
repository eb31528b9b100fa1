{{ ancestors_off_the_path('location', root='site_location_id') }}
