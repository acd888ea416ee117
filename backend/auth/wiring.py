"""Builds what logs people in through others, and what takes messages about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import svcs
from bson import ObjectId

from backend.audit.events import AuditEvent
from backend.audit.trail import AuditTrail
from backend.auth.clerk.directory import ClerkDirectory
from backend.auth.clerk.events import ClerkEvents
from backend.auth.clerk.gone import GoneIdentities
from backend.auth.clerk.log_ins import ClerkLogIns
from backend.auth.clerk.tokens import ClerkTokens
from backend.auth.issuers.outgoing import IssuerClient
from backend.auth.oidc.service import Federation
from backend.auth.service import AuthService
from backend.auth.webhooks.billing import BillingEvents
from backend.auth.webhooks.deliveries import Deliveries
from backend.auth.webhooks.service import Webhooks
from backend.config import Settings
from backend.infra.clock import Clock
from backend.infra.valkey import Valkey
from backend.users.accounts import Accounts
from backend.users.elsewhere import ToldElsewhere
from backend.users.service import UserService


def clerk_log_ins(
    client: IssuerClient,
    accounts: Accounts,
    clock: Clock,
    settings: Settings,
    record: Callable[[AuditEvent], None],
) -> ClerkLogIns | None:
    """What lets people in with Clerk's tokens; None where this server is not set up for it."""
    if not settings.clerk_issuer:
        return None
    return ClerkLogIns(
        tokens=ClerkTokens(client, clock, settings),
        accounts=accounts,
        gone=GoneIdentities(clock),
        clock=clock,
        kept_for=timedelta(days=settings.refresh_token_days),
        record=record,
    )


def register_federation(
    registry: svcs.Registry,
    client: IssuerClient,
    clerk: ClerkLogIns | None,
    erase: Callable[[ObjectId], object],
) -> None:
    """Add the services; those that they need are in the registry already.

    Args:
        erase: begins to erase a user, at once.
    """
    services = svcs.Container(registry)
    settings, clock, valkey = services.get(Settings, Clock, Valkey)
    accounts, users, auth = services.get(Accounts, UserService, AuthService)
    federation = Federation(
        accounts=accounts,
        users=users,
        auth=auth,
        client=client,
        clock=clock,
        valkey=valkey,
        settings=settings,
    )
    news = ToldElsewhere()
    clerk_events = None
    if clerk is not None:
        clerk_events = ClerkEvents(
            issuer=settings.clerk_issuer,
            accounts=accounts,
            news=news,
            auth=auth,
            log_ins=clerk,
            gone=GoneIdentities(clock),
            erase=erase,
        )
    webhooks = Webhooks(
        clerk=clerk_events,
        billing=BillingEvents(news, services.get(AuditTrail).record),
        deliveries=Deliveries(clock),
        settings=settings,
    )
    registry.register_value(IssuerClient, client, on_registry_close=client.close)
    registry.register_value(Federation, federation)
    directory = ClerkDirectory(client, GoneIdentities(clock), settings)
    registry.register_value(ClerkDirectory, directory)
    registry.register_value(Webhooks, webhooks)
