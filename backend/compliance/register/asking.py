"""How a row of the register has a service do its work. Rows are written once; each process has services of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import svcs
from bson import ObjectId

from backend.compliance.register.terms import Departure

_Service = TypeVar("_Service")
_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


def asking(
    service: type[_Service], method: Callable[Concatenate[_Service, _Asked], _Answer]
) -> Callable[Concatenate[svcs.Container, _Asked], _Answer]:
    """A column's function that asks `service`, out of the services it is given, by a method of that class."""

    def ask(services: svcs.Container, /, *args: _Asked.args, **kwargs: _Asked.kwargs) -> _Answer:
        return method(services.get(service), *args, **kwargs)

    return ask


def forgotten_by(
    service: type[_Service], forget: Callable[[_Service, ObjectId], int]
) -> Callable[[svcs.Container, Departure], int]:
    """An erasure's step: `service` forgets whoever goes, and says how many records that were, or whether it was one."""

    def step(services: svcs.Container, gone: Departure) -> int:
        return int(forget(services.get(service), gone.user_id))

    return step
