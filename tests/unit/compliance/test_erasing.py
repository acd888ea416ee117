"""The register's column about erasing: what is somebody's to have is somebody's to have erased."""

from __future__ import annotations

import pytest

from backend.compliance.register import REGISTER
from backend.compliance.register.terms import Erasure, Export, Holding, Kind, Retention

# What is not erased itself, and by what it leads nowhere.
BY_ANOTHER = {"audit_entries": "audit_subjects"}
STEPS = [holding for holding in REGISTER if isinstance(holding.erasure, Erasure)]


@pytest.mark.parametrize(
    "holding",
    [one for one in REGISTER if isinstance(one.export, Export) and one.place.kind is Kind.COLLECTION],
    ids=lambda one: one.place.name,
)
def test_what_people_get_a_copy_of_is_erased(holding: Holding) -> None:
    place = holding.place.name.partition(".")[0]  # a field goes with its document
    assert BY_ANOTHER.get(place, place) in {one.place.name for one in STEPS}


@pytest.mark.parametrize(
    "holding", [one for one in STEPS if one.place.kind is Kind.COLLECTION], ids=lambda one: one.place.name
)
def test_whom_a_restored_backup_brings_back_is_found_wherever_there_is_something_to_erase(
    holding: Holding,
) -> None:
    assert holding.people is not None, "say whom this place knows (the column `people`)"


def test_the_account_goes_last_for_the_rest_is_found_by_it() -> None:
    assert REGISTER[-1].place.name == "users"


def test_swipes_go_before_the_sessions_that_they_are_found_by() -> None:
    order = [one.place.name for one in STEPS]
    assert order.index("sessions") > max(map(order.index, ("swipes", "messages", "feedback")))


def test_no_sentence_on_erasure_is_one_on_retention() -> None:
    erased = {
        one.erasure.how if isinstance(one.erasure, Erasure) else one.erasure.because for one in REGISTER
    }
    kept = {
        one.retention.rule if isinstance(one.retention, Retention) else one.retention.because
        for one in REGISTER
    }
    assert erased & kept == set()


def test_no_place_is_there_twice_for_what_is_done_is_noted_by_name() -> None:
    names = [one.place.name for one in STEPS]
    assert len(names) == len(set(names))
