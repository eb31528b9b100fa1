"""A warehouse of 100,000 work orders and a manifest of their source with known differences.

SQL fills the raw file like an extract and a reconciliation, which together would take an hour.
"""

from pathlib import Path

from loaders.warehouse import upgrade
from loaders.warehouse.file import RawFile

ORDERS = 100_000
EVERY = 200
# The kind of difference of an order, by the remainder of its id divided by EVERY.
KINDS = {
    1: "mismatch",
    2: "missing_in_warehouse",
    3: "missing_in_source",
    4: "newer_at_source",
}

FILL = """
insert into raw._runs values
    ('extract', 'extract', 'done', '2026-03-01 08:00:00', '2026-03-01 09:00:00', 500, null),
    ('reconcile', 'reconcile', 'done', '2026-03-01 10:00:00', '2026-03-01 11:00:00', 500, null);
insert into raw.organizations values
    (1, 1, '{"id": 1, "name": "Plant"}', null, 'upsert', 'a', '2026-03-01 08:30:00', 'extract');
insert into raw._reconciliations
select
    'reconcile', 1, unnest(['work_orders', 'organizations']), 'done', 100000,
    '2026-03-01 10:00:00', '2026-03-01 11:00:00', '2026-03-01 08:00:00';

create temp table orders as
select
    id,
    case id % $every
        when 1 then 'mismatch' when 2 then 'missing_in_warehouse' when 3 then 'missing_in_source'
        when 4 then 'newer_at_source' else 'match'
    end as result,
    timestamp '2026-01-01 00:00:00' + to_seconds(id) as updated_at
from range(1, $orders + 1) as numbers(id);

-- Half of the missing orders are deleted by mistake; half of the mismatches involve a null.
insert into raw.work_orders
select
    1, id,
    json_object(
        'id', id, 'title', 'Order ' || id, 'status', 'OPEN',
        'priority', case when id % 3 = 0 then null else 'LOW' end,
        'updatedAt', strftime(updated_at, '%Y-%m-%dT%H:%M:%S.000Z')
    ),
    updated_at, 'upsert', md5(cast(id as varchar)), '2026-03-01 08:30:00', 'extract'
from orders
where result != 'missing_in_warehouse' or id // $every % 2 = 0;
insert into raw.work_orders
select 1, id, null, null, 'delete', null, '2026-03-01 08:40:00', 'extract'
from orders
where result = 'missing_in_warehouse' and id // $every % 2 = 0;

insert into raw._source_manifest
select
    'reconcile', 1, 'work_orders', id,
    json_object(
        'id', id,
        'title',
        case
            when result = 'newer_at_source' or (result = 'mismatch' and id // $every % 2 = 0)
                then 'Order ' || id || ' again'
            else 'Order ' || id
        end,
        'status', 'OPEN',
        'priority',
        case
            when result = 'mismatch' and id // $every % 2 = 1
                then case when id % 3 = 0 then 'LOW' end
            when id % 3 = 0 then null
            else 'LOW'
        end
    ),
    case
        when result = 'newer_at_source' then timestamp '2026-03-01 09:00:00' else updated_at
    end,
    '2026-03-01 10:30:00'
from orders
where result != 'missing_in_source';
insert into raw._source_manifest values
    ('reconcile', 1, 'organizations', 1, '{"id": 1, "name": "Plant"}', null, '2026-03-01 10:30:00');
"""


def fill(path: Path) -> None:
    """Create the raw file of the warehouse at `path`. It must not exist yet."""
    raw = RawFile(path)
    upgrade.prepare(raw)
    statements = FILL.replace("$orders", str(ORDERS)).replace("$every", str(EVERY))
    with raw.transaction() as connection:
        connection.execute(statements)
