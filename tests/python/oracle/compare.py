"""List the differences between a mart and the oracle."""

from collections.abc import Sequence
from decimal import Decimal
from math import isclose
from typing import Any

from tests.python.oracle.organization import Row

Keyed = dict[tuple[Any, ...], Row]


def keyed(rows: Sequence[Row], key: Sequence[str]) -> Keyed:
    """Rows by their primary key."""
    found = {tuple(row[column] for column in key): row for row in rows}
    assert len(found) == len(rows), f"rows that share a key of {key}"
    return found


def agrees(found: Any, expected: Any) -> bool:
    """Counts, days and texts exactly; money to the last digit that the mart has; hours and ratios
    to a billionth."""
    if found is None or expected is None:
        return found is expected
    if isinstance(found, Decimal) or isinstance(expected, Decimal):
        last = Decimal(str(found)).as_tuple().exponent
        assert isinstance(last, int), "no number"
        tolerance = Decimal(5).scaleb(min(last, -2) - 1)
        return abs(Decimal(str(found)) - Decimal(str(expected))) < tolerance
    if isinstance(found, float) or isinstance(expected, float):
        return isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
    return bool(found == expected)


def differences(mart: Keyed, oracle: Keyed) -> list[str]:
    """One line per row that only one side has, and one line per different value."""
    lines = [f"{key}: only in the mart" for key in mart.keys() - oracle.keys()]
    lines += [f"{key}: only in the oracle" for key in oracle.keys() - mart.keys()]
    lines += [
        f"{key} {column}: mart {mart[key][column]!r}, oracle {expected!r}"
        for key in mart.keys() & oracle.keys()
        for column, expected in oracle[key].items()
        if not agrees(mart[key][column], expected)
    ]
    return sorted(lines)
