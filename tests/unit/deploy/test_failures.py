"""The one sentence that a person gets."""

import errno
import socket
from pathlib import Path

import pytest

from deploy.local import preflight, sockets
from deploy.local.binaries import explain_failure
from deploy.local.errors import LocalError
from deploy.local.sockets import SOCKET_PATH_BYTES, socket_path

MISSING = (
    "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file: No such file"
)


@pytest.mark.parametrize(
    ("returncode", "last_lines", "expected"),
    [
        (127, MISSING, "apt-get install libcurl4"),
        (127, MISSING.replace("libcurl.so.4", "libodd.so.9"), "the one that holds libodd.so.9"),
        (
            1,
            "mongod: /lib/libc.so.6: version `GLIBC_2.34' not found",
            "too old for the embedded MongoDB (GLIBC_2.34",
        ),
        (-4, "", "AVX"),
        (14, "WiredTiger: No space left on device", "no room left on the disk"),
        (62, "wrong data files", "ended with code 62 while starting; the last it wrote: wrong data files"),
        (None, "", "does not answer; the last it wrote: (nothing)"),
    ],
)
def test_a_server_that_does_not_come_up_is_explained(
    returncode: int | None, last_lines: str, expected: str
) -> None:
    assert expected in explain_failure("MongoDB", "MONGODB_URI", returncode, last_lines)


def test_a_port_in_use_is_named_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(LocalError, match=rf"Port {port} .* is in use .*make run PORT={port + 1}"):
            preflight.check_port("127.0.0.1", port)
    preflight.check_port("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_an_address_that_is_not_this_machines_is_named(host: str) -> None:
    with pytest.raises(LocalError, match=host):
        preflight.check_port(host, 8000)


def test_a_port_for_root_only_says_so() -> None:
    refused = preflight.explain_bind(OSError(errno.EACCES, "Permission denied"), "127.0.0.1", 80)
    assert "take one above 1023" in refused


def test_a_full_disk_is_named_even_where_the_folder_is_not_there_yet(tmp_path: Path) -> None:
    preflight.check_disk(tmp_path / "not" / "yet", needed_mib=1)
    with pytest.raises(LocalError, match=r"Only \d+ MiB are free .* DATA_DIR"):
        preflight.check_disk(tmp_path / "not" / "yet", needed_mib=2**40)


def test_a_program_that_cannot_run_here_is_explained(tmp_path: Path) -> None:
    broken = tmp_path / "mongod"
    broken.write_text(f"#!/bin/sh\necho '{MISSING}' >&2\nexit 127\n")
    broken.chmod(0o700)
    with pytest.raises(LocalError, match="install the package libcurl4"):
        preflight.check_program(broken, "MongoDB", "MONGODB_URI")
    broken.chmod(0o600)
    with pytest.raises(LocalError, match="cannot be run"):
        preflight.check_program(broken, "MongoDB", "MONGODB_URI")


def test_a_short_path_keeps_its_socket_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "SOCKET_PATH_BYTES", 4096)
    assert socket_path(tmp_path / "run", "m.sock") == tmp_path / "run" / "m.sock"


def test_a_long_path_gets_a_short_private_folder_always_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_folder: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
    deep = tmp_path / ("d" * 120)
    path = socket_path(deep, "m.sock")
    assert len(bytes(path)) <= SOCKET_PATH_BYTES
    assert path.parent.parent == short_folder
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert socket_path(deep, "m.sock") == path
    assert socket_path(tmp_path / ("e" * 120), "m.sock") != path


def test_a_short_folder_that_others_may_enter_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_folder: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
    deep = tmp_path / ("d" * 120)
    socket_path(deep, "m.sock").parent.chmod(0o755)
    with pytest.raises(LocalError, match="not private to you"):
        socket_path(deep, "m.sock")


def test_where_even_the_short_folder_is_deep_tmpdir_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("t" * 90)))
    with pytest.raises(LocalError, match="set TMPDIR"):
        socket_path(tmp_path / ("d" * 120), "m.sock")
