"""Where tokens are kept."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringError, PasswordDeleteError

from client.net.tokens import FileTokens, KeyringTokens, MemoryTokens, Tokens, choose_token_store

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


def test_a_file_only_its_owner_can_read(tmp_path: Path) -> None:
    store = FileTokens(tmp_path / "home", SERVER)
    assert store.load() is None
    store.save(TOKENS)
    (file,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert FileTokens(tmp_path / "home", SERVER).load() == TOKENS
    store.clear()
    assert FileTokens(tmp_path / "home", SERVER).load() is None


def test_servers_do_not_share_tokens(tmp_path: Path) -> None:
    FileTokens(tmp_path, SERVER).save(TOKENS)
    other = FileTokens(tmp_path, "https://elsewhere.example")
    assert other.load() is None
    other.save(Tokens("other", "other", 1.0))
    assert FileTokens(tmp_path, SERVER).load() == TOKENS


@pytest.mark.parametrize("content", ["", "{", "[]", '{"http://127.0.0.1:8000": "{}"}', "\x00"])
def test_a_damaged_file_means_no_tokens(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokens.json").write_text(content)
    store = FileTokens(tmp_path, SERVER)
    assert store.load() is None
    store.save(TOKENS)
    assert store.load() == TOKENS


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
