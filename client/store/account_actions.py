"""What can happen to the user's own account; `client.store.account_reducer` knows what each of them changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from client.net.values import Consent, ConsentText, Device


@dataclass(frozen=True, slots=True)
class DevicesLoaded:
    """Where the user is logged in, the device used last first."""

    devices: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class DeviceLoggedOut:
    """The user is no longer logged in on this device."""

    device_id: str


@dataclass(frozen=True, slots=True)
class PasswordSent:
    """A new password is on its way; earlier errors no longer hold."""


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """The new password holds."""


@dataclass(frozen=True, slots=True)
class PasswordRefused:
    """The old password stays: what the server says about the form."""

    error: str
    field_errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TextsLoaded:
    """Words that one is asked to agree to."""

    texts: tuple[ConsentText, ...]


@dataclass(frozen=True, slots=True)
class DietConsentLoaded:
    """Whether diet and allergies may be kept."""

    consent: Consent


AccountAction: TypeAlias = (
    DevicesLoaded
    | DeviceLoggedOut
    | PasswordSent
    | PasswordChanged
    | PasswordRefused
    | TextsLoaded
    | DietConsentLoaded
)
