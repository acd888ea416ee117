"""The project's own nginx configuration, run by Debian's nginx on the loopback address."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.options import REPOSITORY
from deploy.local.stack import free_port
from tests.waiting import eventually

NGINX = shutil.which("nginx") or shutil.which("nginx", path=f"/usr/sbin:{REPOSITORY / '.venv' / 'bin'}")
MISSING = "nginx is not here: `sh deploy/nginx/fetch.sh` fetches it"
HOST = "localhost"

CONFIGURATION = REPOSITORY / "deploy" / "nginx"
_TEMPLATE = "dindin.conf.template"
_STOP_SECONDS = 30
# Its package has these where only root may write.
_FOLDERS_OF_THIS_RUN = "".join(
    f"{module}_temp_path temp_{module};\n" for module in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)


def rendered(template: str, values: dict[str, str]) -> str:
    """What `envsubst` makes of a template: `${NAME}` is replaced where there is a value, all else stays."""
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], found[0]), template)


class NginxFront:
    """nginx with TLS in front of some APIs. A context manager.

    Attributes:
        url: where it is reached, with a certificate that `authority` vouches for.
        plain_url: from where it sends people to TLS.
        authority: file with the certificate to trust.
    """

    def __init__(self, folder: Path, apis: Sequence[str]) -> None:
        """Args:
        apis: `address:port` of each.
        """
        self._folder = folder
        self.authority = folder / "certificate.pem"
        http, https = free_port(), free_port()
        self.url, self.plain_url = f"https://{HOST}:{https}", f"http://{HOST}:{http}"
        self._values = {
            "DINDIN_HOST": HOST,
            "DINDIN_HTTP": f"127.0.0.1:{http}",
            "DINDIN_HTTPS": f"127.0.0.1:{https}",
            "DINDIN_CERTIFICATE": str(self.authority),
            "DINDIN_CERTIFICATE_KEY": str(folder / "key.pem"),
            "DINDIN_ACME": str(folder / "acme"),
            "DINDIN_PICTURES": str(folder / "pictures"),
            "DINDIN_LOG": str(folder / "requests.log"),
            "DINDIN_ERRORS": str(folder / "errors.log"),
            "DINDIN_API_SERVERS": "\n".join(f"server {api} max_fails=0;" for api in apis),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def trust(self) -> ssl.SSLContext:
        """For clients of this front alone."""
        return ssl.create_default_context(cafile=self.authority)

    @property
    def log_path(self) -> Path:
        """One line a request."""
        return self._folder / "requests.log"

    def __enter__(self) -> Self:
        assert NGINX is not None, MISSING
        _make_certificate(self.authority, self._folder / "key.pem")
        sites = self._folder / "conf.d"
        sites.mkdir()
        (self._folder / "acme").mkdir()
        shutil.copy(CONFIGURATION / "nginx.conf", self._folder)
        template = (CONFIGURATION / "templates" / _TEMPLATE).read_text()
        (sites / "dindin.conf").write_text(rendered(template, self._values))
        (sites / "folders.conf").write_text(_FOLDERS_OF_THIS_RUN)
        command = [NGINX, "-p", str(self._folder), "-c", "nginx.conf", "-e", "error.log", "-g"]
        # As root it would serve as somebody else, who may not enter a test's folder.
        mine = "pid nginx.pid;" + (" user root;" if os.geteuid() == 0 else "")
        checked = subprocess.run([*command, mine, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        self._process = subprocess.Popen([*command, f"daemon off; {mine}"], start_new_session=True)
        try:
            eventually(self._listens)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _listens(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "error.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", urlsplit(self.url).port or 0)) == 0


def _make_certificate(certificate: Path, key: Path) -> None:
    """One for the loopback host that vouches for itself, good for a day."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
