"""What is told once somebody was erased whom it named."""

from __future__ import annotations

import pytest

from backend.notifications.kinds import Kind, News, text_of, without_actor, without_name

DATA = {
    "host_name": "Ada",
    "display_name": "Ada",
    "user_id": "6b0000000000000000000000",
    "group_id": "6b0000000000000000000001",
    "group_name": "Ada's kitchen",
}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_its_sentence_with_and_without_names(kind: Kind) -> None:
    said = News(kind, "a key", DATA).text
    assert "{" not in said
    assert "Ada" in said
    assert "Ada" not in text_of(kind, without_name(without_actor(DATA)))


def test_who_did_it_and_what_the_group_is_called_go_each_by_itself() -> None:
    assert without_actor(DATA) == {
        "host_name": "Somebody",
        "display_name": "Somebody",
        "group_id": DATA["group_id"],
        "group_name": "Ada's kitchen",
    }
    assert without_name(DATA) == {**DATA, "group_name": "a group"}
    assert without_actor({"group_name": "Home"}) == without_name({}) | {"group_name": "Home"}
