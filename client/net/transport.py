"""One HTTP request: JSON out, JSON in, and every kind of failure as `ApiError` with a sentence for people."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from client.net.errors import BAD_ANSWER, UNREACHABLE, ApiError, FrameError
from client.net.fields import Fields
from client.net.late_connections import LateConnections
from client.problem_words import own_words
from client.words import _

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
# People read it in the list of their devices.
USER_AGENT = f"DinDin ({platform.system().replace('Darwin', 'macOS') or 'some device'})"


class HttpTransport:
    """Requests to one server. Thread safe; every request has a time limit."""

    def __init__(self, base_url: str) -> None:
        self._host = urlsplit(base_url).netloc
        self._connections = LateConnections(
            f"{base_url}/api/v1",
            {"User-Agent": USER_AGENT, "Accept": "application/json"},
            timeout=ANSWER_SECONDS,
            connect=CONNECT_SECONDS,
        )

    def request(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any] | None = None,
        access_token: str | None = None,
    ) -> Fields:
        """Send a request and return the answer's JSON object, empty without a body; raises `ApiError`."""
        return self._object(self._send(method, path, content, _bearer(access_token)), path)

    def read_if_changed(self, path: str, access_token: str, tag: str) -> tuple[Fields, str] | None:
        """Get a JSON object and its ETag; None where the object with this `tag` is what is still there."""
        headers = _bearer(access_token) | ({"If-None-Match": tag} if tag else {})
        answer = self._send("GET", path, None, headers)
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            return None
        return self._object(answer, path), answer.headers.get("ETag", "")

    def download(
        self, path: str, content: Mapping[str, Any], access_token: str, write: Callable[[bytes], object]
    ) -> None:
        """Post `content` and hand the body of the answer to `write` as it comes; raises `ApiError`."""
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "*/*"}
        connections = self._connections.open()
        try:
            with connections.stream("POST", path, json=content, headers=headers) as answer:
                if answer.is_error:
                    answer.read()
                    raise _problem(answer, self._host)
                for piece in answer.iter_bytes():
                    write(piece)
        except connections.LOST as failure:
            raise self._unreachable() from failure
        finally:
            self._connections.leave_nothing_open()

    def close(self) -> None:
        """Close all connections; requests under way on other threads fail."""
        self._connections.close()

    def bad_answer(self) -> ApiError:
        """The error for an answer without the fields it should have."""
        return bad_answer(self._host)

    def _send(
        self, method: str, path: str, content: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        connections = self._connections.open()
        try:
            answer = connections.request(method, path, json=content, headers=headers)
        except connections.LOST as failure:
            raise self._unreachable() from failure
        finally:
            self._connections.leave_nothing_open()
        if answer.is_error:
            raise _problem(answer, self._host)
        return answer

    def _object(self, answer: httpx.Response, path: str) -> Fields:
        if not answer.content:
            return Fields({}, path)
        try:
            return Fields(answer.json(), path)
        except (FrameError, ValueError) as failure:
            raise bad_answer(self._host) from failure

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


def _bearer(access_token: str | None) -> dict[str, str]:
    return {} if access_token is None else {"Authorization": f"Bearer {access_token}"}


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
