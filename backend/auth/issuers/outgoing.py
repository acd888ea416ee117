"""Requests to identity providers: short, bounded, and to the address that was asked for, never elsewhere."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 3.0
_SILENCE_SECONDS = 5.0
_WHOLE_SECONDS = 10.0
_MOST_BYTES = 256 * 1024
_SERVER_ERROR = 500
_OK = 200


class IssuerAway(Exception):
    """An issuer cannot be reached, or does not answer as it should. Trying again later may help."""


class IssuerClient:
    """Asks issuers. One per process; connects when first used, so that it may be made before a fork."""

    def get(self, url: str) -> dict[str, Any]:
        """The JSON object at `url`.

        Raises:
            IssuerAway: there is none, for whatever reason.
        """
        status, answer = self._ask("GET", url, {}, b"")
        if status != _OK:
            raise IssuerAway(f"{_place(url)} answers {status}")
        return answer

    def post_form(self, url: str, form: str, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """Send a form; the answer's status (below 500) and JSON object.

        Raises:
            IssuerAway: as above.
        """
        form_type = {"Content-Type": "application/x-www-form-urlencoded"}
        status, answer = self._ask("POST", url, {**headers, **form_type}, form.encode())
        if status >= _SERVER_ERROR:
            raise IssuerAway(f"{_place(url)} answers {status}")
        return status, answer

    def delete(self, url: str, headers: Mapping[str, str]) -> int:
        """Ask for something to be deleted; the answer's status (below 500).

        Raises:
            IssuerAway: as above.
        """
        status, _ = self._exchange("DELETE", url, headers, b"")
        if status >= _SERVER_ERROR:
            raise IssuerAway(f"{_place(url)} answers {status}")
        return status

    def close(self) -> None:
        """Hang up."""
        if "_http" in self.__dict__:
            self._http.close()

    @cached_property
    def _http(self) -> httpx.Client:
        import httpx  # only where somebody logs in elsewhere: it takes long to load

        return httpx.Client(
            follow_redirects=False,
            timeout=httpx.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS),
            # Not compressed: a few bytes must not become many before they are counted.
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "DinDin"},
        )

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        status, text = self._exchange(method, url, headers, body)
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise IssuerAway(f"{_place(url)} answers {status} and no JSON object")
        return status, value

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        import httpx

        try:
            with self._http.stream(method, url, headers=dict(headers), content=body) as answer:
                return answer.status_code, _bounded(answer, url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise IssuerAway(f"{_place(url)}: {type(error).__name__}") from None


def _bounded(answer: httpx.Response, url: str) -> bytes:
    deadline = time.monotonic() + _WHOLE_SECONDS
    received = bytearray()
    for chunk in answer.iter_bytes():
        received += chunk
        if len(received) > _MOST_BYTES or time.monotonic() > deadline:
            raise IssuerAway(f"{_place(url)} does not come to an end")
    return bytes(received)


def _place(url: str) -> str:
    """The address without what may be secret in it."""
    return url.partition("?")[0]
