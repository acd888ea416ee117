"""Password hashes."""

from __future__ import annotations

import subprocess
import sys

import argon2
import pytest

from backend.auth.passwords import PasswordHasher

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def hasher() -> PasswordHasher:
    return PasswordHasher(memory_mib=1)


def test_the_right_password_matches_and_a_wrong_one_does_not(hasher: PasswordHasher) -> None:
    stored = hasher.hash(PASSWORD)
    assert hasher.matches(stored, PASSWORD)
    assert not hasher.matches(stored, PASSWORD + " ")


def test_hashes_are_argon2id_and_salted(hasher: PasswordHasher) -> None:
    first, second = hasher.hash(PASSWORD), hasher.hash(PASSWORD)
    assert first.startswith("$argon2id$")
    assert first != second


def test_nobody_has_no_password(hasher: PasswordHasher) -> None:
    assert not hasher.matches(None, PASSWORD)


def test_two_spellings_of_one_text_are_one_password(hasher: PasswordHasher) -> None:
    composed, decomposed = "caf\u00e9-au-lait", "cafe\u0301-au-lait"
    assert hasher.matches(hasher.hash(composed), decomposed)


def test_what_is_no_hash_matches_nothing(hasher: PasswordHasher) -> None:
    assert not hasher.matches("plain text", "plain text")


def test_a_hash_made_with_less_work_is_outdated(hasher: PasswordHasher) -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    assert hasher.is_outdated(weak)
    assert not hasher.is_outdated(hasher.hash(PASSWORD))


_UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent
from backend.auth.passwords import PasswordHasher
hasher = PasswordHasher(memory_mib=1)
stored = hasher.hash("correct horse battery")
turns = []
def tick():
    while len(turns) < 1000:
        turns.append(1); gevent.sleep(0)
ticking = gevent.spawn(tick)
seen = []
def verify():
    assert hasher.matches(stored, "correct horse battery")
    seen.append(len(turns))
gevent.joinall([gevent.spawn(verify) for _ in range(4)], raise_error=True)
ticking.kill()
print(min(seen))
"""


_MANY_AT_ONCE = """
from gevent import monkey; monkey.patch_all()
import gevent
from backend.auth.passwords import PasswordHasher
from backend.errors import Busy
hasher = PasswordHasher(memory_mib=1)
stored = hasher.hash("correct horse battery")
def verify():
    try:
        return hasher.matches(stored, "correct horse battery")
    except Busy as busy:
        return busy.retry_after
answers = [greenlet.value for greenlet in gevent.joinall([gevent.spawn(verify) for _ in range(50)])]
print(answers.count(True), answers.count(2))
assert verify() is True
"""


@pytest.mark.security
def test_of_too_many_at_once_some_are_asked_to_come_back() -> None:
    done = subprocess.run([sys.executable, "-c", _MANY_AT_ONCE], capture_output=True, text=True, check=True)
    assert done.stdout == "40 10\n"


def test_other_greenlets_run_while_a_password_is_checked() -> None:
    done = subprocess.run([sys.executable, "-c", _UNDER_GEVENT], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0
