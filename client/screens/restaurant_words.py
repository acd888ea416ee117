"""Words and addresses for restaurants: facts, opening hours, links to maps and phone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from client.net.kitchen_values import OpenHours, Restaurant
from client.widgets.wording import Fact, distance_text, label_of, telling_tags
from client.words import _, marked, ngettext

WEEKDAYS = {
    "monday": marked("Monday"),
    "tuesday": marked("Tuesday"),
    "wednesday": marked("Wednesday"),
    "thursday": marked("Thursday"),
    "friday": marked("Friday"),
    "saturday": marked("Saturday"),
    "sunday": marked("Sunday"),
}
UNTIL = "–"  # noqa: RUF001  (a dash, as between any two times)


def restaurant_facts(place: Restaurant) -> tuple[Fact, ...]:
    """What is worth a chip: rating, price, distance, cuisines, diets."""
    found: list[Fact] = []
    if place.rating is not None:
        found.append(Fact("star", rating_text(place.rating, place.reviews)))
    found.append(Fact("silverware-fork-knife", "$" * place.price))
    if place.distance_miles is not None:
        found.append(Fact("map-marker", distance_text(place.distance_miles)))
    found.extend(Fact("store", cuisine) for cuisine in place.cuisines)
    found.extend(Fact("leaf", label_of(tag)) for tag in telling_tags(place.dietary_options))
    return tuple(found)


def rating_text(rating: float, reviews: int | None) -> str:
    """`4.4`, and by how many where that is known."""
    if not reviews:
        return f"{rating:.1f}"
    return ngettext("{rating} by {count} person", "{rating} by {count} people", reviews).format(
        rating=f"{rating:.1f}", count=reviews
    )


def week_of(hours: Mapping[str, tuple[OpenHours, ...]]) -> tuple[tuple[str, str], ...]:
    """Each weekday with when it is open; nothing where no hours are known."""
    if not hours:
        return ()
    return tuple((_(name), _day_text(hours.get(day, ()))) for day, name in WEEKDAYS.items())


def maps_link(place: Restaurant, platform: str) -> str:
    """The address that shows the place on a map: in the phone's own app, else on a page.

    `platform` is Kivy's name of the system.
    """
    lat, lon = f"{place.location.lat:.6f}", f"{place.location.lon:.6f}"
    if platform == "android":
        return f"geo:{lat},{lon}?q={lat},{lon}({quote(place.name, safe='')})"
    if platform == "ios":
        return f"https://maps.apple.com/?ll={lat},{lon}&q={quote(place.name, safe='')}"
    return f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"


def phone_link(phone: str) -> str:
    """The address that calls the number; empty where there is none."""
    digits = "".join(character for character in phone if character.isdecimal())
    return f"tel:{'+' if phone.strip().startswith('+') else ''}{digits}" if digits else ""


def page_link(address: str) -> str:
    """The address of a page as it may be opened; empty for anything that is not a page."""
    parts = urlsplit(address)
    return address if parts.scheme in {"http", "https"} and parts.netloc else ""


def _day_text(stretches: tuple[OpenHours, ...]) -> str:
    if not stretches:
        return _("closed")
    return ", ".join(f"{stretch.opens}{UNTIL}{stretch.closes}" for stretch in stretches)
