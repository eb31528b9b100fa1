"""The faults. To add one is to add a row: what it imitates, how it is planted, what must see it.

A row for a new mart: an Edit of its model, and the test that holds the mart against its origin.
"""

from tests.python.faults.runner import Edit, Fault, Raw

STAGING = "models/staging/maintainx/"
INTERMEDIATE = "models/intermediate/"
CORE = "models/marts/core/"
QUALITY = "models/quality/"

# Rows of the small warehouse that faults are planted into.
OPEN_ORDER = (
    "(select max(work_order_id) from marts.fct_work_orders"
    " where source_status = 'OPEN' and not is_upcoming and location_id is not null)"
)
DONE_ORDER = (
    "(select max(work_order_id) from marts.fct_work_orders"
    " where has_valid_completion and source_priority = 'HIGH')"
)
BUSY_ASSET = "(select mode(asset_id) from marts.fct_work_orders)"
LEAF_LOCATION = "(select max(location_id) from marts.dim_locations where depth > 2)"


def patched(table: str, patch: str, row: str) -> Raw:
    """The newest payload of a record with some of its fields overwritten; null takes a key away."""
    return Raw(
        table,
        f"update raw.{table} set payload = json_merge_patch(payload, '{patch}') where id = {row}"
        f" and _extracted_at = (select max(_extracted_at) from raw.{table}"
        f" where id = {row} and _operation = 'upsert')",
    )


def deleted(table: str, row: str) -> Raw:
    """A deletion that no one saw, loaded before the reconciliation."""
    return Raw(
        table,
        f"insert into raw.{table} select organization_id, id, null, null, 'delete', null,"
        f" max(_extracted_at) + interval 1 millisecond, max(_run_id) from raw.{table}"
        f" where id = {row} group by organization_id, id",
    )


DATA = (
    Fault(
        "row_dropped",
        "a load that lost a record",
        (Raw("work_orders", f"delete from raw.work_orders where id = {DONE_ORDER}"),),
        ("work_orders_missing_in_warehouse", "log_unlike_its_runs"),
    ),
    Fault(
        "row_doubled",
        "a load that ran twice",
        (
            Raw(
                "work_orders",
                "insert into raw.work_orders select * replace"
                " (_extracted_at + interval 1 millisecond as _extracted_at) from raw.work_orders"
                f" where id = {DONE_ORDER}",
            ),
        ),
        ("rows_landed_twice", "log_unlike_its_runs"),
    ),
    Fault(
        "row_doubled_in_one_landing",
        "a page that was read twice",
        (
            Raw(
                "work_orders",
                f"insert into raw.work_orders from raw.work_orders where id = {DONE_ORDER}",
            ),
        ),
        ("unique_key_stg_maintainx__work_orders_organization_id__work_order_id",),
    ),
    Fault(
        "key_left_empty",
        "a row of a seed whose key was not filled in",
        (Edit("seeds/work_order_statuses.csv", "OPEN,", ",Unknown,true\nOPEN,"),),
        ("unique_key_work_order_statuses_source_status",),
    ),
    Fault(
        "row_invented",
        "a record typed in by hand",
        (
            Raw(
                "work_orders",
                "insert into raw.work_orders select * replace (id + 777777 as id)"
                f" from raw.work_orders where id = {DONE_ORDER}",
            ),
        ),
        ("work_orders_missing_in_source",),
    ),
    Fault(
        "status_swapped",
        "a payload that was changed on its way",
        (patched("work_orders", '{"status": "CANCELED"}', DONE_ORDER),),
        ("work_orders_unlike_the_source",),
    ),
    Fault(
        "priority_lost",
        "a field that is null on one side only",
        (patched("work_orders", '{"priority": null}', DONE_ORDER),),
        ("work_orders_unlike_the_source",),
    ),
    Fault(
        "change_skipped_by_the_watermark",
        "a list that lagged until the watermark had passed a change",
        (
            Raw(
                "work_orders",
                "delete from raw.work_orders where (payload->>'status') = 'ON_HOLD'"
                " and _extracted_at = (select max(_extracted_at) from raw.work_orders"
                " where organization_id = 4201)",
            ),
        ),
        ("work_orders_unlike_the_source",),
    ),
    Fault(
        "deletion_that_was_none",
        "a list that lagged, taken at its word",
        (deleted("work_orders", DONE_ORDER),),
        ("work_orders_missing_in_warehouse",),
    ),
    Fault(
        "deletion_not_landed",
        "a sweep that failed",
        (
            Raw(
                "work_orders",
                "delete from raw.work_orders where _operation = 'delete' and id ="
                " (select max(work_order_id) from marts.fct_work_order_deletions"
                " where is_still_deleted)",
            ),
        ),
        ("work_orders_missing_in_source",),
    ),
    Fault(
        "asset_dropped",
        "a list of which a page was lost",
        (Raw("assets", f"delete from raw.assets where id = {BUSY_ASSET}"),),
        ("records_missing_in_warehouse", "work_orders_of_unknown_asset", "orphans"),
    ),
    Fault(
        "team_invented",
        "a record that MaintainX no longer lists",
        (
            Raw(
                "teams",
                "insert into raw.teams select * replace (777777 as id) from raw.teams limit 1",
            ),
        ),
        ("records_missing_in_source",),
    ),
    Fault(
        "list_no_longer_extracted",
        "a watermark that went stale",
        (
            Raw(
                "_run_resources",
                "update raw._run_resources set ended_at = ended_at - interval 4 day"
                " where resource = 'work_orders'",
            ),
        ),
        ("source:maintainx.work_orders",),
    ),
    Fault(
        "reject_not_kept",
        "a record that was thrown away",
        (Raw("_rejects", "delete from raw._rejects"),),
        ("rejects_unlike_their_runs",),
    ),
    Fault(
        "run_logged_twice",
        "a run log that was merged with a copy",
        (Raw("_runs", "insert into raw._runs from raw._runs limit 1"),),
        ("unique_key_stg_maintainx__runs_run_id",),
    ),
    Fault(
        "location_with_a_broken_parent",
        "a parent outside what the key sees",
        (patched("locations", '{"parentId": 777777}', LEAF_LOCATION),),
        ("locations_with_unknown_parent", "orphans"),
    ),
    Fault(
        "asset_with_a_broken_parent",
        "a parent outside what the key sees",
        (patched("assets", '{"parentId": 777777}', BUSY_ASSET),),
        ("assets_with_unknown_parent",),
    ),
    Fault(
        "location_below_itself",
        "a cycle of parents",
        (
            Raw(
                "locations",
                "update raw.locations set payload = json_merge_patch(payload,"
                f" json_object('parentId', id)) where id = {LEAF_LOCATION}",
            ),
        ),
        ("locations_in_a_cycle", "hierarchy_cycles"),
    ),
    Fault(
        "order_in_an_unknown_organization",
        "an organization that the list of organizations lacks",
        (
            Raw(
                "work_orders",
                f"update raw.work_orders set organization_id = 777777 where id = {DONE_ORDER}",
            ),
        ),
        ("work_orders_of_unknown_organization",),
    ),
    Fault(
        "unknown_status",
        "a status that MaintainX invented since",
        (patched("work_orders", '{"status": "FROZEN"}', OPEN_ORDER),),
        ("work_orders_of_unknown_status", "unknown_values"),
    ),
    Fault(
        "unknown_work_type",
        "a type that MaintainX invented since",
        (patched("work_orders", '{"type": "INSPECTION"}', OPEN_ORDER),),
        ("work_orders_of_unknown_type",),
    ),
    Fault(
        "unknown_key",
        "a field that MaintainX began to send",
        (patched("work_orders", '{"carbonFootprint": 5}', OPEN_ORDER),),
        ("schema_drift",),
    ),
    Fault(
        "vanished_key",
        "a field that MaintainX ceased to send",
        (
            Raw(
                "teams",
                "update raw.teams set payload = json_merge_patch(payload, '{\"name\": null}')",
            ),
        ),
        ("schema_drift", "teams_without_a_name"),
    ),
    Fault(
        "date_to_come",
        "a year that was mistyped",
        (patched("work_orders", '{"completedAt": "2099-01-01T00:00:00Z"}', DONE_ORDER),),
        ("future_dates", "work_orders_completed_outside_the_calendar"),
    ),
    Fault(
        "date_before_the_calendar",
        "a year that was mistyped",
        (patched("work_orders", '{"createdAt": "1950-01-01T00:00:00Z"}', DONE_ORDER),),
        ("work_orders_created_outside_the_calendar",),
    ),
    Fault(
        "completed_before_creation",
        "work that was typed in afterwards",
        (patched("work_orders", '{"completedAt": "2001-01-01T00:00:00Z"}', DONE_ORDER),),
        ("work_orders_completed_before_creation", "negative_durations"),
    ),
    Fault(
        "done_without_completion",
        "an import without times",
        (patched("work_orders", '{"completedAt": null}', DONE_ORDER),),
        ("work_orders_done_without_completion",),
    ),
    Fault(
        "negative_labour",
        "a correction typed in as negative time",
        (patched("work_orders", '{"timeItems": [{"durationTotal": -60}]}', DONE_ORDER),),
        ("negative_durations",),
    ),
    Fault(
        "blank_location",
        "a name of blanks alone",
        (patched("locations", '{"name": "  "}', LEAF_LOCATION),),
        ("blank_names", "locations_without_a_name"),
    ),
    Fault(
        "user_entered_twice",
        "one address, two users",
        (
            Raw(
                "users",
                "update raw.users set payload = json_merge_patch(payload,"
                ' \'{"email": "same@example.org"}\') where organization_id ='
                " (select min(organization_id) from raw.users)",
            ),
        ),
        ("duplicates",),
    ),
    Fault(
        "open_work_of_a_user_who_left",
        "a user who was removed with work assigned",
        (
            deleted(
                "users",
                "(select mode(user_id) from marts.bridge_work_order_assignees"
                " inner join marts.fct_work_orders using (organization_id, work_order_id)"
                " where is_open)",
            ),
        ),
        ("open_orders_of_removed_users",),
    ),
    Fault(
        "category_renamed",
        "a category that orders still know by its former name",
        (
            Raw(
                "categories",
                "update raw.categories set payload = json_merge_patch(payload,"
                " '{\"label\": \"Renamed\"}') where (payload->>'label') = 'Mechanical'",
            ),
        ),
        ("work_orders_of_unknown_category",),
    ),
    Fault(
        "time_zone_unknown",
        "an organization without a usable time zone",
        (
            Raw(
                "organizations",
                "update raw.organizations set payload = json_merge_patch(payload,"
                ' \'{"timezone": "Mars/Olympus", "timeZone": "Mars/Olympus"}\')',
            ),
        ),
        ("organizations_without_a_time_zone",),
    ),
)

SEEDS = (
    Fault(
        "status_removed_from_the_seed",
        "a mapping row that someone deleted",
        (Edit("seeds/work_order_statuses.csv", "ON_HOLD,Paused,true\n", ""),),
        ("work_orders_of_unknown_status", "unknown_values"),
    ),
    Fault(
        "priority_removed_from_the_seed",
        "a mapping row that someone deleted",
        (Edit("seeds/work_order_priorities.csv", "HIGH,3", ""),),
        ("work_orders_of_unknown_priority",),
    ),
    Fault(
        "status_twice_in_the_seed",
        "a mapping row that someone copied",
        (Edit("seeds/work_order_statuses.csv", "DONE,", "OPEN,Waiting,true\nDONE,"),),
        ("unique_key_work_order_statuses_source_status",),
    ),
    Fault(
        "done_called_open",
        "a mapping row that someone changed",
        (Edit("seeds/work_order_statuses.csv", "DONE,Completed,false", "DONE,Completed,true"),),
        ("work_orders_with_contradicting_flags",),
    ),
    Fault(
        "known_key_removed_from_the_seed",
        "a list of known keys that fell behind",
        (Edit("seeds/known_keys.csv", "\nwork_orders,title,", "\nwork_orders,titel,"),),
        ("schema_drift",),
    ),
)

STAGED = (
    Fault(
        "time_zone_shifted",
        "UTC read as local time",
        (
            Edit(
                "macros/time/to_utc_timestamp.sql",
                "at time zone 'UTC'",
                "at time zone 'Asia/Tokyo'",
            ),
        ),
        ("moments_against_raw",),
    ),
    Fault(
        "oldest_row_for_the_newest",
        "the first payload of a record instead of the last",
        (Edit("macros/log/newest_records.sql", "max(case when", "min(case when"),),
        ("moments_against_raw", "fields_against_raw"),
    ),
    Fault(
        "deleted_records_dropped_from_staging",
        "a filter where none belongs",
        (
            Edit(
                f"{STAGING}stg_maintainx__work_orders.sql",
                "    from records\n",
                "    from records\n    where not is_deleted\n",
            ),
        ),
        ("staging_against_raw",),
    ),
    Fault(
        "two_users_swapped",
        "a key read under the name of another",
        (
            Edit(
                "macros/maintainx/work_order_payload.sql", "record.completerId", "record.creatorId"
            ),
        ),
        ("fields_against_raw",),
    ),
    Fault(
        "field_for_one_that_is_not_sent",
        "a value where MaintainX sent none",
        (
            Edit(
                "macros/maintainx/part_payload.sql",
                "record.maximumQuantity as",
                "coalesce(record.maximumQuantity, 0) as",
            ),
        ),
        ("fields_against_raw",),
    ),
    Fault(
        "array_read_from_another_field",
        "two lists swapped",
        (
            Edit(
                "macros/maintainx/asset_payload.sql",
                "json_list('record.teamIds')",
                "json_list('record.vendorIds')",
            ),
        ),
        ("fields_against_raw",),
    ),
    Fault(
        "labour_read_as_costs",
        "two lists swapped",
        (
            Edit(
                "macros/maintainx/work_order_payload.sql",
                "json_list('record.timeItems')",
                "json_list('record.expenditures')",
            ),
        ),
        ("work_order_sums_against_raw",),
    ),
    Fault(
        "version_lost",
        "history without the deletions",
        (
            Edit(
                f"{INTERMEDIATE}int_work_orders__versions.sql",
                "    left join changes\n",
                "    inner join changes\n",
            ),
        ),
        ("versions_against_raw",),
    ),
)

HIERARCHIES = (
    Fault(
        "path_of_the_wrong_parent",
        "a path that skips what lies between root and leaf",
        (
            Edit(
                "macros/hierarchy/hierarchy_paths.sql",
                "walk_down.path || ' > '",
                "root_name || ' > '",
            ),
        ),
        ("locations_off_the_path_of_their_parent", "assets_off_the_path_of_their_parent"),
    ),
    Fault(
        "cycle_not_flagged",
        "a circle of parents taken for a path",
        (
            Edit(
                "macros/hierarchy/hierarchy_paths.sql",
                "true as is_in_cycle\n    from cycle_paths",
                "false as is_in_cycle\n    from cycle_paths",
            ),
        ),
        ("locations_off_the_path_of_their_parent", "assets_off_the_path_of_their_parent"),
    ),
)

HISTORY = (
    Fault(
        "periods_with_a_gap",
        "a period that ends a day early",
        (
            Edit(
                "macros/log/version_periods.sql",
                ") as valid_to\n    from begun_versions",
                ") - interval 1 day as valid_to\n    from begun_versions",
            ),
        ),
        ("work_order_versions_without_gaps",),
    ),
    Fault(
        "periods_that_overlap",
        "a period that ends when the next is loaded, not with its start",
        (
            Edit(
                "macros/log/version_periods.sql",
                "lead(valid_from) over (",
                "lead(extracted_at) over (",
            ),
        ),
        ("work_order_versions_without_gaps",),
    ),
    Fault(
        "periods_of_an_asset_overlap",
        "an off-by-one in the end of a period",
        (
            Edit(
                "macros/log/slow_changes.sql",
                ") as valid_to\n",
                ") + interval 1 second as valid_to\n",
            ),
        ),
        ("asset_versions_without_gaps", "part_versions_without_gaps"),
    ),
    Fault(
        "field_left_out_of_the_audit_trail",
        "a field that nobody added to the list",
        (Edit("macros/maintainx/work_order_fields.sql", "'assignees',\n        ", ""),),
        ("field_changes_against_versions",),
    ),
    Fault(
        "audit_trail_unsafe_for_nulls",
        "a comparison that a null slips through",
        (
            Edit(
                f"{CORE}fct_work_order_field_changes.sql",
                "old_{{ field }} is distinct from new_{{ field }}",
                "old_{{ field }} != new_{{ field }}",
            ),
        ),
        ("changes_against_versions", "field_changes_against_versions"),
    ),
    Fault(
        "status_change_invented",
        "a status between creation and first sight",
        (Edit(f"{INTERMEDIATE}int_work_orders__status_events.sql", "'OPEN'", "'IN_PROGRESS'"),),
        ("status_changes_against_versions",),
    ),
    Fault(
        "status_change_lost",
        "changes to one status filtered out",
        (
            Edit(
                f"{CORE}fct_work_order_status_changes.sql",
                "    from events\n",
                "    from events\n    where status != 'ON_HOLD'\n",
            ),
        ),
        ("changes_against_versions", "status_changes_against_versions"),
    ),
    Fault(
        "hours_in_status_too_long",
        "hours since the last change but one",
        (
            Edit(
                f"{CORE}fct_work_order_status_changes.sql",
                "lag(happened_at) over",
                "first_value(happened_at) over",
            ),
        ),
        ("durations_against_moments",),
    ),
    Fault(
        "deletion_not_told",
        "only deletions that MaintainX marks",
        (
            Edit(
                f"{CORE}fct_work_order_deletions.sql",
                "and not flagged.was_deleted",
                "and not flagged.was_deleted and not flagged.is_gone",
            ),
        ),
        ("deletions_against_staging",),
    ),
    Fault(
        "change_of_an_asset_lost",
        "a history that looks at some of its columns",
        (
            Edit(
                "macros/log/slow_changes.sql",
                "        {%- for column in columns %}\n        or {{",
                "        {%- for column in columns[:3] %}\n        or {{",
            ),
        ),
        ("histories_against_dimensions",),
    ),
)

MARTS = (
    Fault(
        "deleted_orders_left_in",
        "a filter that is too wide",
        (
            Edit(
                f"{INTERMEDIATE}int_work_orders__not_deleted.sql",
                "not work_orders.is_deleted\n        and ",
                "",
            ),
        ),
        ("work_orders_against_staging",),
    ),
    Fault(
        "canceled_orders_left_out",
        "a filter that is too narrow",
        (
            Edit(
                f"{INTERMEDIATE}int_work_orders__not_deleted.sql",
                "not work_orders.is_deleted",
                "not work_orders.is_deleted and work_orders.status != 'CANCELED'",
            ),
        ),
        ("work_orders_against_staging",),
    ),
    Fault(
        "completed_at_swapped",
        "a time under the name of another",
        (
            Edit(
                f"{CORE}fct_work_orders.sql",
                "        work_orders.completed_at,\n        work_orders.last_",
                "        work_orders.updated_at as completed_at,\n        work_orders.last_",
            ),
        ),
        ("columns_against_staging",),
    ),
    Fault(
        "label_for_the_description",
        "a column copied from another of the same type",
        (
            Edit(
                f"{CORE}dim_categories.sql",
                "        description,\n",
                "        label as description,\n",
            ),
        ),
        ("columns_against_staging",),
    ),
    Fault(
        "two_notes_swapped",
        "two columns that took each other's place",
        (
            Edit(
                f"{CORE}fct_purchase_orders.sql",
                "        zoned.note,\n        zoned.review_note,\n",
                "        zoned.review_note as note,\n        zoned.note as review_note,\n",
            ),
        ),
        ("columns_against_staging",),
    ),
    Fault(
        "renamed_from_the_wrong_column",
        "a column of another name that copies its neighbour",
        (
            Edit(
                f"{CORE}dim_maintenance_plans.sql",
                "plans.next_scheduled_work_order_due_at as next_due_at",
                "plans.last_planned_due_at as next_due_at",
            ),
        ),
        ("columns_against_staging",),
    ),
    Fault(
        "custom_fields_left_empty",
        "a column of JSON that is always null",
        (
            Edit(
                f"{CORE}dim_locations.sql",
                "locations.extra_fields as custom_fields",
                "cast(null as json) as custom_fields",
            ),
        ),
        ("columns_against_staging",),
    ),
    Fault(
        "archived_plans_left_out",
        "a filter where none belongs",
        (
            Edit(
                f"{CORE}dim_maintenance_plans.sql",
                "    from {{ ref('stg_maintainx__maintenance_plans') }}\n",
                "    from {{ ref('stg_maintainx__maintenance_plans') }}\n"
                "    where archived_at is null\n",
            ),
        ),
        ("records_against_staging",),
    ),
    Fault(
        "request_dropped",
        "an inner join where a left join belongs",
        (Edit(f"{CORE}fct_work_requests.sql", "left join locations", "inner join locations"),),
        ("records_against_staging",),
    ),
    Fault(
        "dimension_without_its_deleted",
        "a dimension that forgets whom facts still name",
        (
            deleted("teams", "(select min(id) from raw.teams)"),
            Edit(
                f"{CORE}dim_teams.sql",
                "            and teams.team_id = details.team_id\n",
                "            and teams.team_id = details.team_id\n    where not teams.is_deleted\n",
            ),
        ),
        ("records_against_staging",),
    ),
    Fault(
        "team_assignees_lost",
        "assignees of one type filtered out",
        (
            Edit(
                f"{CORE}bridge_work_order_assignees.sql",
                "where source_id is not null",
                "where source_id is not null and assignee_type = 'USER'",
            ),
        ),
        ("assignees_against_staging",),
    ),
    Fault(
        "removed_comments_kept",
        "a comment that its order no longer has, taken for one that it has",
        (
            Edit(
                f"{INTERMEDIATE}int_work_orders__comments.sql",
                "versions.extracted_at < versions.newest_extracted_at as is_deleted",
                "false as is_deleted",
            ),
        ),
        ("entries_against_lists",),
    ),
    Fault(
        "parents_without_their_own_costs",
        "a sum over the sub-work-orders alone",
        (
            Edit(
                f"{INTERMEDIATE}int_work_orders__families.sql",
                "'amounts.total_cost + coalesce(sums.total_cost, 0)'",
                "'coalesce(sums.total_cost, 0)'",
            ),
        ),
        ("families_that_do_not_add_up",),
    ),
    Fault(
        "team_work_for_each_member",
        "hours of a team that each member has in full",
        (
            Edit(
                "models/marts/maintenance/mart_workload_of_people_weekly.sql",
                "loads.imputed_hours / members.member_count",
                "loads.imputed_hours",
            ),
        ),
        ("workload_of_people_unlike_the_loads",),
    ),
    Fault(
        "vendors_of_open_orders_alone",
        "a filter that is too narrow",
        (
            Edit(
                f"{CORE}bridge_work_order_vendors.sql",
                "where vendor_id is not null",
                "where vendor_id is not null and work_orders.status = 'OPEN'",
            ),
        ),
        ("entries_against_lists",),
    ),
    Fault(
        "vendors_with_another_separator",
        "two ways to ask that give two answers",
        (
            Edit(
                f"{CORE}fct_work_orders.sql",
                "joined(name_or_else('vendor_name', 'vendor_id'), 'position') }}",
                "joined(name_or_else('vendor_name', 'vendor_id'), 'position') }} || ' '",
            ),
        ),
        ("names_against_bridges",),
    ),
    Fault(
        "receipts_of_the_first_line_alone",
        "only the first of several",
        (
            Edit(
                f"{CORE}fct_purchase_order_receipts.sql",
                "where receipt.quantityreceived is not null",
                "where receipt.quantityreceived is not null and lines.line_number = 1",
            ),
        ),
        ("entries_against_lists",),
    ),
    Fault(
        "open_transfers_alone",
        "a filter that is too narrow",
        (
            Edit(
                f"{CORE}fct_part_transfers.sql",
                "where not is_deleted",
                "where not is_deleted and status = 'PENDING'",
            ),
        ),
        ("records_against_staging",),
    ),
    Fault(
        "unlisted_for_required",
        "a flag that took the other's",
        (
            Edit(
                f"{CORE}dim_custom_fields.sql",
                "coalesce(is_required, false) as is_required",
                "coalesce(is_unlisted, false) as is_required",
            ),
        ),
        ("custom_fields_against_staging",),
    ),
    Fault(
        "category_lost",
        "only the first of several",
        (
            Edit(
                f"{INTERMEDIATE}int_work_orders__categories.sql",
                "where category_name != ''",
                "where category_name != '' and position = 1",
            ),
        ),
        ("categories_against_staging",),
    ),
    Fault(
        "categories_in_another_order",
        "two ways to ask that give two answers",
        (
            Edit(
                f"{CORE}fct_work_orders.sql",
                "joined('category_name', 'position')",
                "joined('category_name', '-position')",
            ),
        ),
        ("names_against_bridges",),
    ),
    Fault(
        "custom_fields_of_a_list_lost",
        "a list left out of a union",
        (Edit(f"{CORE}fct_custom_field_values.sql", "'vendors': 'vendor_id',", ""),),
        ("custom_field_values_against_staging",),
    ),
    Fault(
        "requester_and_completer_swapped",
        "a column of names that took the other's",
        (
            Edit(
                f"{CORE}fct_work_orders.sql",
                "completers.full_name as completed_by_name",
                "requesters.full_name as completed_by_name",
            ),
        ),
        ("copies_against_dimensions",),
    ),
    Fault(
        "site_for_the_location",
        "a column of names that took the other's",
        (
            Edit(
                f"{CORE}fct_work_requests.sql",
                "locations.location_name",
                "locations.site_name as location_name",
            ),
        ),
        ("copies_against_dimensions",),
    ),
    Fault(
        "priority_join_missed",
        "a join on a text in another case",
        (
            Edit(
                f"{CORE}fct_work_orders.sql",
                "on work_orders.priority = priorities.source_priority",
                "on lower(work_orders.priority) = priorities.source_priority",
            ),
        ),
        ("ranks_against_seeds",),
    ),
    Fault(
        "cost_of_parts_times_100",
        "cents taken for units",
        (Edit(f"{CORE}dim_parts.sql", "unit_cost_cents / 100", "unit_cost_cents"),),
        ("amounts_against_staging",),
    ),
    Fault(
        "hourly_rate_of_the_past_times_100",
        "cents taken for units, in the history alone",
        (Edit(f"{CORE}dim_users_history.sql", "hourly_rate_cents / 100", "hourly_rate_cents"),),
        ("histories_against_dimensions",),
    ),
    Fault(
        "minutes_for_hours",
        "a unit mixed up",
        (
            Edit(
                f"{INTERMEDIATE}int_work_orders__judged.sql",
                "'completed_at') }}\n        end as duration_hours",
                "'completed_at') }} * 60\n        end as duration_hours",
            ),
        ),
        ("durations_against_moments",),
    ),
    Fault(
        "overdue_a_day_too_long",
        "an off-by-one in days",
        (
            Edit(
                f"{INTERMEDIATE}int_work_orders__judged.sql",
                "dbt.datediff('due_on', 'as_of_on', 'day') }}",
                "dbt.datediff('due_on', 'as_of_on', 'day') }} + 1",
            ),
        ),
        ("durations_against_moments",),
    ),
    Fault(
        "days_counted_in_utc",
        "a time zone forgotten",
        (
            Edit(
                f"{INTERMEDIATE}int_work_orders__judged.sql",
                "local_date('zoned.created_at', 'zoned.time_zone')",
                "local_date('zoned.created_at', \"'UTC'\")",
            ),
        ),
        ("days_against_moments",),
    ),
    Fault(
        "upcoming_orders_overdue",
        "a flag without its exception",
        (
            patched(
                "work_orders",
                '{"startDate": "2030-01-01T00:00:00Z", "dueDate": "2026-01-01T00:00:00Z"}',
                OPEN_ORDER,
            ),
            Edit(
                f"{INTERMEDIATE}int_work_orders__judged.sql",
                "is_open and not is_upcoming and",
                "is_open and",
            ),
        ),
        ("work_orders_with_contradicting_flags",),
    ),
    Fault(
        "full_day_overdue_on_its_day",
        "an off-by-one at the end of a day",
        (Edit(f"{INTERMEDIATE}int_work_orders__judged.sql", "'due_on', 1)", "'due_on', 0)"),),
        ("overdue_ends_with_the_local_day",),
    ),
    Fault(
        "calendar_with_holes",
        "days that are missing from a series",
        (
            Edit(
                f"{CORE}dim_dates.sql",
                "    from weeks\n",
                "    from weeks\n    where day_of_week != 7\n",
            ),
        ),
        ("dates_with_gaps",),
    ),
    Fault(
        "calendar_too_short",
        "a calendar that begins after the first order",
        (Edit(f"{CORE}dim_dates.sql", "- interval 2 year", "+ interval 2 year"),),
        ("work_orders_created_outside_the_calendar",),
    ),
)

COSTS_AND_DOWNTIME = (
    Fault(
        "costs_times_100",
        "cents taken for units",
        (
            Edit(
                f"{INTERMEDIATE}int_work_orders__cost_entries.sql",
                "'amount_cents / 100'",
                "'amount_cents'",
            ),
        ),
        ("costs_against_staging",),
    ),
    Fault(
        "asset_up_while_it_is_down",
        "downtime that is not taken off",
        (
            Edit(
                "models/marts/reliability/fct_asset_days.sql",
                "(required_milliseconds - stopped_milliseconds)",
                "required_milliseconds",
            ),
        ),
        ("asset_days_that_do_not_add_up",),
    ),
    Fault(
        "minutes_for_hours_of_downtime",
        "a unit mixed up",
        (
            Edit(
                "models/marts/reliability/mart_downtime_reasons.sql",
                "* 3600 as decimal(28, 6)) as seconds",
                "* 60 as decimal(28, 6)) as seconds",
            ),
        ),
        ("downtime_reasons_unlike_bad_actors",),
    ),
    Fault(
        "status_for_the_asset",
        "an id under the name of another",
        (
            Edit(
                "models/marts/reliability/fct_root_cause_analyses.sql",
                "reports.main_asset_status_id as asset_status_id",
                "reports.main_asset_id as asset_status_id",
            ),
        ),
        ("columns_against_staging",),
    ),
    Fault(
        "downtime_that_overlaps",
        "an interval that never ends",
        (
            Edit(
                "models/marts/reliability/fct_asset_status_intervals.sql",
                "max(ended_at) as ended_at",
                "max(ended_at) + interval 1000 day as ended_at",
            ),
        ),
        ("asset_status_intervals_that_overlap",),
    ),
    Fault(
        "root_left_out_of_its_tree",
        "a walk up that stops before the top",
        (Edit("macros/hierarchy/hierarchy_ancestors.sql", "remaining > 1", "remaining > 2"),),
        ("location_ancestors_off_the_path", "asset_ancestors_off_the_path"),
    ),
)

PROMISES = (
    Fault(
        "organization_forgotten_in_a_join",
        "two organizations that share an id",
        (
            Raw(
                "locations",
                "insert into raw.locations select * replace (4202 as organization_id)"
                " from raw.locations where organization_id = 4201",
            ),
            Edit(
                f"{CORE}fct_work_orders.sql",
                "work_orders.organization_id = locations.organization_id\n            and ",
                "",
            ),
        ),
        ("unique_key_fct_work_orders_organization_id__work_order_id",),
    ),
    Fault(
        "organization_forgotten_among_labels",
        "two organizations that share a name",
        (
            Edit(
                f"{CORE}bridge_work_order_categories.sql",
                "labels.organization_id = categories_by_name.organization_id\n            and ",
                "",
            ),
        ),
        ("unique_key_bridge_work_order_categories_organization_id__work_order_id__category_name",),
    ),
    Fault(
        "mart_row_doubled",
        "a union with itself",
        (
            Edit(
                f"{CORE}dim_vendors.sql",
                "select * from final",
                "select * from final union all select * from final",
            ),
        ),
        ("unique_key_dim_vendors_organization_id__vendor_id",),
    ),
    Fault(
        "path_that_is_null",
        "a promise of no null, broken",
        (
            Edit(
                f"{CORE}fct_work_orders.sql",
                "coalesce(locations.location_path, '') as location_path",
                "locations.location_path",
            ),
        ),
        ("fct_work_orders",),
    ),
    Fault(
        "column_renamed",
        "a column that analysts know by its former name",
        (Edit(f"{CORE}dim_teams.sql", "name as team_name", "name as team"),),
        ("dim_teams",),
    ),
    Fault(
        "column_of_another_type",
        "an amount that became text",
        (
            Edit(
                f"{CORE}dim_parts.sql",
                "{{ to_amount('unit_cost_cents / 100') }}",
                "cast(unit_cost_cents / 100 as string)",
            ),
        ),
        ("dim_parts",),
    ),
)

COMPARISONS = (
    Fault(
        "reconciliation_unsafe_for_nulls",
        "a comparison that a null slips through",
        (
            Edit(
                f"{QUALITY}rec_work_orders.sql",
                "                source_{{ column }} is distinct from warehouse_{{ column }}\n",
                "                source_{{ column }} != warehouse_{{ column }}\n",
            ),
        ),
        ("work_orders_are_held_against_the_source",),
    ),
    Fault(
        "reconciliation_past_the_watermark",
        "a change that is yet to be read, called a mismatch",
        (
            Edit(
                f"{QUALITY}rec_work_orders.sql",
                "pairs.source_updated_at > readings.watermark",
                "pairs.source_updated_at < readings.watermark",
            ),
        ),
        ("work_orders_are_held_against_the_source",),
    ),
    Fault(
        "orphan_with_a_namesake_elsewhere",
        "a reference found in another organization",
        (
            Edit(
                f"{QUALITY}checks/check_orphans.sql",
                "referring.organization_id = referred.organization_id\n                and ",
                "",
            ),
        ),
        ("orphans_point_to_nothing",),
    ),
)

ALL_MARTS = (
    Fault(
        "coverage_of_more_than_all",
        "days of a site divided by those of another zone",
        (
            Edit(
                "models/marts/reliability/mart_bad_actors.sql",
                "+ {{ dbt.datediff('assets.from_on', 'assets.to_on', 'day') }}",
                "+ 29",
            ),
        ),
        ("ratios_beyond_one",),
    ),
    Fault(
        "months_to_come",
        "a report that shows what nobody could know at the as-of time",
        (
            Edit(
                "models/marts/maintenance/mart_pm_compliance_monthly.sql",
                "local_today('work_orders.time_zone')",
                "\"cast('2100-01-01' as date)\"",
            ),
        ),
        ("rows_after_as_of",),
    ),
    Fault(
        "site_under_two_names",
        "a label that is made in two places",
        (
            Edit(
                "models/marts/maintenance/mart_work_mix_monthly.sql",
                "coalesce(sites.site_name, '')",
                "upper(coalesce(sites.site_name, ''))",
            ),
        ),
        ("labels_unlike_their_dimensions",),
    ),
    Fault(
        "work_without_an_asset_off_the_board",
        "a join that drops orders",
        (
            Edit(
                "models/marts/maintenance/mart_shift_board.sql",
                "left join assets",
                "inner join assets",
            ),
        ),
        ("shift_board_unlike_the_orders",),
    ),
    Fault(
        "short_entries_dropped",
        "a condition that drops entries of less than an hour",
        (
            Edit(
                "models/marts/maintenance/mart_labour_utilization_weekly.sql",
                "and hours > 0",
                "and hours >= 1",
            ),
        ),
        ("utilization_unlike_the_orders",),
    ),
    Fault(
        "canceled_orders_late",
        "a vendor that is blamed for canceled orders",
        (
            Edit(
                "models/marts/inventory/mart_vendor_delivery.sql",
                "'DECLINED', 'CANCELED')",
                "'DECLINED')",
            ),
        ),
        ("deliveries_unlike_the_orders",),
    ),
    Fault(
        "schedule_before_history",
        "a schedule that nobody saw",
        (
            Edit(
                "models/marts/maintenance/mart_schedule_compliance_weekly.sql",
                "weeks.week_begins_at >= histories.began_at",
                "weeks.week_begins_at < histories.began_at",
            ),
        ),
        ("schedule_unlike_the_orders",),
    ),
)

FAULTS = (
    *DATA,
    *SEEDS,
    *STAGED,
    *HIERARCHIES,
    *HISTORY,
    *MARTS,
    *COSTS_AND_DOWNTIME,
    *PROMISES,
    *COMPARISONS,
    *ALL_MARTS,
)
