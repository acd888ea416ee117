"""One HTTP request: JSON out, JSON in, and every kind of failure as `ApiError` with a sentence for people."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from client.net.errors import BAD_ANSWER, UNREACHABLE, ApiError, FrameError
from client.net.fields import Fields
from client.problem_words import own_words
from client.words import _

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
# People read it in the list of their devices.
USER_AGENT = f"DinDin ({platform.system().replace('Darwin', 'macOS') or 'some device'})"
# Shorter than servers keep idle connections, so that no request meets one that is just being closed.
_IDLE_SECONDS = 1.0
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class _Connections(httpx.Client):
    """Can be closed more than once: what was just being connected the first time would stay open."""

    def close_again(self) -> None:
        """Close what has come to stand since."""
        for transport in (self._transport, *self._mounts.values()):
            if transport is not None:
                transport.close()


class HttpTransport:
    """Requests to one server. Thread safe; every request has a time limit."""

    def __init__(self, base_url: str) -> None:
        self._host = urlsplit(base_url).netloc
        self._closed = False
        self._client = _Connections(
            base_url=f"{base_url}/api/v1",
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(keepalive_expiry=_IDLE_SECONDS),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            # A proxy for the world outside cannot reach a server on this machine.
            mounts={f"all://{host}": None for host in _LOOPBACK},
        )

    def request(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any] | None = None,
        access_token: str | None = None,
    ) -> Fields:
        """Send a request and return the answer's JSON object, empty without a body; raises `ApiError`."""
        headers = {} if access_token is None else {"Authorization": f"Bearer {access_token}"}
        try:
            answer = self._client.request(method, path, json=content, headers=headers)
        except httpx.RequestError as failure:
            raise self._unreachable() from failure
        finally:
            self._leave_nothing_open()
        if answer.is_error:
            raise _problem(answer, self._host)
        if not answer.content:
            return Fields({}, path)
        try:
            return Fields(answer.json(), path)
        except (FrameError, ValueError) as failure:
            raise bad_answer(self._host) from failure

    def download(
        self, path: str, content: Mapping[str, Any], access_token: str, write: Callable[[bytes], object]
    ) -> None:
        """Post `content` and hand the body of the answer to `write` as it comes; raises `ApiError`."""
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "*/*"}
        try:
            with self._client.stream("POST", path, json=content, headers=headers) as answer:
                if answer.is_error:
                    answer.read()
                    raise _problem(answer, self._host)
                for piece in answer.iter_bytes():
                    write(piece)
        except httpx.RequestError as failure:
            raise self._unreachable() from failure
        finally:
            self._leave_nothing_open()

    def close(self) -> None:
        """Close all connections; requests under way on other threads fail."""
        self._closed = True
        self._client.close()

    def _leave_nothing_open(self) -> None:
        if self._closed:
            self._client.close_again()

    def bad_answer(self) -> ApiError:
        """The error for an answer without the fields it should have."""
        return bad_answer(self._host)

    def _unreachable(self) -> ApiError:
        return ApiError(
            0,
            UNREACHABLE,
            _("The DinDin server at {host} cannot be reached. Check your connection and try again.").format(
                host=self._host
            ),
        )


def bad_answer(host: str, status: int = 0) -> ApiError:
    """Somebody answered, but not in DinDin's words: a proxy, a log-in page of a Wi-Fi, another program."""
    return ApiError(
        status,
        BAD_ANSWER,
        _(
            "What answers at {host} does not seem to be a DinDin server. Check the address and your connection."
        ).format(host=host),
    )


def _problem(answer: httpx.Response, host: str) -> ApiError:
    """The error in a problem+json body (RFC 9457), or one of our own when the body is something else."""
    retry_after = _seconds(answer.headers.get("Retry-After"))
    try:
        problem = Fields(json.loads(answer.content), "problem")
        fields = problem.objects("errors") if problem.has("errors") else ()
        code = problem.text("code")
        return ApiError(
            answer.status_code,
            code,
            own_words(code, problem.text("detail")),
            {entry.text("field"): entry.text("message") for entry in fields},
            problem.number("retry_after") if problem.has("retry_after") else retry_after,
        )
    except (FrameError, ValueError):
        if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return bad_answer(host, answer.status_code)
        detail = _("The server has a problem of its own at the moment. Please try again shortly.")
        return ApiError(answer.status_code, "server_error", detail, retry_after=retry_after)


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isascii() and header.isdecimal() else None
