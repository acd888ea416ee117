"""ETag and If-Match: nobody overwrites what they have not seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Account

CASES = [
    ("/users/me", "PATCH", {"display_name": "Ada L."}, {"display_name": "Augusta"}),
    ("/users/me/preferences", "PUT", {"max_price": 2}, {"dietary": ["vegan"]}),
]


@pytest.fixture
def ada(register: Callable[..., Account]) -> Account:
    ada = register()
    ada.agree()
    return ada


def change(one: Account, path: str, method: str, body: dict[str, Any], tag: str | None = None) -> Any:
    headers = {**one.headers, **({"If-Match": tag} if tag is not None else {})}
    return one.http.open(f"/api/v1{path}", method=method, json=body, headers=headers)


@pytest.mark.parametrize(("path", "method", "mine", "theirs"), CASES)
class TestIfMatch:
    def test_the_tag_that_was_read_lets_through_and_a_stale_one_does_not(
        self, ada: Account, path: str, method: str, mine: dict, theirs: dict
    ) -> None:
        read = ada.get(path).headers["ETag"]
        changed = change(ada, path, method, theirs, read)
        assert changed.status_code == 200
        assert changed.headers["ETag"] == ada.get(path).headers["ETag"] != read
        stale = change(ada, path, method, mine, read)
        assert (stale.status_code, stale.get_json()["code"]) == (412, "changed_meanwhile")
        assert ada.get(path).data == changed.data
        assert change(ada, path, method, mine, changed.headers["ETag"]).status_code == 200

    def test_any_of_several_tags_will_do_and_a_star_is_anything(
        self, ada: Account, path: str, method: str, mine: dict, theirs: dict
    ) -> None:
        read = ada.get(path).headers["ETag"]
        assert change(ada, path, method, mine, f'"other", {read}').status_code == 200
        assert change(ada, path, method, theirs, "*").status_code == 200

    def test_what_is_not_the_tag_does_not(
        self, ada: Account, path: str, method: str, mine: dict, theirs: dict
    ) -> None:
        read = ada.get(path)
        weak = f"W/{read.headers['ETag']}"
        for tag in ("", '""', '"other"', "nonsense", weak, '"other", "another"'):
            assert change(ada, path, method, theirs, tag).status_code == 412, tag
        assert ada.get(path).data == read.data
        assert change(ada, path, method, mine).status_code == 200

    def test_of_many_at_the_same_moment_one_wins(
        self, ada: Account, path: str, method: str, mine: dict, theirs: dict
    ) -> None:
        read = ada.get(path).headers["ETag"]
        barrier, statuses = threading.Barrier(8), []

        def attempt(nth: int) -> None:
            barrier.wait()
            statuses.append(change(ada, path, method, mine if nth % 2 else theirs, read).status_code)

        threads = [threading.Thread(target=attempt, args=(nth,)) for nth in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(statuses) == [200] + [412] * 7

    def test_answers_about_people_are_kept_by_no_cache(
        self, ada: Account, path: str, method: str, mine: dict, theirs: dict
    ) -> None:
        assert "no-store" in ada.get(path).headers["Cache-Control"]
        assert "no-store" in change(ada, path, method, mine).headers["Cache-Control"]
        assert "no-store" in change(ada, path, method, theirs, '"x"').headers["Cache-Control"]


def test_a_long_answer_keeps_its_tag_where_others_are_compressed(ada: Account) -> None:
    cuisines = [f"cuisine number {chr(97 + n)}{chr(97 + m)}" for n in range(5) for m in range(6)]
    ada.put("/users/me/preferences", {"liked_cuisines": cuisines[:15], "disliked_cuisines": cuisines[15:]})
    read = ada.http.get(
        "/api/v1/users/me/preferences", headers={**ada.headers, "Accept-Encoding": "gzip, br"}
    )
    assert len(read.data) > 700
    assert change(ada, "/users/me/preferences", "PUT", {}, read.headers["ETag"]).status_code == 200


@pytest.mark.parametrize("path", ["/users/me", "/users/me/preferences", "/recipes?limit=1"])
def test_what_has_changed_is_sent_whatever_else_is_asked(ada: Account, path: str) -> None:
    read = ada.get(path)
    for asked in ({"If-Match": '"other"'}, {"If-None-Match": '"other"'}, {"If-None-Match": ""}):
        again = ada.http.get(f"/api/v1{path}", headers={**ada.headers, **asked})
        assert (again.status_code, again.data) == (200, read.data), asked


@pytest.mark.parametrize("path", ["/users/me", "/users/me/preferences", "/recipes?limit=1"])
def test_what_is_known_is_not_sent_again_whatever_else_is_asked(ada: Account, path: str) -> None:
    tag = ada.get(path).headers["ETag"]
    for known in (tag, f'"other", {tag}', f"W/{tag.removeprefix('W/')}", "*"):
        headers = {**ada.headers, "If-None-Match": known, "If-Match": '"other"'}
        again = ada.http.get(f"/api/v1{path}", headers=headers)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag), known
