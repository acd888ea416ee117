"""Known holes in pinned packages fail `make lint`; a service that cannot be reached does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy.local.stack import free_port

ROOT = Path(__file__).parents[3]
PINS = (
    "leaky==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\nsound==2.0 \\\n    --hash=sha256:" + "1" * 64 + "\n"
)
HOLE = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-0001"],
    "summary": "It leaks.",
    "details": "It leaks.",
    "affected": [
        {
            "package": {"name": "leaky", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


class Advisories(HTTPServer):
    """Speaks OSV's protocol on loopback, and remembers what it was asked."""

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status = status
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class _Answer(BaseHTTPRequestHandler):
    server: Advisories

    def do_POST(self) -> None:
        question: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = question["package"]["name"]
        self.server.asked.append(name)
        answer = json.dumps({"vulns": [HOLE]} if name == "leaky" else {}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture
def advisories() -> Iterator[Advisories]:
    server = Advisories()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def audit(url: str, *files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.local.audit", *map(str, files)],
        cwd=ROOT,
        env={**os.environ, "AUDIT_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_a_known_hole_fails_and_says_what_to_do(advisories: Advisories, tmp_path: Path) -> None:
    (tmp_path / "pins.txt").write_text(PINS)
    done = audit(advisories.url, tmp_path / "pins.txt")
    assert done.returncode == 1
    assert "leaky 1.0: PYSEC-2026-1 CVE-2026-0001; mended in 1.1" in done.stderr
    assert "make lock UPGRADE=1" in done.stderr
    assert "sound" not in done.stderr
    assert {"leaky", "sound"} <= set(advisories.asked)


def test_sound_packages_pass_and_are_not_asked_about_again_today(
    advisories: Advisories, tmp_path: Path
) -> None:
    (tmp_path / "pins.txt").write_text(PINS.partition("sound")[1] + PINS.partition("sound")[2])
    first = audit(advisories.url, tmp_path / "pins.txt")
    asked = len(advisories.asked)
    again = audit(advisories.url, tmp_path / "pins.txt")
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert asked == len(advisories.asked) > 0


def test_a_service_that_cannot_be_reached_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "pins.txt").write_text(PINS)
    done = audit(f"http://127.0.0.1:{free_port()}/v1/query", tmp_path / "pins.txt")
    assert done.returncode == 0
    assert "Warning" in done.stderr
    assert "cannot be reached" in done.stderr


def test_a_service_that_is_ill_is_a_warning(advisories: Advisories, tmp_path: Path) -> None:
    advisories.status = 503
    (tmp_path / "pins.txt").write_text(PINS)
    done = audit(advisories.url, tmp_path / "pins.txt")
    assert (done.returncode, "Warning" in done.stderr) == (0, True)


def test_pins_that_cannot_be_read_are_no_pass(advisories: Advisories, tmp_path: Path) -> None:
    (tmp_path / "pins.txt").write_text("leaky>=1.0\n")
    done = audit(advisories.url, tmp_path / "pins.txt")
    assert done.returncode == 1
    assert "pip-audit failed" in done.stderr


def test_advisories_come_over_https_only(tmp_path: Path) -> None:
    (tmp_path / "pins.txt").write_text(PINS)
    assert audit("http://osv.example/v1/query", tmp_path / "pins.txt").returncode == 1


def test_every_finding_of_the_secrets_scan_was_looked_at() -> None:
    baseline = json.loads((ROOT / ".secrets.baseline").read_text())
    findings = [finding for found in baseline["results"].values() for finding in found]
    assert findings
    assert [finding for finding in findings if finding.get("is_secret") is not False] == []
