"""What crosses the wire about the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from backend.catalog.cuisines import cuisine_key
from backend.catalog.diet import DIETARY_TAGS
from backend.catalog.filters import Around, RecipeFilter, RecipeOrder, RestaurantFilter
from backend.catalog.geo import Place
from backend.catalog.models import DIFFICULTIES, MAX_PRICE, MAX_RATING
from backend.http.schemas import IdPath, PageQuery, Path, Query

_MAX_WORDS = 20
_MAX_MINUTES = 24 * 60
_MAX_MILES = 500


def _split(value: object) -> object:
    """`?x=a,b&x=c` is a list of three."""
    texts = value if isinstance(value, list) else [value]
    return [part.strip() for text in texts for part in str(text).split(",") if part.strip()]


def _one_of(allowed: Sequence[str]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"There is no such choice. Choose from: {', '.join(allowed)}.")
        return value

    return AfterValidator(check)


def _check_place(value: str) -> str:
    _parse_place(value)
    return value


def _parse_place(value: str) -> Place:
    try:
        latitude, longitude = (float(part) for part in value.split(","))
    except ValueError:
        raise ValueError(
            "Write a place as latitude,longitude in degrees, for example 33.749,-84.388."
        ) from None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004  # degrees; also refuses NaN
        raise ValueError("Latitude goes from -90 to 90 and longitude from -180 to 180.")
    return latitude, longitude


_Word = Annotated[str, StringConstraints(max_length=40)]
_Cuisine = Annotated[_Word, AfterValidator(cuisine_key)]
_DietaryTag = Annotated[_Word, _one_of(DIETARY_TAGS)]
_Difficulty = Annotated[_Word, _one_of(DIFFICULTIES)]
_Price = Annotated[int, Field(ge=1, le=MAX_PRICE)]
_Search = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
_PlaceText = Annotated[str, StringConstraints(max_length=60), AfterValidator(_check_place)]


class _BrowseQuery(PageQuery):
    """What both lists can be asked."""

    q: _Search | None = Field(None, description="Words to search for.")
    cuisine: Annotated[list[_Cuisine], BeforeValidator(_split)] = Field(
        [], max_length=_MAX_WORDS, description="Any of these, in any case, separated by commas."
    )
    dietary: Annotated[list[_DietaryTag], BeforeValidator(_split)] = Field(
        [], max_length=_MAX_WORDS, description=f"All of these: {', '.join(DIETARY_TAGS)}."
    )


class RecipesQuery(_BrowseQuery):
    """Filters of the list of recipes; all given ones must hold."""

    difficulty: Annotated[list[_Difficulty], BeforeValidator(_split)] = Field(
        [], max_length=_MAX_WORDS, description=f"Any of these: {', '.join(DIFFICULTIES)}."
    )
    max_minutes: int | None = Field(
        None, ge=1, le=_MAX_MINUTES, description="Preparing and cooking together."
    )
    sort: RecipeOrder | None = Field(None, description="Default: relevance with `q`, else title.")

    @field_validator("sort")
    @classmethod
    def _relevant_to_something(cls, value: RecipeOrder | None, info: ValidationInfo) -> RecipeOrder | None:
        if value is RecipeOrder.RELEVANCE and not info.data.get("q", True):
            raise ValueError("Sorting by relevance needs words to search for in q.")
        return value

    def to_filter(self) -> RecipeFilter:
        """As the service takes it."""
        return RecipeFilter(
            text=self.q or None,
            cuisines=tuple(self.cuisine),
            dietary=tuple(self.dietary),
            difficulties=tuple(self.difficulty),
            max_minutes=self.max_minutes,
            order=self.sort,
        )


class NearQuery(Query):
    """From where distances are measured."""

    near: _PlaceText | None = Field(None, description="latitude,longitude in degrees.")

    @property
    def place(self) -> Place | None:
        """`near` in numbers."""
        return _parse_place(self.near) if self.near else None


class RestaurantsQuery(_BrowseQuery, NearQuery):
    """Filters of the list of restaurants; all given ones must hold. With `near`, the nearest come first."""

    price: Annotated[list[_Price], BeforeValidator(_split)] = Field(
        [], max_length=_MAX_WORDS, description="Any of 1 (cheap) to 4, separated by commas."
    )
    min_rating: float | None = Field(None, ge=0, le=MAX_RATING, allow_inf_nan=False)
    within_miles: float | None = Field(
        None, gt=0, le=_MAX_MILES, allow_inf_nan=False, description="Needs `near`."
    )

    @field_validator("within_miles")
    @classmethod
    def _within_something(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and not info.data.get("near", True):
            raise ValueError("Say with near=latitude,longitude from where to measure.")
        return value

    def to_filter(self) -> RestaurantFilter:
        """As the service takes it."""
        place = self.place
        return RestaurantFilter(
            text=self.q or None,
            cuisines=tuple(self.cuisine),
            dietary=tuple(self.dietary),
            prices=tuple(self.price),
            min_rating=self.min_rating,
            around=Around(place, self.within_miles) if place else None,
        )


class RecipePath(IdPath):
    """Which recipe."""


class RestaurantPath(IdPath):
    """Which restaurant."""


class PicturePath(Path):
    """Which picture, without the ending."""

    name: str


class Card(BaseModel):
    """A recipe or a restaurant as lists and decks show it. Fields that do not apply are left out."""

    id: str
    kind: Literal["recipe", "restaurant"]
    title: str
    subtitle: str = Field(description="For example `Thai · 25 min · easy` or `Italian · $$ · 1.4 mi`.")
    image_url: str | None = Field(description="Path on this server; changes with the picture.")
    blurhash: str | None
    cuisines: list[str]
    dietary_tags: list[str]
    sponsored: bool
    minutes: int | None = Field(None, description="Recipes: preparing and cooking together.")
    difficulty: str | None = Field(None, description="Recipes: easy, medium or hard.")
    price: int | None = Field(None, description="Restaurants: 1 to 4.")
    rating: float | None = Field(None, description="Restaurants: 0 to 5.")
    distance_miles: float | None = Field(None, description="Restaurants, where it is known from where.")


class IngredientOut(BaseModel):
    """One ingredient; `unit` is empty for things that are counted."""

    name: str
    amount: float
    unit: str


class NutritionOut(BaseModel):
    """Per serving; carbohydrates without fibre."""

    kcal: int
    protein_g: float
    carbs_g: float
    fat_g: float
    fibre_g: float
    sugar_g: float
    salt_g: float


class RecipeOut(BaseModel):
    """Everything about a recipe."""

    id: str
    kind: Literal["recipe"]
    title: str
    description: str
    cuisines: list[str]
    dietary_tags: list[str]
    allergens: list[str] = Field(description="Complete: what is not named is not in it.")
    difficulty: str
    prep_minutes: int
    cook_minutes: int
    total_minutes: int
    servings: int
    ingredients: list[IngredientOut]
    steps: list[str]
    nutrition: NutritionOut
    tags: list[str]
    image_url: str | None
    blurhash: str | None
    source: str
    likes: int = Field(description="How many people like it.")
    liked: bool = Field(description="Whether the caller does.")
    saved: bool = Field(description="Whether the caller has saved it.")


class OpenHoursOut(BaseModel):
    """One stretch of a day, HH:MM."""

    opens: str
    closes: str


class PlaceOut(BaseModel):
    """A place, in degrees."""

    lat: float
    lon: float


class RestaurantOut(BaseModel):
    """Everything about a restaurant."""

    id: str
    kind: Literal["restaurant"]
    name: str
    description: str
    cuisines: list[str]
    price: int
    rating: float | None
    review_count: int | None
    address: str
    location: PlaceOut
    phone: str | None
    reservation_url: str | None
    hours: dict[str, list[OpenHoursOut]] = Field(
        description="By weekday, `monday` to `sunday`; empty: closed."
    )
    time_zone: str
    dietary_options: list[str]
    allergens: list[str] | None = Field(
        description="What no dish can be promised to be free of; null: not known."
    )
    image_url: str | None
    blurhash: str | None
    sponsored: bool
    source: str
    distance_miles: float | None
    saved: bool = Field(description="Whether the caller has saved it.")
