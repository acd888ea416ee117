"""What an ingredient's name says about it: the allergens it brings, and the diets it does not belong to.

Longer words are looked at first and then taken out, so that `coconut milk` is no milk and `soy sauce` is wheat as
well. What stands in brackets is a promise about the product ("made with vegetarian rennet") and is not looked at.
"""

from __future__ import annotations

import re

_BRINGS: dict[str, tuple[str, ...]] = {
    "almond": ("nuts",),
    "beef stock": ("celery",),
    "breadcrumb": ("gluten",),
    "butter": ("milk",),
    "celery": ("celery",),
    "cheddar": ("milk",),
    "cheese": ("milk",),
    "chilli bean paste": ("soybeans", "gluten"),
    "corn grits": (),
    "couscous": ("gluten",),
    "crab": ("crustaceans",),
    "cream": ("milk",),
    "cod": ("fish",),
    "dijon mustard": ("mustard", "sulphites"),
    "dried apricot": ("sulphites",),
    "edamame": ("soybeans",),
    "egg": ("eggs",),
    "feta": ("milk",),
    "filo": ("gluten",),
    "fish sauce": ("fish",),
    "fish stock": ("fish", "celery"),
    "flour": ("gluten",),
    "gherkin": ("mustard", "sulphites"),
    "ghee": ("milk",),
    "ketchup": ("celery",),
    "korean chilli paste": ("soybeans", "gluten"),
    "linguine": ("gluten",),
    "macaroni": ("gluten",),
    "matzo": ("gluten",),
    "mayonnaise": ("eggs", "mustard"),
    "milk": ("milk",),
    "miso": ("soybeans", "gluten"),
    "mozzarella": ("milk",),
    "mussel": ("molluscs",),
    "mustard": ("mustard",),
    "noodles": ("gluten",),
    "oyster sauce": ("molluscs", "gluten", "soybeans"),
    "paneer": ("milk",),
    "pasta": ("gluten",),
    "peanut": ("peanuts",),
    "peanut butter": ("peanuts",),
    "red wine": ("sulphites",),
    "salmon": ("fish",),
    "sea bass": ("fish",),
    "sesame": ("sesame",),
    "sesame burger buns": ("gluten", "sesame"),
    "shrimp": ("crustaceans", "sulphites"),
    "soy sauce": ("soybeans", "gluten"),
    "spaghetti": ("gluten",),
    "squid": ("molluscs",),
    "tahini": ("sesame",),
    "tamari": ("soybeans",),
    "tofu": ("soybeans",),
    "tuna": ("fish",),
    "vegetable stock": ("celery",),
    "walnut": ("nuts",),
    "white wine": ("sulphites",),
    "yogurt": ("milk",),
}

_BRINGS_NOTHING = """
allspice, asian pear, asparagus, avocado, basil, bay lea, bean sprouts, beans, beef, bell pepper, berbere,
black pepper, broccoli, butterhead lettuce, butternut squash, button mushroom, cabbage, capers, carrot,
cayenne, chicken, chickpea, chickpea flour, chilli, chilli flakes, chilli powder, chipotle, chives,
cinnamon, cocoa, coconut milk, coconut oil, coriander, cornflour, cornmeal, cucumber, cumin, curry leaves,
curry powder, dill, eggplant, fenugreek, garam masala, garlic, ginger, kombu, lamb, lemon, lemongrass,
lentil, lettuce, lime, mint, mirin, mushroom, nutmeg, olive oil, olives, onion, orange, oregano, pak choi,
palm oil, paprika, parsley, parsnip, pea, peppercorn, plantain, pork, potato, radish, rapeseed oil, rice,
rice noodles, rice paper, rice vinegar, rocket, saffron, salt, scotch bonnet, shallot, sichuan pepper,
spinach, steak, sugar, sunflower oil, sweetcorn, tamarind, thyme, tomato, tortilla, turkey, turmeric,
vinegar, water, yeast, zucchini
"""

_ALLERGENS = {**_BRINGS, **dict.fromkeys(re.split(r",\s+", _BRINGS_NOTHING.strip()), ())}
_LONGEST_FIRST = sorted(_ALLERGENS, key=len, reverse=True)

_MEAT = ("chicken", "beef", "lamb", "steak", "pork", "turkey")
_SHELLFISH = ("shrimp", "squid", "mussel", "oyster sauce", "crab")
_FISH = ("salmon", "cod", "sea bass", "tuna", "fish sauce", "fish stock")
_FERMENTED = ("wine", "mirin", "dijon")
_NOT_PALEO = (
    "rice",
    "bean",
    "lentil",
    "chickpea",
    "sugar",
    "corn",
    "peas",
    "peanut",
    "soy",
    "tofu",
    "couscous",
)

_BREAKS = (
    (_MEAT, {"vegetarian", "vegan", "pescatarian"}),
    (_FISH, {"vegetarian", "vegan"}),
    (_SHELLFISH, {"vegetarian", "vegan", "kosher"}),
    (("honey",), {"vegan"}),
    (("pork",), {"halal", "kosher"}),
    (_FERMENTED, {"halal"}),
    (_NOT_PALEO, {"paleo"}),
)


def _without_brackets(name: str) -> str:
    return re.sub(r"\([^)]*\)", "", name.lower())


def allergens_named(name: str) -> set[str]:
    """Allergens that an ingredient's name gives away.

    Raises:
        LookupError: the name has a part that nobody has thought about yet.
    """
    rest, found, known = _without_brackets(name), set(), False
    for word in _LONGEST_FIRST:
        if word in rest:
            known = True
            found.update(_ALLERGENS[word])
            rest = rest.replace(word, " ")
    if not known:
        raise LookupError(f"{name}: say in ingredient_words.py which allergens it brings")
    return found


def diets_broken(name: str) -> set[str]:
    """Dietary tags that food with this ingredient cannot carry, besides those that its allergens exclude."""
    text = _without_brackets(name)
    broken: set[str] = set()
    for words, tags in _BREAKS:
        if any(word in text for word in words):
            broken |= tags
    return broken


def is_meat(name: str) -> bool:
    """Whether it is meat or made from it, which kosher kitchens keep apart from milk."""
    return any(word in _without_brackets(name) for word in _MEAT)
