"""What crosses the wire when logging in through others."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from backend.http.schemas import Body, Path, Query

# RFC 8252, section 7.3: the app listens on a port of the person's own machine, named by address: what a name leads to
# is for others to say. No query, no fragment, nothing before the host.
_LOOPBACK_ADDRESS = re.compile(
    r"http://(?:127\.0\.0\.1|\[::1\]):(?P<port>[1-9][0-9]{0,4})(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
)
_MAX_PORT = 65535
_MAX_TOLD = 4096


def _own_machine(address: str) -> str:
    match = _LOOPBACK_ADDRESS.fullmatch(address)
    if match is None or int(match["port"]) > _MAX_PORT:
        raise ValueError("Must be http://127.0.0.1:PORT/PATH or http://[::1]:PORT/PATH.")
    return address


_Challenge = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
_Verifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{43,128}$")]
_AppState = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,512}$")]


class ProviderPath(Path):
    """A provider's name in the path."""

    name: str = Field(max_length=40)


class StartQuery(Query):
    """What the app opens in the browser."""

    return_to: Annotated[str, StringConstraints(max_length=512), AfterValidator(_own_machine)] = Field(
        description="Where the app listens on this machine: http://127.0.0.1:PORT/PATH or http://[::1]:PORT/PATH."
    )
    challenge: _Challenge = Field(description="S256 of the app's verifier (RFC 7636).")
    state: _AppState = Field(description="The app's own, handed back to it.")
    fresh: bool = Field(
        False,
        description="1: after `log_in_again`. The provider must ask who they are, unless it did within ten minutes.",
    )


class CallbackQuery(BaseModel):
    """What a provider hands back. Providers add what they like; that is passed over."""

    model_config = ConfigDict(extra="ignore")

    state: str = Field("", max_length=_MAX_TOLD)
    code: str = Field("", max_length=_MAX_TOLD)
    error: str = Field("", max_length=_MAX_TOLD)
    iss: str = Field("", max_length=_MAX_TOLD)


class CodeExchange(Body):
    """A one-time code, and the verifier that shows whose it is."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    verifier: _Verifier


class ProviderOut(BaseModel):
    """Through whom one can log in."""

    name: str
    label: str = Field(description="What people call it.")


class ProviderList(BaseModel):
    """Through whom one can log in here."""

    items: list[ProviderOut]


def providers_out(items: list[tuple[str, str]]) -> dict[str, Any]:
    """Names and labels as the wire has them."""
    return ProviderList(items=[ProviderOut(name=name, label=label) for name, label in items]).model_dump()
