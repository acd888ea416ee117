"""Words that come to the app from elsewhere, and that it translates where it shows them (docs/product.md C).

The server sends tags in English; standing here they are in the catalogues. `client.widgets.wording.label_of` looks
them up. What the server sends and is not here, such as a rare cuisine, is shown as it came.
"""

from __future__ import annotations

from client.words import marked

MONTHS = (
    marked("January"),
    marked("February"),
    marked("March"),
    marked("April"),
    marked("May"),
    marked("June"),
    marked("July"),
    marked("August"),
    marked("September"),
    marked("October"),
    marked("November"),
    marked("December"),
)

DIETS = (
    marked("Vegetarian"),
    marked("Vegan"),
    marked("Pescatarian"),
    marked("Gluten-free"),
    marked("Dairy-free"),
    marked("Halal"),
    marked("Kosher"),
    marked("Keto"),
    marked("Paleo"),
    marked("High-protein"),
)

# On chips, and within a sentence.
ALLERGENS = (
    marked("Gluten"),
    marked("Crustaceans"),
    marked("Eggs"),
    marked("Fish"),
    marked("Peanuts"),
    marked("Soybeans"),
    marked("Milk"),
    marked("Nuts"),
    marked("Celery"),
    marked("Mustard"),
    marked("Sesame"),
    marked("Sulphites"),
    marked("Lupin"),
    marked("Molluscs"),
    marked("gluten"),
    marked("crustaceans"),
    marked("eggs"),
    marked("fish"),
    marked("peanuts"),
    marked("soybeans"),
    marked("milk"),
    marked("nuts"),
    marked("celery"),
    marked("mustard"),
    marked("sesame"),
    marked("sulphites"),
    marked("lupin"),
    marked("molluscs"),
)

CUISINES = (
    marked("American"),
    marked("Italian"),
    marked("Indian"),
    marked("Mexican"),
    marked("Middle Eastern"),
    marked("Chinese"),
    marked("French"),
    marked("Japanese"),
    marked("Greek"),
    marked("Spanish"),
    marked("Korean"),
    marked("Thai"),
    marked("Vietnamese"),
    marked("Lebanese"),
    marked("Caribbean"),
    marked("Moroccan"),
    marked("West African"),
)

DIFFICULTIES = (marked("Easy"), marked("Medium"), marked("Hard"))
