"""Names of backups and of their files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from worker.backups.layout import backup_name, documents_file, metadata_file, moment_of

MOMENT = datetime(2026, 11, 23, 2, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("database", ["dindin", "my-dindin_2", "dindin-20261123T020001Z"])
def test_a_name_tells_its_moment(database: str) -> None:
    assert moment_of(backup_name(database, MOMENT), database) == MOMENT


def test_names_are_in_utc() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=13)))
    assert backup_name("dindin", there) == "dindin-20261123T020001Z"


@pytest.mark.parametrize(
    "name", ["dindin", "dindin-20261123", "dindin-20269923T020001Z", "dindin-2-20261123T020001Z", "exports"]
)
def test_what_is_none_of_our_backups_is_left_alone(name: str) -> None:
    assert moment_of(name, "dindin") is None


def test_files_are_named_as_mongodump_names_them() -> None:
    assert documents_file("b", "dindin", "users") == "b/dindin/users.bson.gz.age"
    assert metadata_file("b", "dindin", "a/b %ü") == "b/dindin/a%2Fb%20%25%C3%BC.metadata.json.gz.age"
