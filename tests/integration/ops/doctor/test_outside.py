"""What is said of the public address, files and mail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from backend.ops.doctor import outside
from deploy.local.stack import free_port
from tests.integration.ops.doctor.conftest import Examine


class NoUpgrades(BaseHTTPRequestHandler):
    """A proxy that passes requests on without their Upgrade: the API says what it says to a plain request."""

    def do_GET(self) -> None:  # the library's name
        self.send_error(426)

    def log_message(self, *_: object) -> None:
        """Nothing: this is a test."""


@pytest.fixture
def proxy() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), NoUpgrades) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def test_an_address_where_nobody_answers(examine: Examine) -> None:
    (line,) = examine(outside.web_socket, port=free_port())
    assert line.startswith("fail websocket: http://127.0.0.1:")
    assert "(PUBLIC_URL is not set) does not answer from this machine" in line


def test_a_proxy_that_opens_no_sockets(examine: Examine, proxy: str) -> None:
    (line,) = examine(outside.web_socket, public_url=proxy)
    assert line.startswith(f"fail websocket: {proxy}/api/v1/live: no socket opens there (426)")
    assert "Upgrade and Connection" in line


@pytest.mark.parametrize(
    ("says", "found"), [(b"SSH-2.0-none\r\n\r\n", "speaks no HTTP"), (b"", "it hangs up")]
)
def test_what_is_no_server_of_ours(examine: Examine, says: bytes, found: str) -> None:
    with closing(create_server(("127.0.0.1", 0))) as listening:

        def answer() -> None:
            line, _ = listening.accept()
            with closing(line):
                line.recv(4096)
                line.sendall(says)

        answering = threading.Thread(target=answer)
        answering.start()
        (line,) = examine(outside.web_socket, public_url=f"http://127.0.0.1:{listening.getsockname()[1]}")
        answering.join()
    assert line.startswith("fail websocket")
    assert found in line


def test_a_place_for_files(examine: Examine, tmp_path: Path) -> None:
    places = {"storage_url": str(tmp_path / "files"), "backup_url": str(tmp_path / "backups")}
    assert examine(outside.storage, **places) == [
        "ok storage: written, read, deleted",
        "ok backup storage: written, read, deleted",
    ]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(examine(outside.storage, backup_keys=SecretStr(""), **places)) == 1


def test_a_place_that_cannot_be_written_to(examine: Examine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line, _ = examine(outside.storage, storage_url=str(tmp_path / "file" / "below"))
    assert line.startswith("fail storage: ")
    assert line.endswith("-> See to rights and room at STORAGE_URL.")


def test_mails_that_become_files(examine: Examine, tmp_path: Path) -> None:
    assert examine(outside.mail, data_dir=tmp_path) == ["ok mail: mails become files in DATA_DIR/outbox"]
    assert list((tmp_path / "outbox").iterdir()) == []
    (line,) = examine(outside.mail, data_dir=tmp_path, app_env="production")
    assert line == "warn mail: mails become files in DATA_DIR/outbox: nobody gets them -> Set SMTP_URL."
    (tmp_path / "file").touch()
    (line,) = examine(outside.mail, data_dir=tmp_path / "file")
    assert line.startswith("fail mail: mails cannot become files")


class Silent:
    """Takes mails, and would say if one came."""

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802  # aiosmtpd's name
        pytest.fail("the doctor sends no mail")


def test_a_mail_server(examine: Examine) -> None:
    server = Controller(Silent(), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        (line,) = examine(outside.mail, smtp_url=SecretStr(f"smtp://127.0.0.1:{server.port}"))
        assert line == "ok mail: 127.0.0.1 takes us; whether it delivers is not checked"
        (line,) = examine(outside.mail, smtp_url=SecretStr(f"smtp://me:pw@127.0.0.1:{server.port}"))
        assert line.startswith("fail mail: SMTPNotSupportedError")
        assert "pw" not in line
    finally:
        server.stop()
    (line,) = examine(outside.mail, smtp_url=SecretStr(f"smtp://127.0.0.1:{server.port}"))
    assert line.startswith("fail mail: ConnectionRefusedError")
