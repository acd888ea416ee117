"""Whatever happens to a backup where it lies is found, and named."""

from __future__ import annotations

import gzip
import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path

import bson
import pyrage
import pytest

from backend.config import Settings
from backend.infra.keys import Ledger
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import Storage
from tests.set_clock import SetClock
from worker.backups.errors import BackupError, Damaged
from worker.backups.making import make_backup
from worker.backups.manifest import Manifest
from worker.backups.restoring import Restoring
from worker.backups.sealing import BackupKeys, new_identity
from worker.backups.vault import Vault
from worker.backups.verifying import verify, verify_quickly

Damage = Callable[[Path], None]


def flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def add_a_byte(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\0")


def empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.fixture
def made(database: MongoDatabase, vault: Vault, clock: SetClock) -> str:
    """A backup of two collections."""
    database.people.insert_many([{"n": n} for n in range(50)])
    database.groups.insert_many([{"n": n} for n in range(50)])
    return make_backup(database, vault, clock).name


def file_of(folder: Path, name: str, file: str) -> Path:
    return folder / name / name.rpartition("-")[0] / file


@pytest.mark.parametrize("file", ["people.bson.gz.age", "people.metadata.json.gz.age"])
@pytest.mark.parametrize("damage", [flip_a_byte, cut_off, add_a_byte, empty, Path.unlink])
def test_a_changed_file_is_found(made: str, vault: Vault, folder: Path, file: str, damage: Damage) -> None:
    damage(file_of(folder, made, file))
    for check in (verify, verify_quickly):
        with pytest.raises(Damaged, match=re.escape(file)):
            check(vault, made)


def test_a_file_in_the_place_of_another_is_found(made: str, vault: Vault, folder: Path) -> None:
    groups, people = (file_of(folder, made, f"{name}.bson.gz.age") for name in ("groups", "people"))
    groups.write_bytes(people.read_bytes())
    with pytest.raises(Damaged, match="groups"):
        verify(vault, made)


def test_somebody_elses_documents_encrypted_to_us_are_found(
    made: str, vault: Vault, folder: Path, identity: str
) -> None:
    """The recipient is no secret: anybody may encrypt to it."""
    recipient = pyrage.x25519.Identity.from_str(identity).to_public()
    file_of(folder, made, "people.bson.gz.age").write_bytes(pyrage.encrypt(b"forged", [recipient]))
    with pytest.raises(Damaged, match="people"):
        verify(vault, made)


@pytest.fixture
def rich(database: MongoDatabase, vault: Vault, clock: SetClock) -> Manifest:
    """A backup of few documents that take much room, compressed too."""
    database.people.insert_many([{"_id": n, "noise": secrets.token_bytes(50_000)} for n in range(10)])
    return make_backup(database, vault, clock)


def forge(folder: Path, made: Manifest, identity: str, content: bytes) -> None:
    """Put documents into the place of a backup's."""
    recipient = pyrage.x25519.Identity.from_str(identity).to_public()
    compressed = gzip.compress(content)
    assert len(compressed) <= made.collections[0].documents_file.plain_bytes
    file_of(folder, made.name, "people.bson.gz.age").write_bytes(pyrage.encrypt(compressed, [recipient]))


def large() -> bytes:
    """Ten documents, as in the backup, of 100 MB."""
    return b"".join(bson.encode({"_id": n, "nothing": bytes(10_000_000)}) for n in range(10))


def many() -> bytes:
    """A thousand documents that take less room than the ten."""
    return b"".join(bson.encode({"_id": n}) for n in range(1_000))


@pytest.mark.parametrize(
    ("forged", "told"),
    [(large, "more in it than the [0-9,]+ bytes"), (many, "more in it than the 10 documents")],
)
def test_more_than_was_backed_up_is_not_taken_in(  # noqa: PLR0917  # fixtures
    rich: Manifest,
    database: MongoDatabase,
    vault: Vault,
    folder: Path,
    identity: str,
    forged: Callable[[], bytes],
    told: str,
) -> None:
    forge(folder, rich, identity, forged())
    inserted: list[int] = []
    restoring = Restoring(vault, database, lambda: 0, lambda _, documents: inserted.append(documents))
    for check in (lambda: verify(vault, rich.name), lambda: restoring.restore(rich.name, drop=True)):
        with pytest.raises(Damaged, match=f"people.bson.gz.age: there is {told}|there are {told}"):
            check()
    assert max(inserted, default=0) <= 10
    assert database.list_collection_names() == ["people"]


def test_no_more_is_unpacked_than_was_backed_up(
    rich: Manifest, vault: Vault, folder: Path, identity: str
) -> None:
    forge(folder, rich, identity, large())
    entry = rich.collections[0].documents_file
    unpacked: list[int] = []
    with pytest.raises(Damaged):
        vault.unseal(entry, lambda piece: unpacked.append(len(piece)))
    assert entry.content_bytes is not None
    assert sum(unpacked) <= entry.content_bytes


def test_of_a_backup_that_does_not_tell_how_much_only_what_was_written_is_unpacked(
    rich: Manifest, vault: Vault, folder: Path, identity: str
) -> None:
    older = rich.collections[0].documents_file.model_copy(update={"content_bytes": None})
    whole: list[bytes] = []
    vault.unseal(older, whole.append)
    assert len(bson.decode_all(b"".join(whole))) == 10
    forge(folder, rich, identity, many())
    whole.clear()
    with pytest.raises(Damaged, match="not the file that the manifest tells of"):
        vault.unseal(older, whole.append)
    assert whole == []


def change_a_count(manifest: dict[str, dict[str, list[dict[str, int]]]]) -> None:
    manifest["manifest"]["collections"][0]["documents"] += 1


def leave_out_a_collection(manifest: dict[str, dict[str, list[object]]]) -> None:
    manifest["manifest"]["collections"].pop()


@pytest.mark.parametrize("change", [change_a_count, leave_out_a_collection])
def test_a_changed_manifest_is_found(
    made: str, vault: Vault, folder: Path, change: Callable[[object], None]
) -> None:
    file = folder / made / "manifest.json"
    manifest = json.loads(file.read_text())
    change(manifest)
    file.write_text(json.dumps(manifest))
    with pytest.raises(Damaged, match="its manifest was changed"):
        verify(vault, made)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"manifest": 1, "digest": "x"}', b"\xff"])
def test_a_manifest_that_is_none_is_found(made: str, vault: Vault, folder: Path, content: bytes) -> None:
    (folder / made / "manifest.json").write_bytes(content)
    with pytest.raises(Damaged, match="its manifest cannot be read"):
        verify(vault, made)


def test_the_manifest_of_another_backup_is_found(
    made: str, database: MongoDatabase, vault: Vault, clock: SetClock, folder: Path
) -> None:
    clock.advance(days=1)
    later = make_backup(database, vault, clock).name
    (folder / later / "manifest.json").write_bytes((folder / made / "manifest.json").read_bytes())
    with pytest.raises(Damaged, match=f"its manifest is that of {made}"):
        verify(vault, later)


def test_without_its_manifest_it_is_no_backup(made: str, vault: Vault, folder: Path) -> None:
    (folder / made / "manifest.json").unlink()
    assert vault.begun() == {made: False}
    with pytest.raises(BackupError, match="There is no complete backup"):
        verify(vault, made)


@pytest.fixture
def elsewhere(vault: Vault, folder: Path, settings: Settings) -> Callable[..., Vault]:
    """The same backups, seen with other keys."""

    def see(*keys: str, ledger: str = "for these tests") -> Vault:
        return Vault(vault.database, Storage(str(folder), settings), BackupKeys.read(keys), Ledger(ledger))

    return see


def test_a_wrong_key_is_told(made: str, elsewhere: Callable[..., Vault]) -> None:
    with pytest.raises(BackupError, match="none of BACKUP_KEYS opens it") as told:
        verify(elsewhere(new_identity()[0]), made)
    assert not isinstance(told.value, Damaged)


def test_another_ledger_key_is_told(made: str, elsewhere: Callable[..., Vault], identity: str) -> None:
    with pytest.raises(Damaged, match="another LEDGER_KEY"):
        verify(elsewhere(identity, ledger="another"), made)


def test_an_old_key_opens_as_long_as_it_is_kept(
    made: str,
    database: MongoDatabase,
    clock: SetClock,
    elsewhere: Callable[..., Vault],
    identity: str,
) -> None:
    newer = new_identity()[0]
    rotated = elsewhere(newer, identity)
    clock.advance(days=1)
    later = make_backup(database, rotated, clock).name
    verify(rotated, made)
    verify(elsewhere(newer), later)
    with pytest.raises(BackupError, match="none of BACKUP_KEYS"):
        verify(elsewhere(newer), made)


def test_a_recipient_writes_and_does_not_read(
    database: MongoDatabase, clock: SetClock, elsewhere: Callable[..., Vault]
) -> None:
    database.people.insert_one({"n": 1})
    identity, recipient = new_identity()
    blind = elsewhere(recipient)
    made = make_backup(database, blind, clock).name
    verify_quickly(blind, made)
    with pytest.raises(BackupError, match="no identity that opens"):
        verify(blind, made)
    verify(elsewhere(identity), made)


@pytest.mark.parametrize("key", ["AGE-SECRET-KEY-1QQQ", "age1qqq", "AGE-SECRET-KEY-1" + "Q" * 58])
def test_a_malformed_key_is_named_by_its_place_and_not_shown(key: str) -> None:
    with pytest.raises(BackupError, match="the key at place 2 is malformed") as told:
        BackupKeys.read([new_identity()[0], key])
    assert key not in str(told.value)


def test_damage_leaves_the_database_as_it_was(
    made: str, database: MongoDatabase, vault: Vault, folder: Path
) -> None:
    flip_a_byte(file_of(folder, made, "people.bson.gz.age"))
    database.people.insert_one({"written": "since"})
    with pytest.raises(Damaged):
        Restoring(vault, database, lambda: 0).restore(made, drop=True)
    assert sorted(database.list_collection_names()) == ["groups", "people"]
    assert database.people.count_documents({}) == 51
