"""Puts the parts of sessions together: those that every process has, and those of an API process alone."""

from __future__ import annotations

import structlog
import svcs
from flask import Flask

from backend.auth.service import AuthService
from backend.catalog.service import CatalogService
from backend.config import Settings
from backend.groups.service import GroupService
from backend.infra.cache import Cache
from backend.infra.clock import Clock
from backend.infra.event_bus import EventBus
from backend.infra.flags import Flags
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Breaker, Valkey
from backend.sessions.attendance import Attendance
from backend.sessions.conversation import Conversation
from backend.sessions.deadlines import Deadlines
from backend.sessions.dealing import Dealer
from backend.sessions.ended_counts import EndedCounts
from backend.sessions.evenings import Evenings
from backend.sessions.for_groups import GroupSessions
from backend.sessions.forgetting import Forgetting
from backend.sessions.invitations import Invitations
from backend.sessions.kept import KeptSessions
from backend.sessions.live import LiveEndpoint, open_live_route
from backend.sessions.operating import Operating
from backend.sessions.outcomes import Outcomes
from backend.sessions.presence import Presence
from backend.sessions.rooms import Rooms
from backend.sessions.runtime import SessionRuntime
from backend.sessions.service import SessionService
from backend.sessions.settling import Settling
from backend.sessions.sockets import Sockets
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.swiping import Swiping
from backend.sessions.transitions import Transitions
from backend.sessions.views import SessionViews
from backend.users.preferences import PreferenceService
from backend.users.service import UserService

_log = structlog.stdlib.get_logger(__name__)


def register_sessions(registry: svcs.Registry) -> None:
    """Register what API and worker processes share; what it takes from the registry must be there."""
    with svcs.Container(registry) as known:
        settings = known.get(Settings)
        database = known.get(MongoDatabase)
        valkey = known.get(Valkey)
        clock = known.get_abstract(Clock)
        users, preferences = known.get(UserService, PreferenceService)
        groups, bus, breaker = known.get(GroupService, EventBus, Breaker)
        catalog, flags, cache = known.get(CatalogService, Flags, Cache)
    store, swipes = SessionStore(database), SwipeLog(database)
    deadlines = Deadlines(valkey, settings.redis_prefix, breaker)
    presence = Presence(valkey, settings.redis_prefix, bus.node)
    transitions = Transitions(store, bus, deadlines, catalog, clock)
    evenings = Evenings(database, store, swipes)
    conversation = Conversation(database, store, transitions, clock)
    service = SessionService(
        store=store,
        swipes=swipes,
        transitions=transitions,
        users=users,
        dealer=Dealer(preferences, catalog, evenings, clock, flags),
        clock=clock,
        settings=settings,
        flags=flags,
    )
    attendance = Attendance(
        presence=presence, service=service, deadlines=deadlines, clock=clock, settings=settings
    )
    kept = KeptSessions(store=store, swipes=swipes, conversation=conversation, evenings=evenings, clock=clock)
    views = SessionViews(
        store=store,
        swipes=swipes,
        ended=EndedCounts(swipes, cache, clock),
        bus=bus,
        presence=presence,
        catalog=catalog,
        clock=clock,
        settings=settings,
    )
    forgetting = Forgetting(
        service=service,
        store=store,
        swipes=swipes,
        conversation=conversation,
        evenings=evenings,
        presence=presence,
        bus=bus,
    )
    shared = (store, swipes, deadlines, presence, transitions, service, views)
    registry.register_value(GroupSessions, GroupSessions(service, groups, store, clock))
    outcomes = Outcomes(store, evenings, clock)
    parts = (conversation, evenings, attendance, kept, outcomes, forgetting, Invitations(store, groups))
    for part in (*shared, *parts):
        registry.register_value(type(part), part)


def start_live(app: Flask, registry: svcs.Registry) -> SessionRuntime:
    """Open the live socket and start this API process's part in running sessions. Stopped with the registry."""
    with svcs.Container(registry) as known:
        clock = known.get_abstract(Clock)
        auth = known.get(AuthService)
        bus, store, swipes = known.get(EventBus, SessionStore, SwipeLog)
        service, transitions = known.get(SessionService, Transitions)
        deadlines, attendance = known.get(Deadlines, Attendance)
        sockets, rooms = Sockets(), Rooms(store, swipes, bus)
        settling = Settling(
            rooms=rooms, log=swipes, service=service, transitions=transitions, bus=bus, clock=clock
        )
        rooms.when_undecided(settling.look_at)
        swiping = Swiping(rooms=rooms, log=swipes, store=store, settling=settling, clock=clock)
        endpoint = LiveEndpoint(
            auth=auth,
            service=service,
            views=known.get(SessionViews),
            sockets=sockets,
            rooms=rooms,
            operating=Operating(
                auth=auth,
                service=service,
                swiping=swiping,
                conversation=known.get(Conversation),
                clock=clock,
            ),
            attendance=attendance,
            bus=bus,
            clock=clock,
        )
        open_live_route(app, endpoint, known.get(Settings))
    runtime = SessionRuntime(
        auth=auth,
        sockets=sockets,
        rooms=rooms,
        swiping=swiping,
        bus=bus,
        deadlines=deadlines,
        attendance=attendance,
        service=service,
        store=store,
        transitions=transitions,
        clock=clock,
    )
    registry.register_value(Swiping, swiping)
    registry.register_value(SessionRuntime, runtime, on_registry_close=runtime.stop)
    runtime.start()
    _log.info("live_opened", node=bus.node)
    return runtime


def stop_live(app: Flask) -> None:
    """Ask the clients of this process to connect elsewhere, and commit what they sent. For gunicorn's hook."""
    with svcs.Container(svcs.flask.get_registry(app)) as known:
        known.get(SessionRuntime).stop()
