"""What is recorded of one thing that happened, before it is an entry of the chain."""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Self

from bson import ObjectId

_IPV4_PREFIX = 24
_IPV6_PREFIX = 48


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"  # who asked may not, is not who they say, or came too often
    FAILED = "failed"  # could not be done as asked, or something broke


class Channel(StrEnum):
    """Which way it came."""

    HTTP = "http"
    SOCKET = "socket"
    COMMAND = "command"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from.

    Attributes:
        network: the caller's address, truncated; "" where there is none.
    """

    channel: Channel = Channel.JOB
    request_id: str = ""
    network: str = ""


_A_JOB = Origin()
ORIGIN: ContextVar[Origin] = ContextVar("audit_origin", default=_A_JOB)
"""Of what is being done right now; what is part of no request is done by a job."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something that happened. No names, no addresses, no words of anybody, no tokens.

    Attributes:
        action: what, as `auth.log_in`.
        who: the user who did it; None where nobody knows, or it was no user.
        about: the user to whom it was done, if it was another one.
        resource: what it was done to, as a route with ids in it. Written only where it can be sealed for somebody.
        route: the same without ids: what may stand there in plain, and what events are told together by.
        reason: the code of the problem, where it ended in one.
        milliseconds: how long it took.
        tried: a keyed digest of the address that somebody unknown gave, so that attempts can be told together.
        times: how many like it this one stands for.
        security: whether it must never be lost; others may, where everything is away.
    """

    action: str
    outcome: Outcome = Outcome.DONE
    who: ObjectId | None = None
    about: ObjectId | None = None
    resource: str = ""
    route: str = ""
    reason: str = ""
    milliseconds: int = 0
    tried: str = ""
    times: int = 1
    security: bool = True
    origin: Origin = field(default_factory=ORIGIN.get)
    at: datetime | None = None
    id: ObjectId = field(default_factory=ObjectId)

    def text(self) -> str:
        """As it waits in the queue."""
        return json.dumps(
            {
                "id": str(self.id),
                "at": round(self.moment.timestamp() * 1000),
                "action": self.action,
                "outcome": self.outcome,
                "who": str(self.who) if self.who else None,
                "about": str(self.about) if self.about else None,
                "resource": self.resource,
                "route": self.route,
                "reason": self.reason,
                "milliseconds": self.milliseconds,
                "tried": self.tried,
                "times": self.times,
                "origin": [self.origin.channel, self.origin.request_id, self.origin.network],
            },
            separators=(",", ":"),
        )

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """What `text` wrote.

        Raises:
            ValueError, KeyError, TypeError, InvalidId: it is not that.
        """
        said = json.loads(text)
        channel, request_id, network = said.pop("origin")
        return cls(
            **{
                **said,
                "id": ObjectId(said["id"]),
                "at": datetime.fromtimestamp(said["at"] / 1000, UTC),
                "outcome": Outcome(said["outcome"]),
                "who": ObjectId(said["who"]) if said["who"] else None,
                "about": ObjectId(said["about"]) if said["about"] else None,
                "origin": Origin(Channel(channel), request_id, network),
            }
        )

    @property
    def moment(self) -> datetime:
        """When it happened.

        Raises:
            ValueError: nobody has said yet.
        """
        if self.at is None:
            raise ValueError("an event needs a time before it is written")
        return self.at

    def at_least_at(self, now: datetime) -> Self:
        """The event with a time: `now`, if it has none yet."""
        return self if self.at is not None else replace(self, at=now)


def truncated(address: str) -> str:
    """The network that an address is in: /24 with IPv4, /48 with IPv6; "" for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    prefix = _IPV6_PREFIX if isinstance(parsed, IPv6Address) else _IPV4_PREFIX
    return str(ip_network((parsed.packed, prefix), strict=False))
