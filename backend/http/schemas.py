"""What crosses the wire in more than one feature: strict bases, ids, moments, pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from bson import ObjectId
from flask import Response, jsonify, request
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from werkzeug.urls import iri_to_uri

from backend.infra.clock import to_iso

_MAX_PAGE_SIZE = 100
_MAX_PAGE = 10_000

ID_PATTERN = r"^[0-9a-f]{24}$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
_AS_MOMENT = WithJsonSchema({"type": "string", "format": "date-time"})
Moment = Annotated[datetime, PlainSerializer(to_iso, return_type=str, when_used="json"), _AS_MOMENT]
MomentText = Annotated[str, _AS_MOMENT]  # one that was rendered by `to_iso` already


class Body(BaseModel):
    """Base of everything that comes in: unknown fields are refused, types are not guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, str_max_length=10_000)


class Query(BaseModel):
    """Base of query strings: unknown names are refused, text is converted to the declared types."""

    model_config = ConfigDict(extra="forbid")


class Path(BaseModel):
    """Base of path parameters."""

    model_config = ConfigDict(extra="forbid")


class IdPath(Path):
    """One id in the path."""

    id: Id

    @property
    def object_id(self) -> ObjectId:
        """The id as MongoDB stores it."""
        return ObjectId(self.id)


class PageQuery(Query):
    """Which page; a limit out of range is clamped, not refused."""

    page: int = Field(1, ge=1, le=_MAX_PAGE)
    limit: Annotated[int, AfterValidator(lambda n: min(max(n, 1), _MAX_PAGE_SIZE))] = 20

    @property
    def skip(self) -> int:
        """How many items come before this page."""
        return (self.page - 1) * self.limit


_Item = TypeVar("_Item")


class Page(BaseModel, Generic[_Item]):
    """One page of a list."""

    items: list[_Item]
    page: int
    limit: int
    total: int
    has_more: bool


def page_response(items: list[Any], total: int, query: PageQuery, **besides: Any) -> Response:
    """One page of `total` items as JSON, with what is said `besides`, and links to its neighbours."""
    page = {
        "items": items,
        "page": query.page,
        "limit": query.limit,
        "total": total,
        "has_more": query.skip + len(items) < total,
    }
    response = jsonify({**page, **besides})
    _add_page_links(response, total, query)
    return response


def json_of(model: BaseModel) -> dict[str, Any]:
    """A model as JSON-ready values."""
    return model.model_dump(mode="json")


def _add_page_links(response: Response, total: int, query: PageQuery) -> None:
    """RFC 8288 `Link` headers."""
    last = max(1, -(-total // query.limit))
    links = {"first": 1, "last": last}
    if query.page > 1:
        links["prev"] = min(query.page - 1, last)
    if query.page < last:
        links["next"] = query.page + 1
    others = [
        (name, value) for name, value in request.args.items(multi=True) if name not in {"page", "limit"}
    ]
    for relation, page in links.items():
        parameters = "&".join(
            f"{name}={value}" for name, value in [*others, ("page", page), ("limit", query.limit)]
        )
        response.headers.add("Link", f'<{iri_to_uri(f"{request.path}?{parameters}")}>; rel="{relation}"')
