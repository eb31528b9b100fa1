"""Every fault of the catalogue is caught, by the test that its row names."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.python.faults.catalogue import FAULTS
from tests.python.faults.runner import Fault, Workshop

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("faults"), FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_it_is_caught(workshop: Workshop, fault: Fault) -> None:
    assert workshop.missed(fault) == ""


def test_a_fault_that_the_named_test_does_not_see_is_missed(workshop: Workshop) -> None:
    """The runner itself: another test is green, an unknown one is not there."""
    fault = next(fault for fault in FAULTS if fault.name == "team_assignees_lost")
    other = replace(fault, caught_by=("categories_against_staging",))
    assert workshop.missed(other) == "categories_against_staging stays green"
    none = replace(fault, caught_by=("no_such_test",))
    assert "not there" in workshop.missed(none)


def test_the_catalogue_is_no_list_of_one_thing() -> None:
    assert len(FAULTS) >= 40
    assert max(Counter(fault.name for fault in FAULTS).values()) == 1
    assert len({name for fault in FAULTS for name in fault.caught_by}) >= 40
