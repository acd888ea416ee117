"""What each route asks of its caller, said a second time: adding a route is a decision that is made here as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.http.access import Access
from backend.users.consent_texts import CURRENT_TEXTS, ConsentKind
from tests.security.http.world import Someone, World

Body = Callable[[World, Someone], dict[str, Any]]

_OP_ID = "0" * 26


@dataclass(frozen=True)
class Row:
    """What is expected of a route.

    Attributes:
        level: whom it lets in.
        of: what the path names: a key of `World.things`. Strangers are told that there is no such thing.
        only_owner: of those who take part in it, others than its owner are refused.
        body: what a good request says.
        query: the same, in the address.
        mild: what a well-formed request says that changes nothing, where a good one could be sent only once.
    """

    level: Access
    of: str = ""
    only_owner: bool = False
    body: Body | None = None
    query: str = ""
    mild: Body | None = None


def _says(**fields: Any) -> Body:
    return lambda _world, _who: fields


def _password(_world: World, who: Someone) -> dict[str, Any]:
    return {"password": who.password or "guests have none"}


def _own_password_if_any(_world: World, who: Someone) -> dict[str, Any]:
    return {"password": who.password} if who.password else {}


def _new_password(_world: World, who: Someone) -> dict[str, Any]:
    return {"current": who.password or "guests have none", "new": "quite another one"}


def _unused_address(world: World, _who: Someone) -> dict[str, Any]:
    return {"email": world.unused_address(), "password": "0123456789"}


def _registration(world: World, who: Someone) -> dict[str, Any]:
    return {**_unused_address(world, who), "display_name": "Zoe"}


def _agreement(_world: World, _who: Someone) -> dict[str, Any]:
    kind = ConsentKind.TERMS
    return {"kind": kind.value, "version": CURRENT_TEXTS[kind].version, "given": True}


def _own_credentials(world: World, _who: Someone) -> dict[str, Any]:
    return {"email": world.owner.email, "password": world.owner.password}


def _fresh_refresh_token(world: World, _who: Someone) -> dict[str, Any]:
    return {"refresh_token": world.fresh_refresh_token()}


def _own_invite(world: World, who: Someone) -> dict[str, Any]:
    return {"token": world.invite_token_for(who)}


def _own_code(world: World, who: Someone) -> dict[str, Any]:
    return {"code": world.join_code_for(who)}


_V1 = "/api/v1"
_PUBLIC, _GUEST, _USER = Access.PUBLIC, Access.GUEST, Access.USER
_SESSION = "session"
_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
_START = f"return_to=http://127.0.0.1:5000/back&challenge={_CHALLENGE}&state=xyz&fresh=1"

EXPECTED: dict[str, Row] = {
    "GET /": Row(_PUBLIC),
    "GET /favicon.ico": Row(_PUBLIC),
    "GET /pages/<name>": Row(_PUBLIC),
    "GET /pictures/<name>.webp": Row(_PUBLIC),
    "GET /j/<code>": Row(_PUBLIC),
    "GET /g/<token>": Row(_PUBLIC),
    "GET /account/confirm": Row(_PUBLIC),
    "POST /account/confirm": Row(_PUBLIC),
    "GET /account/reset": Row(_PUBLIC),
    "POST /account/reset": Row(_PUBLIC),
    "GET /account/keep": Row(_PUBLIC),
    "POST /account/keep": Row(_PUBLIC),
    "GET /health": Row(_PUBLIC),
    "GET /health/live": Row(_PUBLIC),
    "GET /health/ready": Row(_PUBLIC),
    "GET /health/detailed": Row(Access.OPERATOR),
    "GET /metrics": Row(Access.METRICS),
    f"GET {_V1}/live": Row(Access.SOCKET),
    f"POST {_V1}/auth/register": Row(_PUBLIC, body=_registration),
    f"POST {_V1}/auth/guest": Row(_PUBLIC, body=_says(display_name="Gil")),
    f"POST {_V1}/auth/login": Row(_PUBLIC, body=_own_credentials),
    f"POST {_V1}/auth/refresh": Row(_PUBLIC, body=_fresh_refresh_token),
    f"POST {_V1}/auth/password/forgot": Row(_PUBLIC, body=_says(email="nobody@example.com")),
    f"POST {_V1}/auth/password/reset": Row(_PUBLIC, body=_says(token="none", new="0123456789")),
    f"POST {_V1}/auth/email/verify": Row(_PUBLIC, body=_says(token="none", password="a password")),
    f"GET {_V1}/auth/providers": Row(_PUBLIC),
    f"GET {_V1}/auth/oidc/<name>/start": Row(_PUBLIC, query=_START),
    f"GET {_V1}/auth/oidc/<name>/callback": Row(_PUBLIC, query="state=x&code=y"),
    f"POST {_V1}/auth/oidc/token": Row(_PUBLIC, body=_says(code="x" * 43, verifier="x" * 43)),
    f"POST {_V1}/auth/webhooks/clerk": Row(Access.SIGNED, body=_says(type="user.deleted")),
    f"POST {_V1}/users/webhooks/billing": Row(Access.SIGNED, body=_says(type="subscription.active")),
    f"POST {_V1}/auth/claim": Row(_GUEST, body=_unused_address),
    f"POST {_V1}/auth/logout": Row(_GUEST),
    f"POST {_V1}/auth/logout-all": Row(_GUEST),
    f"GET {_V1}/auth/verify": Row(_GUEST),
    f"POST {_V1}/auth/password": Row(_USER, body=_new_password),
    f"POST {_V1}/auth/email/confirmation": Row(_USER),
    f"GET {_V1}/users/me": Row(_GUEST),
    f"PATCH {_V1}/users/me": Row(_GUEST, body=_says(display_name="Ida")),
    f"GET {_V1}/users/me/preferences": Row(_GUEST),
    f"PUT {_V1}/users/me/preferences": Row(_GUEST, body=_says(max_price=2)),
    f"GET {_V1}/users/me/devices": Row(_GUEST),
    f"DELETE {_V1}/users/me/devices/<id>": Row(_GUEST, of="device"),
    f"GET {_V1}/users/me/notifications": Row(_GUEST),
    f"POST {_V1}/users/me/notifications/read": Row(_GUEST),
    f"POST {_V1}/users/me/notifications/<id>/read": Row(_GUEST, of="notification"),
    f"GET {_V1}/users/me/notification-settings": Row(_GUEST),
    f"PUT {_V1}/users/me/notification-settings": Row(_GUEST, body=_says(muted=[])),
    f"PUT {_V1}/admin/users/<id>/tier": Row(Access.OPERATOR, body=_says(tier="pro")),
    f"GET {_V1}/recipes": Row(_GUEST),
    f"GET {_V1}/recipes/<id>": Row(_GUEST),
    f"GET {_V1}/restaurants": Row(_GUEST),
    f"GET {_V1}/restaurants/<id>": Row(_GUEST),
    f"GET {_V1}/recipes/recommendations": Row(_GUEST),
    f"POST {_V1}/recipes/<id>/like": Row(_USER),
    f"DELETE {_V1}/recipes/<id>/like": Row(_USER),
    f"GET {_V1}/users/me/saved-ids": Row(_GUEST),
    f"GET {_V1}/users/me/saved-recipes": Row(_GUEST),
    f"PUT {_V1}/users/me/saved-recipes/<id>": Row(_GUEST),
    f"DELETE {_V1}/users/me/saved-recipes/<id>": Row(_GUEST),
    f"GET {_V1}/users/me/saved-restaurants": Row(_GUEST),
    f"PUT {_V1}/users/me/saved-restaurants/<id>": Row(_GUEST),
    f"DELETE {_V1}/users/me/saved-restaurants/<id>": Row(_GUEST),
    f"GET {_V1}/users/me/history": Row(_GUEST),
    f"PUT {_V1}/users/me/history/<id>": Row(_GUEST, of=_SESSION, body=_says(rating=5, note="Good")),
    f"GET {_V1}/users/me/shopping-list": Row(_GUEST),
    f"POST {_V1}/users/me/shopping-list/items": Row(_GUEST, body=_says(name="rice")),
    f"POST {_V1}/users/me/shopping-list/recipes/<id>": Row(_GUEST, body=_says(servings=2)),
    f"PATCH {_V1}/users/me/shopping-list/items/<id>": Row(
        _GUEST, of="shopping_item", body=_says(ticked=True)
    ),
    f"DELETE {_V1}/users/me/shopping-list/items/<id>": Row(_GUEST),
    f"DELETE {_V1}/users/me/shopping-list/ticked": Row(_GUEST),
    f"PUT {_V1}/users/me/shopping-list/sharing": Row(_USER, body=_says(group_id=None)),
    f"GET {_V1}/groups/<id>/shopping-list": Row(_USER, of="group"),
    f"POST {_V1}/groups/<id>/shopping-list/items": Row(_USER, of="group", body=_says(name="rice")),
    f"POST {_V1}/groups/<id>/shopping-list/recipes/<recipe_id>": Row(
        _USER, of="group", body=_says(servings=2)
    ),
    f"PATCH {_V1}/groups/<id>/shopping-list/items/<item_id>": Row(_USER, of="group", body=_says(ticked=True)),
    f"DELETE {_V1}/groups/<id>/shopping-list/items/<item_id>": Row(_USER, of="group"),
    f"DELETE {_V1}/groups/<id>/shopping-list/ticked": Row(_USER, of="group"),
    f"POST {_V1}/sessions": Row(_USER, body=_says(menu="both")),
    f"POST {_V1}/sessions/join": Row(_GUEST, body=_own_code),
    f"GET {_V1}/sessions": Row(_GUEST),
    f"GET {_V1}/sessions/<id>": Row(_GUEST, of=_SESSION),
    f"GET {_V1}/sessions/<id>/deck": Row(_GUEST, of=_SESSION),
    f"GET {_V1}/sessions/<id>/qr.svg": Row(_GUEST, of=_SESSION),
    f"POST {_V1}/sessions/<id>/energy": Row(_GUEST, of=_SESSION, body=_says(level="low")),
    f"POST {_V1}/sessions/<id>/ready": Row(_GUEST, of=_SESSION, body=_says(ready=True)),
    f"POST {_V1}/sessions/<id>/start": Row(_GUEST, of=_SESSION, only_owner=True),
    f"POST {_V1}/sessions/<id>/swipes": Row(
        _GUEST, of=_SESSION, body=_says(op_id=_OP_ID, item_id="0" * 24, direction="right")
    ),
    f"POST {_V1}/sessions/<id>/undo": Row(_GUEST, of=_SESSION, body=_says(op_id=_OP_ID)),
    f"POST {_V1}/sessions/<id>/votes": Row(_GUEST, of=_SESSION, body=_says(motion="pause", in_favour=True)),
    f"POST {_V1}/sessions/<id>/toss": Row(_GUEST, of=_SESSION, only_owner=True),
    f"GET {_V1}/sessions/<id>/messages": Row(_GUEST, of=_SESSION),
    f"POST {_V1}/sessions/<id>/messages": Row(_GUEST, of=_SESSION, body=_says(op_id=_OP_ID, text="Hi")),
    f"POST {_V1}/sessions/<id>/reactions": Row(_GUEST, of=_SESSION, body=_says(emoji="👍")),
    f"POST {_V1}/sessions/<id>/feedback": Row(_GUEST, of=_SESSION, body=_says(followed_through=True)),
    f"POST {_V1}/sessions/<id>/leave": Row(_GUEST, of=_SESSION),
    f"POST {_V1}/groups": Row(_USER, body=_says(name="Friends")),
    f"GET {_V1}/groups": Row(_USER),
    f"POST {_V1}/groups/join": Row(_USER, body=_own_invite),
    f"GET {_V1}/groups/<id>": Row(_USER, of="group"),
    f"PATCH {_V1}/groups/<id>": Row(_USER, of="group", only_owner=True, body=_says(name="Mine")),
    f"DELETE {_V1}/groups/<id>": Row(_USER, of="group", only_owner=True),
    f"GET {_V1}/groups/<id>/history": Row(_USER, of="group"),
    f"GET {_V1}/groups/<id>/qr.svg": Row(_USER, of="group"),
    f"POST {_V1}/groups/<id>/invite": Row(_USER, of="group", only_owner=True),
    f"POST {_V1}/groups/<id>/leave": Row(_USER, of="group"),
    f"DELETE {_V1}/groups/<id>/members/<user_id>": Row(_USER, of="group", only_owner=True),
    f"GET {_V1}/compliance/consent-texts/<kind>": Row(_PUBLIC),
    f"GET {_V1}/compliance/consents": Row(_GUEST),
    f"PUT {_V1}/compliance/consents": Row(_GUEST, body=_agreement),
    f"GET {_V1}/compliance/retention": Row(_GUEST),
    f"GET {_V1}/compliance/audit": Row(_GUEST),
    f"GET {_V1}/admin/audit": Row(Access.OPERATOR),
    f"POST {_V1}/compliance/exports": Row(_GUEST, body=_own_password_if_any),
    f"GET {_V1}/compliance/exports": Row(_GUEST),
    f"POST {_V1}/compliance/erasure": Row(
        _GUEST, body=_own_password_if_any, mild=_says(password="not the password")
    ),
    f"GET {_V1}/compliance/erasure": Row(_GUEST),
    f"DELETE {_V1}/compliance/erasure": Row(_GUEST),
    f"GET {_V1}/compliance/erasure-receipts/<receipt_id>": Row(_PUBLIC),
    f"GET {_V1}/compliance/exports/<id>": Row(_GUEST, of="export"),
    f"POST {_V1}/compliance/exports/<id>/download": Row(_GUEST, of="export", body=_own_password_if_any),
    f"GET {_V1}/admin/jobs/failed": Row(Access.OPERATOR),
    f"POST {_V1}/admin/jobs/<id>/retry": Row(Access.OPERATOR),
    f"POST {_V1}/admin/jobs/entrance": Row(Access.OPERATOR),
    "GET /admin/jobs/enter": Row(Access.OPERATORS_BROWSER),
    "GET /admin/jobs/": Row(Access.OPERATORS_BROWSER),
    "POST /admin/jobs/": Row(Access.OPERATORS_BROWSER),
    "GET /admin/jobs/<path:rest>": Row(Access.OPERATORS_BROWSER),
    "POST /admin/jobs/<path:rest>": Row(Access.OPERATORS_BROWSER),
}
