"""What crosses the wire about users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from backend.catalog.cuisines import cuisine_key
from backend.catalog.diet import ALLERGENS, DIETARY_TAGS
from backend.http.schemas import Body
from backend.users.consent_texts import ConsentKind
from backend.users.names import clean_display_name
from backend.users.preferences import Preferences
from backend.users.service import UserProfile

_MAX_CUISINES = 30


def _known(allowed: Sequence[str], kind: str, chosen: Iterable[str]) -> list[str]:
    """`chosen` without repetitions, in the order of `allowed`."""
    wanted = set(chosen)
    unknown = sorted(wanted.difference(allowed))
    if unknown:
        raise ValueError(f"There is no {kind} {unknown[0]!r}. Choose from: {', '.join(allowed)}.")
    return [word for word in allowed if word in wanted]


def _cuisines(chosen: list[str]) -> list[str]:
    return list(dict.fromkeys(map(cuisine_key, chosen)))


_Word = Annotated[str, StringConstraints(max_length=40)]
_Words = Annotated[list[_Word], Field(max_length=_MAX_CUISINES)]
DietaryTags = Annotated[_Words, AfterValidator(lambda chosen: _known(DIETARY_TAGS, "dietary tag", chosen))]
Allergens = Annotated[_Words, AfterValidator(lambda chosen: _known(ALLERGENS, "allergen", chosen))]
_Cuisine = Annotated[str, StringConstraints(pattern=r"^\s*[^\W\d_][\w &'-]*\s*$", max_length=40)]
Cuisines = Annotated[list[_Cuisine], Field(max_length=_MAX_CUISINES), AfterValidator(_cuisines)]
TextVersion = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$", max_length=10)]
DisplayName = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_display_name)]


class UserOut(BaseModel):
    """A user, to themselves."""

    id: str
    email: str | None = Field(description="Null for guests, and where an issuer elsewhere did not tell.")
    email_confirmed: bool
    display_name: str
    role: Literal["guest", "user", "operator"]
    tier: Literal["free", "pro"]


class Accepted(Body):
    """Versions of the texts that somebody agrees to by coming in (`/compliance/consent-texts`)."""

    terms: TextVersion | None = None
    privacy: TextVersion | None = None

    @property
    def versions(self) -> dict[ConsentKind, str]:
        """By kind; without what was left out."""
        said = {ConsentKind.TERMS: self.terms, ConsentKind.PRIVACY: self.privacy}
        return {kind: version for kind, version in said.items() if version is not None}


class ProfileChange(Body):
    """What of a profile can be changed."""

    display_name: DisplayName


class HomeLocation(Body):
    """A place, in degrees."""

    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)


class PreferencesBody(Body):
    """All preferences; a field left out is set to its empty value."""

    dietary: DietaryTags = Field(default_factory=list)
    allergies: Allergens = Field(default_factory=list)
    liked_cuisines: Cuisines = Field(default_factory=list)
    disliked_cuisines: Cuisines = Field(default_factory=list)
    max_price: int | None = Field(None, ge=1, le=4)
    home_location: HomeLocation | None = None

    @model_validator(mode="after")
    def _no_cuisine_twice(self) -> PreferencesBody:
        both = set(self.liked_cuisines) & set(self.disliked_cuisines)
        if both:
            raise ValueError(f"{min(both)} is both liked and disliked. Keep it in one of the two lists.")
        return self

    def to_preferences(self) -> Preferences:
        """As the service takes them."""
        home = self.home_location
        return Preferences(
            dietary=tuple(self.dietary),
            allergies=tuple(self.allergies),
            liked_cuisines=tuple(self.liked_cuisines),
            disliked_cuisines=tuple(self.disliked_cuisines),
            max_price=self.max_price,
            home_location=(home.lat, home.lon) if home else None,
        )

    @classmethod
    def of(cls, preferences: Preferences) -> PreferencesBody:
        """As they are written to the wire."""
        home = preferences.home_location
        return cls(
            dietary=list(preferences.dietary),
            allergies=list(preferences.allergies),
            liked_cuisines=list(preferences.liked_cuisines),
            disliked_cuisines=list(preferences.disliked_cuisines),
            max_price=preferences.max_price,
            home_location=HomeLocation(lat=home[0], lon=home[1]) if home else None,
        )


def user_out(profile: UserProfile) -> UserOut:
    """A profile as its owner sees it."""
    return UserOut.model_validate(
        {
            "id": str(profile.id),
            "email": profile.email or None,
            "email_confirmed": profile.email_confirmed,
            "display_name": profile.display_name,
            "role": profile.role.value,
            "tier": profile.tier,
        }
    )
