"""Which identity providers this server logs people in through (docs/product.md A2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from backend.config import Settings

_WELL_KNOWN = "/.well-known/openid-configuration"

# Facebook describes only its implicit flow in its discovery document. The token endpoint, and that it takes the secret
# in the form, are from "OIDC Code Flow with PKCE for Manually Built Facebook Login Flows":
# https://developers.facebook.com/documentation/facebook-login/guides/advanced/oidc-token
_FACEBOOK_LEAVES_OUT: Mapping[str, object] = {
    "token_endpoint": "https://graph.facebook.com/oauth/access_token",
    "token_endpoint_auth_methods_supported": ["client_secret_post"],
}


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID provider at which this server is registered.

    Attributes:
        name: in our addresses.
        label: what people call it.
        issuer: exactly as in its tokens.
        left_out: what its discovery document should say and does not.
    """

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: SecretStr
    scope: str = "openid email profile"
    discovery_url: str = ""
    left_out: Mapping[str, object] = field(default_factory=dict)

    @property
    def discovery_address(self) -> str:
        """Where its discovery document is."""
        return self.discovery_url or self.issuer.rstrip("/") + _WELL_KNOWN


def providers_of(settings: Settings) -> dict[str, Provider]:
    """Those that are configured, by name, in the order in which people are offered them."""
    offered = [provider for provider in _known(settings) if provider.client_id and provider.issuer]
    return {provider.name: provider for provider in offered}


def _known(settings: Settings) -> tuple[Provider, ...]:
    return (
        Provider(
            name="google",
            label="Google",
            issuer="https://accounts.google.com",
            client_id=settings.google_client_id,
            client_secret=settings.google_client_secret,
        ),
        Provider(
            name="facebook",
            label="Facebook",
            issuer="https://www.facebook.com",
            client_id=settings.facebook_client_id,
            client_secret=settings.facebook_client_secret,
            scope="openid email public_profile",
            # With the slash: without it Facebook redirects, and redirects are not followed.
            discovery_url=f"https://www.facebook.com{_WELL_KNOWN}/",
            left_out=_FACEBOOK_LEAVES_OUT,
        ),
        Provider(
            name="oidc",
            label=settings.oidc_name,
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
        ),
    )
