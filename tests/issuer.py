"""An OpenID issuer on loopback whose every word a test decides. It is strict: about codes, verifiers and secrets."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "dindin-client", "dindin-client-secret"

Claims = dict[str, Any]


def new_key(kid: str) -> RSAKey:
    """A key to sign with."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}, private=True)


@cache
def _first_key() -> RSAKey:
    """One for all issuers of a run: making one takes a while."""
    return new_key("first")


def sign(claims: Mapping[str, Any], key: RSAKey | OctKey, **header: Any) -> str:
    """A token; a header that is None is left out."""
    full = {"alg": "RS256", "kid": key.kid, "typ": "JWT", **header}
    full = {name: value for name, value in full.items() if value is not None}
    # Not the code under test: headers and algorithms that it would never write are wanted here.
    registry = jws.JWSRegistry(algorithms=[full["alg"]], strict_check_header=False)
    return jws.serialize_compact(full, json.dumps(claims).encode(), key, registry=registry)


def unsigned(claims: Mapping[str, Any]) -> str:
    """A token with the algorithm `none`."""
    parts = (json.dumps({"alg": "none", "typ": "JWT"}), json.dumps(claims))
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


class Issuer:
    """Attributes:
    key: what it signs with; `publish` says which keys the world knows.
    asked: how often each path was asked for.
    broken: paths that answer 500.
    moved: paths that answer with a redirect, and where to.
    discovery: what its discovery document says besides, or instead.
    make_token: the ID token for claims; a test may put its own in place.
    """

    def __init__(self, address: str) -> None:
        self.url = address
        self.key = _first_key()
        self.published = [self.key]
        self.asked: Counter[str] = Counter()
        self.broken: set[str] = set()
        self.moved: dict[str, str] = {}
        self.discovery: dict[str, Any] = {}
        self.make_token: Callable[[Claims], str] = lambda claims: sign(claims, self.key)
        self.token_requests: list[dict[str, str]] = []
        self._codes: dict[str, tuple[dict[str, str], Claims]] = {}

    def rotate(self, kid: str) -> None:
        """Sign with another key from now on; the old one is published no more."""
        self.key = new_key(kid)
        self.published = [self.key]

    def log_in(self, location: str, subject: str, **claims: Any) -> str:
        """What a browser does with the redirect to here: somebody logs in. Returns where it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = secrets.token_urlsafe(16)
        now = int(time.time())
        told = {
            "iss": self.url,
            "sub": subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **claims,
        }
        self._codes[code] = (asked, {name: value for name, value in told.items() if value is not None})
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """Status and JSON of one request."""
        self.asked[path] += 1
        if path in self.moved:
            return 302, {"moved": self.moved[path]}
        if path in self.broken:
            return 500, {"error": "broken"}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/.well-known/jwks.json",
                **self.discovery,
            }
        if path == "/.well-known/jwks.json":
            return 200, {"keys": [key.as_dict(private=False) for key in self.published]}
        return self._token(form, authorization) if path == "/token" else (404, {})

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        self.token_requests.append(form)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked, claims = self._codes.pop(form.get("code", ""), ({}, {}))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        good = (
            authorization == f"Basic {basic}"
            and form.get("grant_type") == "authorization_code"
            and form.get("redirect_uri") == asked.get("redirect_uri")
            and asked.get("code_challenge_method") == "S256"
            and asked.get("code_challenge") == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        )
        if not good:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": self.make_token(claims)}


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """A real HTTP server on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(text).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, value = issuer.answer(self.path, form, self.headers.get("Authorization", ""))
            body = json.dumps(value).encode()
            self.send_response(status)
            if status == HTTPStatus.FOUND:
                self.send_header("Location", value["moved"])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


def clerk_token(issuer: Issuer, now: float, subject: str, session: str, **claims: Any) -> str:
    """A session token as Clerk makes them; a claim that is None is left out."""
    told = {
        "azp": "https://app.example",
        "exp": int(now) + 60,
        "fva": [0, -1],
        "iat": int(now),
        "iss": issuer.url,
        "nbf": int(now) - 10,
        "sid": session,
        "sts": "active",
        "sub": subject,
        "v": 2,
        **claims,
    }
    present = {name: value for name, value in told.items() if value is not None}
    return sign(present, issuer.key, cat="cl_B7d4PD111AAA")
