"""Keys: what one sealed another opens only with the same key and context; rings rotate without touching the data."""

from __future__ import annotations

import os
from itertools import combinations

import pytest
from structlog.testing import capture_logs

from backend.config import Settings
from backend.infra.keys import (
    KeyRing,
    Ledger,
    Unreadable,
    Wrapped,
    key_ring_of,
    ledger_of,
    seal,
    unseal,
    warn_of_stand_ins,
)
from backend.key_format import MalformedKeys, new_key

pytestmark = pytest.mark.security

OLD, NEW = new_key("k1"), new_key("k2")
KEY = os.urandom(32)


def settings(**given: str) -> Settings:
    return Settings(
        _env_file=None, mongodb_uri="mongodb://x/", redis_url="redis://x/", secret_key="x" * 32, **given
    )


class TestSealing:
    def test_what_is_sealed_can_be_opened(self) -> None:
        assert unseal(KEY, seal(KEY, b"vegan", "ada"), "ada") == b"vegan"

    def test_the_same_is_sealed_differently_each_time(self) -> None:
        assert len({seal(KEY, b"vegan", "ada") for _ in range(20)}) == 20

    def test_another_key_opens_nothing(self) -> None:
        with pytest.raises(Unreadable):
            unseal(os.urandom(32), seal(KEY, b"vegan", "ada"), "ada")

    def test_nobody_else_s_data_can_be_slipped_in(self) -> None:
        with pytest.raises(Unreadable):
            unseal(KEY, seal(KEY, b"vegan", "ada"), "bo")

    def test_each_changed_or_missing_byte_is_noticed(self) -> None:
        sealed = seal(KEY, b"vegan", "ada")
        for at in range(len(sealed)):
            changed = bytearray(sealed)
            changed[at] ^= 1
            for broken in (bytes(changed), sealed[:at]):
                with pytest.raises(Unreadable):
                    unseal(KEY, broken, "ada")


class TestRing:
    def test_a_data_key_survives_being_stored(self) -> None:
        ring = KeyRing.read(OLD)
        key, wrapped = ring.new_data_key("ada")
        assert (ring.unwrap(wrapped, "ada"), wrapped.key_name) == (key, "k1")
        assert key not in wrapped.sealed

    def test_no_two_users_have_the_same_key(self) -> None:
        ring = KeyRing.read(OLD)
        assert len({ring.new_data_key("ada")[0] for _ in range(20)}) == 20

    def test_after_a_rotation_the_newest_wraps_and_all_unwrap(self) -> None:
        key, wrapped = KeyRing.read(OLD).new_data_key("ada")
        both = KeyRing.read(f" {NEW} , {OLD}")
        assert both.unwrap(wrapped, "ada") == key
        again = both.rewrap(wrapped, "ada")
        assert again.key_name == "k2"
        assert KeyRing.read(NEW).unwrap(again, "ada") == key

    @pytest.mark.parametrize("owner", ["ada", "bo"])
    def test_a_key_that_is_not_on_the_ring_is_named(self, owner: str) -> None:
        wrapped = KeyRing.read(OLD).new_data_key("ada")[1]
        with pytest.raises(Unreadable, match="'k1'"):
            KeyRing.read(NEW).unwrap(wrapped, owner)

    def test_somebody_else_s_key_is_not_unwrapped(self) -> None:
        ring = KeyRing.read(OLD)
        with pytest.raises(Unreadable):
            ring.unwrap(ring.new_data_key("ada")[1], "bo")

    def test_a_name_that_lies_about_its_key_opens_nothing(self) -> None:
        ring = KeyRing.read(f"{NEW},{OLD}")
        wrapped = ring.new_data_key("ada")[1]
        with pytest.raises(Unreadable):
            ring.unwrap(Wrapped("k1", wrapped.sealed), "ada")

    @pytest.mark.parametrize(
        "written",
        ["", " , ", "k1", "k1:", "k1:short", f"{OLD},{OLD}", "K 1:" + OLD[3:], OLD[3:], "k1:" + "!" * 44],
        ids=["nothing", "commas", "no key", "empty", "short", "twice", "bad name", "no name", "no base64"],
    )
    def test_what_is_malformed_is_refused(self, written: str) -> None:
        with pytest.raises(MalformedKeys):
            KeyRing.read(written)

    def test_a_complaint_shows_no_key(self) -> None:
        with pytest.raises(MalformedKeys) as refused:
            KeyRing.read(f"{OLD},k2:{OLD[3:20]}")
        assert OLD[3:20] not in str(refused.value)


class TestLedger:
    def test_purposes_know_nothing_of_each_other(self) -> None:
        ledger = Ledger("secret")
        digests = [ledger.digest(purpose, b"ada") for purpose in ("tombstone", "receipt", "audit")]
        assert all(one != other for one, other in combinations(digests, 2))
        assert {len(digest) for digest in digests} == {32}

    def test_a_digest_is_the_same_after_a_restart_and_another_with_another_secret(self) -> None:
        assert Ledger("secret").digest("receipt", b"x") == Ledger("secret").digest("receipt", b"x")
        assert Ledger("secret").digest("receipt", b"x") != Ledger("other").digest("receipt", b"x")

    def test_only_the_right_digest_verifies(self) -> None:
        ledger = Ledger("secret")
        digest = ledger.digest("receipt", b"x")
        assert ledger.verifies("receipt", b"x", digest)
        assert not ledger.verifies("receipt", b"y", digest)
        assert not ledger.verifies("audit", b"x", digest)
        assert not ledger.verifies("receipt", b"x", digest[:-1])


class TestSettings:
    def test_without_keys_of_its_own_a_development_server_derives_them(self) -> None:
        bare = settings()
        key, wrapped = key_ring_of(bare).new_data_key("ada")
        assert key_ring_of(bare).unwrap(wrapped, "ada") == key
        assert ledger_of(bare).digest("receipt", b"x") == Ledger("x" * 32).digest("receipt", b"x")

    def test_the_log_says_where_it_derives_them_and_what_that_leads_to(self) -> None:
        with capture_logs() as logged:
            warn_of_stand_ins(settings())
            warn_of_stand_ins(settings(data_keys=NEW))
            warn_of_stand_ins(settings(data_keys=NEW, ledger_key="another secret"))
        assert [(line["log_level"], line["missing"]) for line in logged] == [
            ("warning", ["DATA_KEYS", "LEDGER_KEY"]),
            ("warning", ["LEDGER_KEY"]),
        ]
        assert "audit log so far cannot be verified" in logged[1]["hint"]
        assert "diets" not in logged[1]["hint"]

    def test_keys_of_its_own_win(self) -> None:
        own = settings(data_keys=NEW, ledger_key="another secret")
        assert key_ring_of(own).newest == "k2"
        assert ledger_of(own).digest("receipt", b"x") == Ledger("another secret").digest("receipt", b"x")
