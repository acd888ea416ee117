"""Lists that come page by page."""

from __future__ import annotations

from client.store.listing import Fetched, Listing, fetched


def test_pages_are_put_together_until_the_last_one() -> None:
    listing = Listing[str]().loading().with_page(1, ("a", "b"), total=3, has_more=True)
    assert (listing.rows, listing.next_page, listing.total, listing.empty) == (("a", "b"), 2, 3, False)
    whole = listing.loading().with_page(2, ("c",), total=3, has_more=False)
    assert (whole.rows, whole.next_page, whole.status) == (("a", "b", "c"), None, "loaded")


def test_the_first_page_begins_anew() -> None:
    listing = Listing[str]().with_page(1, ("a",), total=2, has_more=True)
    assert listing.with_page(1, ("z",), total=1, has_more=False).rows == ("z",)


def named(
    listing: Listing[str], number: int, rows: str, total: int, *, has_more: bool = True
) -> Listing[str]:
    return listing.with_page_of(number, tuple(rows), str, total=total, has_more=has_more)


def test_the_first_page_keeps_the_further_ones_that_it_leads_over_to() -> None:
    known = named(named(Listing[str](), 1, "abc", 9), 2, "def", 9)
    same = named(known, 1, "abc", 9)
    assert (same.rows, same.next_page) == (tuple("abcdef"), 3)
    # One is new: the next page begins with one that is known.
    more = named(known, 1, "zab", 10)
    assert (more.rows, more.next_page) == (tuple("zabcdef"), 3)
    assert named(more, 3, "fgh", 10).rows == tuple("zabcdefgh")
    # One is gone: without the second page once more, one would be missing.
    fewer = named(known, 1, "acd", 8)
    assert (fewer.rows, fewer.next_page) == (tuple("acdef"), 2)
    assert named(fewer, 2, "efg", 8).rows == tuple("acdefg")


def test_the_first_page_begins_anew_where_it_leads_over_to_nothing() -> None:
    known = named(named(Listing[str](), 1, "abc", 6), 2, "def", 6, has_more=False)
    assert named(known, 1, "abc", 6).next_page is None
    others = named(known, 1, "xyz", 9)
    assert (others.rows, others.next_page) == (("x", "y", "z"), 2)
    assert named(known, 1, "ab", 2, has_more=False).rows == ("a", "b")


def test_a_page_that_comes_twice_or_too_late_changes_nothing() -> None:
    listing = Listing[str]().with_page(1, ("a",), total=3, has_more=True)
    further = listing.with_page(2, ("b",), total=3, has_more=True)
    assert further.with_page(2, ("b",), total=3, has_more=True) == further


def test_a_failure_keeps_what_was_there() -> None:
    listing = Listing[str]().with_page(1, ("a",), total=2, has_more=True).failed("No answer.")
    assert (listing.rows, listing.status, listing.error, listing.next_page) == (
        ("a",),
        "failed",
        "No answer.",
        2,
    )
    assert listing.loading().error == ""
    thing = fetched("soup").failed("No answer.")
    assert (thing.thing, thing.status) == ("soup", "failed")
    assert thing.loading() == Fetched("soup", "loading")


def test_nothing_is_known_to_be_empty_before_it_was_loaded() -> None:
    assert not Listing[str]().loading().empty
    assert Listing[str]().with_page(1, (), total=0, has_more=False).empty
