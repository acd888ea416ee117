"""Where tokens are kept."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import keyring
import keyring.backend
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringError, PasswordDeleteError

from client.net.sealed_file import SealedFile
from client.net.tokens import (
    FILE_NAME,
    FORMER_NAME,
    FileTokens,
    KeyringTokens,
    MemoryTokens,
    Tokens,
    choose_token_store,
)

TOKENS = Tokens("access", "refresh", 1000.5)
SERVER = "http://127.0.0.1:8000"


class DictKeyring(keyring.backend.KeyringBackend):
    """A keyring backend as a platform would bring it."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.secrets.pop((service, username), None) is None:
            raise PasswordDeleteError

    def _check(self) -> None:
        if self.locked:
            raise KeyringError("locked")


@pytest.fixture
def backend() -> Iterator[DictKeyring]:
    former = keyring.get_keyring()
    backend = DictKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(former)


def test_a_file_that_only_its_owner_can_read_and_nobody_understands(tmp_path: Path) -> None:
    store = FileTokens(tmp_path / "home", SERVER)
    assert store.load() is None
    store.save(TOKENS)
    files = list((tmp_path / "home").iterdir())
    assert {file.name for file in files} == {"tokens.sealed", "tokens.sealed.key"}
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert not [word for word in (b"refresh", b"access", b"127.0.0.1") if word in file.read_bytes()]
    assert FileTokens(tmp_path / "home", SERVER).load() == TOKENS
    store.clear()
    assert FileTokens(tmp_path / "home", SERVER).load() is None


def test_servers_do_not_share_tokens(tmp_path: Path) -> None:
    FileTokens(tmp_path, SERVER).save(TOKENS)
    other = FileTokens(tmp_path, "https://elsewhere.example")
    assert other.load() is None
    other.save(Tokens("other", "other", 1.0))
    assert FileTokens(tmp_path, SERVER).load() == TOKENS


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"http://127.0.0.1:8000": "{}"}', b'{"http://127.0.0.1:8000": 1}']
)
def test_a_file_with_anything_else_in_it_means_no_tokens(tmp_path: Path, content: bytes) -> None:
    SealedFile(tmp_path / FILE_NAME).write(content)
    store = FileTokens(tmp_path, SERVER)
    assert store.load() is None
    store.save(TOKENS)
    assert store.load() == TOKENS


@pytest.mark.parametrize("content", [b"", b"\x00", bytes(12), bytes(100)])
@pytest.mark.parametrize("name", ["tokens.sealed", "tokens.sealed.key"])
def test_a_damaged_file_means_no_tokens(tmp_path: Path, name: str, content: bytes) -> None:
    store = FileTokens(tmp_path, SERVER)
    store.save(Tokens("old", "old", 1.0))
    (tmp_path / name).write_bytes(content)
    assert store.load() is None
    store.save(TOKENS)
    assert store.load() == TOKENS


def test_a_copy_is_of_no_use_without_its_key_or_on_another_machine(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "machine-id", tmp_path / "another-machine-id"
    here.write_text("0123456789abcdef\n")
    elsewhere.write_text("fedcba9876543210\n")
    SealedFile(tmp_path / "secret", here).write(b"refresh")
    assert SealedFile(tmp_path / "secret", here).read() == b"refresh"
    assert SealedFile(tmp_path / "secret", elsewhere).read() is None
    assert SealedFile(tmp_path / "secret", tmp_path / "no such file").read() is None
    (tmp_path / "secret.key").unlink()
    assert SealedFile(tmp_path / "secret", here).read() is None


def test_no_two_files_look_alike(tmp_path: Path) -> None:
    file = SealedFile(tmp_path / "secret")
    file.write(b"refresh")
    first = (tmp_path / "secret").read_bytes()
    file.write(b"refresh")
    assert (tmp_path / "secret").read_bytes() != first


def test_what_an_earlier_version_kept_legible_is_sealed(tmp_path: Path) -> None:
    former = tmp_path / FORMER_NAME
    others = Tokens("other", "other", 1.0)
    FileTokens(tmp_path, "https://elsewhere.example").save(others)
    kept = {SERVER: json.dumps(asdict(TOKENS)), "https://elsewhere.example": "older"}
    former.write_text(json.dumps(kept), encoding="utf-8")
    assert FileTokens(tmp_path, SERVER).load() == TOKENS
    assert not former.exists()
    # What is sealed already is newer.
    assert FileTokens(tmp_path, "https://elsewhere.example").load() == others


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_damaged_file_of_an_earlier_version_goes_too(tmp_path: Path, content: str) -> None:
    (tmp_path / FORMER_NAME).write_text(content, encoding="utf-8")
    assert FileTokens(tmp_path, SERVER).load() is None
    assert not (tmp_path / FORMER_NAME).exists()


def test_what_cannot_take_its_place_is_not_left_behind(tmp_path: Path) -> None:
    (tmp_path / "secret" / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match="secret"):
        SealedFile(tmp_path / "secret").write(b"refresh")
    assert {file.name for file in tmp_path.iterdir()} == {"secret", "secret.key"}


def test_a_disk_that_takes_nothing_costs_the_log_in_but_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")
    store = FileTokens(tmp_path / "a file", SERVER)
    store.save(TOKENS)
    assert store.load() is None


def test_the_keyring_is_used_where_one_works(tmp_path: Path, backend: DictKeyring) -> None:
    store = choose_token_store(SERVER, tmp_path, own_directory=False)
    assert store.kind == "keyring"
    store.save(TOKENS)
    assert KeyringTokens(SERVER).load() == TOKENS
    store.clear()
    store.clear()
    assert store.load() is None
    assert backend.secrets == {}
    assert list(tmp_path.iterdir()) == []


def test_a_keyring_that_fails_gives_way_to_the_file(tmp_path: Path, backend: DictKeyring) -> None:
    backend.locked = True
    assert choose_token_store(SERVER, tmp_path, own_directory=False).kind == "file"
    keyring.set_keyring(NoKeyring())
    assert choose_token_store(SERVER, tmp_path, own_directory=False).kind == "file"


def test_a_home_of_its_own_keeps_clients_apart(tmp_path: Path, backend: DictKeyring) -> None:
    assert choose_token_store(SERVER, tmp_path, own_directory=True).kind == "file"
    assert backend.secrets == {}


def test_a_keyring_locked_later_costs_the_log_in_but_nothing_else(backend: DictKeyring) -> None:
    store = KeyringTokens(SERVER)
    backend.locked = True
    store.save(TOKENS)
    store.clear()
    assert store.load() is None


def test_memory_keeps_them_for_this_run() -> None:
    store = MemoryTokens()
    store.save(TOKENS)
    assert store.load() == TOKENS
    store.clear()
    assert (store.load(), store.kind) == (None, "memory")
