{{ rollups_unlike_their_parts('location') }}
