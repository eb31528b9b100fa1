{{ ancestors_off_the_path('asset', root='root_asset_id') }}
