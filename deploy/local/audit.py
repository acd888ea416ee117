"""`python -m deploy.local.audit`: have known holes been found in the packages that are pinned?

Asks OSV's service through pip-audit, at most once a day for the same pins. Where the service cannot be reached there
is a warning and no failure: work goes on without a network.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[2]
_SERVICE = "https://api.osv.dev/v1/query"
_PROBE_SECONDS = 4
_DAY_SECONDS = 24 * 3600
_MARK = Path(sys.prefix) / ".audited"


def main(arguments: Sequence[str]) -> int:
    """Audit requirements/*.txt, or the files that are named; 0 where nothing is known against them."""
    service = os.environ.get("AUDIT_URL", _SERVICE)
    files = [Path(name) for name in arguments] or sorted((ROOT / "requirements").glob("*.txt"))
    pins = _fingerprint(files, service)
    if _audited_lately(pins):
        return 0
    if not _answers(service):
        sys.stderr.write(
            f"Warning: {service} cannot be reached, so nobody looked for known holes in packages.\n"
        )
        return 0
    holes = _holes(files, service)
    for hole in holes:
        sys.stderr.write(f"{hole}\n")
    if holes:
        sys.stderr.write("Take newer versions with `make lock UPGRADE=1`.\n")
        return 1
    _MARK.write_text(pins)
    return 0


def _fingerprint(files: Sequence[Path], service: str) -> str:
    said = b"\0".join([service.encode(), *(path.read_bytes() for path in files)])
    return hashlib.sha256(said).hexdigest()


def _audited_lately(pins: str) -> bool:
    if not _MARK.exists() or time.time() - _MARK.stat().st_mtime > _DAY_SECONDS:
        return False
    return _MARK.read_text() == pins


def _answers(service: str) -> bool:
    """Whether the service is there and well; pip-audit itself tries for long and dies of it."""
    if not service.startswith(("https://", "http://127.0.0.1:")):
        raise SystemExit(f"AUDIT_URL: {service} is no https:// address")
    question = json.dumps({"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "26.0"}).encode()
    try:
        with urllib.request.urlopen(service, question, timeout=_PROBE_SECONDS):  # noqa: S310  # the scheme is checked above
            return True
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _holes(files: Sequence[Path], service: str) -> list[str]:
    """What is known against the pinned packages, one line each.

    Raises:
        SystemExit: pip-audit could not read the files, or the service went away meanwhile.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            sys.executable,
            "-m",
            "pip_audit",
            "--disable-pip",
            "--require-hashes",
            "--progress-spinner=off",
        ]
        command += [
            "--vulnerability-service=osv",
            f"--osv-url={service}",
            "--format=json",
            f"--output={report}",
        ]
        command += [f"--requirement={path}" for path in files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own words
        if not report.exists():
            raise SystemExit(f"pip-audit failed:\n{done.stderr}")
        found: dict[str, Any] = json.loads(report.read_text())
    return [
        f"{package['name']} {package['version']}: {hole['id']} {', '.join(hole['aliases'])}; "
        f"mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for package in found["dependencies"]
        for hole in package.get("vulns", ())
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
