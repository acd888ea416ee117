"""Files in a folder and in a bucket: the same promises."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.config import Settings
from backend.infra.storage import Storage, StoreAway, storage_of
from tests.environment import environment_of

pytest_plugins = ("tests.buckets",)

# More than one part of an upload.
LARGE = 40 * 1024 * 1024
AWAY = timedelta(minutes=1)


def changed(settings: Settings, **changes: object) -> Settings:
    return Settings(_env_file=None, **{**settings.model_dump(), **changes})


@pytest.fixture(params=["folder", "bucket"])
def storage(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, in_bucket: dict[str, str]
) -> Storage:
    if request.param == "folder":
        return storage_of(changed(settings, storage_url=str(tmp_path / "store")))
    own = f"{in_bucket['storage_url']}/{tmp_path.name}"
    return storage_of(changed(settings, **{**in_bucket, "storage_url": own}))


def test_what_was_written_is_read(storage: Storage) -> None:
    storage.write("a/b.bin", b"hello")
    assert storage.read("a/b.bin") == b"hello"
    assert storage.size("a/b.bin") == 5
    assert abs(datetime.now(UTC) - storage.written_at("a/b.bin")) < AWAY
    storage.write("a/b.bin", b"")
    assert (storage.read("a/b.bin"), storage.size("a/b.bin")) == (b"", 0)


def test_a_large_file_is_read_in_pieces(storage: Storage) -> None:
    block = os.urandom(1024 * 1024)
    with storage.writing("large.bin") as file:
        for _ in range(LARGE // len(block)):
            file.write(block)
    assert storage.size("large.bin") == LARGE
    with storage.open("large.bin") as file:
        file.seek(-10, os.SEEK_END)
        assert file.read() == block[-10:]
        file.seek(LARGE // 2 + 5)
        assert file.read(20) == block[5:25]
        file.seek(0)
        assert sum(len(piece) for piece in iter(lambda: file.read(1024 * 1024), b"")) == LARGE


def test_a_zip_is_written_into_it(storage: Storage) -> None:
    with storage.writing("one.zip") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")
        with archive.open("b.txt", "w") as part:
            part.write(b"b" * 100_000)
    with storage.open("one.zip") as file, zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert archive.read("a.txt") == b"a"


@pytest.mark.parametrize("size", [10, LARGE])
def test_what_failed_is_not_there(storage: Storage, size: int) -> None:
    storage.write("exports/one.bin", b"the former one")

    def fail() -> None:
        with storage.writing("exports/one.bin") as file:
            file.write(b"x" * size)
            raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        fail()
    assert storage.read("exports/one.bin") == b"the former one"
    assert storage.names("") == ["exports/one.bin"]
    assert storage.delete_unfinished("exports", datetime.now(UTC) + AWAY) == 0


def test_names_are_those_of_a_folder(storage: Storage) -> None:
    for name in ("exports/a.zip", "exports/b/c.zip", "exportsother/d.zip"):
        storage.write(name, b"")
    assert storage.names("exports") == ["exports/a.zip", "exports/b/c.zip"]
    assert storage.names("") == ["exports/a.zip", "exports/b/c.zip", "exportsother/d.zip"]
    assert storage.names("nowhere") == []


def test_what_is_not_there_says_so(storage: Storage) -> None:
    for ask in (storage.read, storage.size, storage.written_at, storage.open):
        with pytest.raises(FileNotFoundError):
            ask("nothing.bin")
    storage.delete("nothing.bin")


HALF_WRITTEN = """
import os, sys
from backend.config import load_settings
from backend.infra.storage import storage_of
storage = storage_of(load_settings())
kept = []
for name in sys.argv[1:]:
    kept.append(storage.writing(name))
    file = kept[-1].__enter__()
    file.write(b"x" * (40 << 20))
    file.flush()
os._exit(9)
"""


def be_killed_writing(storage: Storage, *names: str) -> None:
    """What a process leaves behind that is killed while it writes."""
    known = storage.settings
    environment = environment_of(
        known,
        STORAGE_URL=storage.url,
        S3_ENDPOINT=known.s3_endpoint,
        S3_REGION=known.s3_region,
        S3_ACCESS_KEY=known.s3_access_key,
        S3_SECRET_KEY=known.s3_secret_key.get_secret_value(),
    )
    killed = subprocess.run([sys.executable, "-c", HALF_WRITTEN, *names], env=environment, check=False)
    assert killed.returncode == 9


def test_what_killed_processes_leave_is_found(storage: Storage) -> None:
    be_killed_writing(storage, "exports/one.zip", "exports/two.zip", "tombstones/three")
    assert storage.names("") == []
    if not storage.url.startswith("s3:"):  # the store of these tests says that every upload began in 2010
        assert storage.delete_unfinished("exports", datetime.now(UTC) - AWAY) == 0
    storage.delete("exports/two.zip")
    assert storage.delete_unfinished("exports", datetime.now(UTC) + AWAY) == 1
    assert storage.delete_unfinished("exports", datetime.now(UTC) + AWAY) == 0
    assert storage.delete_unfinished("tombstones", datetime.now(UTC) + AWAY) == 1


def test_a_deleted_file_is_gone(storage: Storage) -> None:
    storage.write("a.bin", b"a")
    storage.delete("a.bin")
    assert storage.names("") == []


def test_only_we_may_read_a_folder(settings: Settings, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        storage_of(changed(settings, storage_url=f"file://{tmp_path}/new/store")).write("exports/a.zip", b"a")
    finally:
        os.umask(before)
    for folder in ("new", "new/store", "new/store/exports"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new/store/exports/a.zip").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_there_keeps_its_mode(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store").chmod(0o755)
    storage_of(changed(settings, storage_url=f"file://{tmp_path}/store")).write("exports/a.zip", b"a")
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("wrong", [{"s3_endpoint": "http://127.0.0.1:9"}, {"storage_url": "s3://nobodys"}])
def test_a_store_that_does_not_answer_is_away(
    settings: Settings, in_bucket: dict[str, str], wrong: dict[str, str]
) -> None:
    storage = storage_of(changed(settings, **{**in_bucket, **wrong}))
    with pytest.raises(StoreAway):
        storage.write("a.bin", b"a")
    with pytest.raises(StoreAway):
        storage.names("")
