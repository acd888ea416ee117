"""Browsing, searching and filtering through the front door, against the real MongoDB."""

from urllib.parse import parse_qs, urlsplit

import pytest

from backend.catalog.schemas import Card, RecipeOut, RestaurantOut
from backend.catalog.seeding import seed_recipes

DOWNTOWN = "33.7490,-84.3880"


@pytest.fixture
def ada(register):
    return register()


def items(answer):
    assert answer.status_code == 200, answer.text
    return answer.get_json()["items"]


def titles(answer):
    return [item["title"] for item in items(answer)]


def every_recipe(account, **filters):
    return items(account.get("/recipes", query_string={**filters, "limit": 100}))


def every_restaurant(account, **filters):
    return items(account.get("/restaurants", query_string={**filters, "limit": 100}))


def wrong_fields(answer):
    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"
    return {error["field"] for error in answer.get_json()["errors"]}


@pytest.mark.parametrize("path", ["/api/v1/recipes", "/api/v1/restaurants", f"/api/v1/recipes/{'0' * 24}"])
def test_the_catalogue_is_for_people_who_are_logged_in(client, path):
    assert client.get(path).status_code == 401


def test_lists_are_pages_of_cards(ada):
    page = ada.get("/recipes?limit=5").get_json()
    assert (page["page"], page["limit"], page["has_more"]) == (1, 5, True)
    assert page["total"] == len(seed_recipes())
    assert len(page["items"]) == 5
    for card in page["items"]:
        assert Card.model_validate(card, extra="forbid").kind == "recipe"
    for card in every_restaurant(ada):
        assert Card.model_validate(card, extra="forbid").kind == "restaurant"


@pytest.mark.parametrize(
    "path", ["/recipes", "/restaurants", f"/restaurants?near={DOWNTOWN}", "/recipes?q=rice"]
)
def test_pages_cover_everything_once(ada, path):
    joint = "&" if "?" in path else "?"
    whole = [item["id"] for item in items(ada.get(f"{path}{joint}limit=100"))]
    paged, page = [], 1
    while True:
        answer = ada.get(f"{path}{joint}limit=5&page={page}").get_json()
        assert answer["total"] == len(whole)
        paged += [item["id"] for item in answer["items"]]
        if not answer["has_more"]:
            break
        page += 1
    assert paged == whole
    assert len(set(whole)) == len(whole) > 5


def test_links_lead_to_the_neighbours_and_keep_the_filters(ada):
    answer = ada.get("/recipes?dietary=halal&limit=5&page=2")
    links = dict(reversed(link.split("; rel=")) for link in answer.headers.getlist("Link"))
    following = urlsplit(links['"next"'].strip("<>"))
    assert following.path == "/api/v1/recipes"
    assert parse_qs(following.query) == {"dietary": ["halal"], "limit": ["5"], "page": ["3"]}
    assert {'"first"', '"prev"', '"last"'} <= links.keys()


def test_a_page_after_the_last_is_empty(ada):
    answer = ada.get("/recipes?page=9999").get_json()
    assert answer["items"] == []
    assert not answer["has_more"]


def test_recipes_come_by_title_unless_asked_otherwise(ada):
    found = titles(ada.get("/recipes?limit=100"))
    assert found == sorted(found)


def test_recipes_can_come_quickest_first(ada):
    minutes = [item["minutes"] for item in every_recipe(ada, sort="quickest")]
    assert minutes == sorted(minutes)


def test_recipes_can_come_newest_first(ada):
    ids = [item["id"] for item in every_recipe(ada, sort="newest")]
    assert ids == sorted(ids, reverse=True)


def test_several_dietary_tags_must_all_hold(ada):
    found = every_recipe(ada, dietary="vegan,gluten-free")
    assert found
    assert all({"vegan", "gluten-free"} <= set(item["dietary_tags"]) for item in found)
    assert len(found) < len(every_recipe(ada, dietary="vegan"))
    repeated = ada.get("/recipes?dietary=vegan&dietary=gluten-free&limit=100")
    assert [item["id"] for item in items(repeated)] == [item["id"] for item in found]


def test_vegetarians_are_shown_vegan_food(ada):
    vegan = {item["id"] for item in every_recipe(ada, dietary="vegan")}
    assert vegan < {item["id"] for item in every_recipe(ada, dietary="vegetarian")}


def test_a_cuisine_is_found_in_any_case(ada):
    assert {item["cuisines"][0] for item in every_recipe(ada, cuisine="tHAI")} == {"Thai"}
    assert every_recipe(ada, cuisine="middle eastern")


def test_any_of_several_cuisines_is_enough(ada):
    found = every_recipe(ada, cuisine="thai,greek")
    assert {cuisine for item in found for cuisine in item["cuisines"]} == {"Thai", "Greek"}


def test_recipes_by_difficulty_and_time(ada):
    found = every_recipe(ada, difficulty="easy", max_minutes=25)
    assert found
    assert all(item["difficulty"] == "easy" and item["minutes"] <= 25 for item in found)


def test_search_finds_words_in_titles_first(ada):
    assert titles(ada.get("/recipes?q=tagine"))[0] == "Lamb Tagine with Apricots"


def test_search_knows_other_forms_of_a_word_and_ingredients(ada):
    assert "Misir Wat" in titles(ada.get("/recipes?q=lentil"))


def test_search_and_filters_work_together(ada):
    found = every_recipe(ada, q="chickpeas curry", dietary="vegan", sort="title")
    assert "Chickpea & Coconut Curry" in [item["title"] for item in found]
    assert all("vegan" in item["dietary_tags"] for item in found)


@pytest.mark.parametrize("words", ['"', "-", "--", '"a" -b', "$where", "the", "😀", "\u0000"])
def test_odd_words_find_nothing_bad(ada, words):
    assert ada.get("/recipes", query_string={"q": words}).status_code == 200


def test_restaurants_come_best_first(ada):
    ratings = [item["rating"] for item in every_restaurant(ada)]
    assert ratings == sorted(ratings, reverse=True)


def test_restaurants_by_price_and_rating(ada):
    found = every_restaurant(ada, price="1,2", min_rating=4.4)
    assert found
    assert all(item["price"] in {1, 2} and item["rating"] >= 4.4 for item in found)


def test_restaurants_near_a_place_come_nearest_first(ada):
    found = every_restaurant(ada, near=DOWNTOWN)
    miles = [item["distance_miles"] for item in found]
    assert miles == sorted(miles)
    assert len(found) == len(every_restaurant(ada))
    assert found[0]["subtitle"].endswith(f"{miles[0]:.1f} mi")


@pytest.mark.parametrize("within", [2, 5, 10])
def test_restaurants_within_some_miles(ada, within):
    answer = ada.get(
        "/restaurants", query_string={"near": DOWNTOWN, "within_miles": within, "limit": 100}
    ).get_json()
    everywhere = every_restaurant(ada, near=DOWNTOWN)
    inside = [item["id"] for item in everywhere if item["distance_miles"] < within]
    assert [item["id"] for item in answer["items"]] == inside
    assert answer["total"] == len(inside) >= 5


def test_restaurants_by_words_near_a_place(ada):
    answer = ada.get(
        "/restaurants", query_string={"q": "kosher", "near": DOWNTOWN, "within_miles": 5}
    ).get_json()
    assert answer["items"]
    assert answer["total"] == len(answer["items"])
    assert all(item["distance_miles"] <= 5 for item in answer["items"])
    assert any(item["title"].startswith("Nonna") for item in answer["items"])


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/recipes?dietary=vegan,carnivore", "dietary.1"),
        ("/recipes?difficulty=brutal", "difficulty.0"),
        ("/recipes?max_minutes=soon", "max_minutes"),
        ("/recipes?sort=relevance", "sort"),
        ("/recipes?page=0", "page"),
        ("/recipes?color=red", "color"),
        ("/restaurants?price=9", "price.0"),
        ("/restaurants?near=Atlanta", "near"),
        ("/restaurants?within_miles=2", "within_miles"),
        ("/restaurants?min_rating=inf", "min_rating"),
        ("/recipes/not-an-id", "id"),
    ],
)
def test_bad_input_names_the_field(ada, path, field):
    assert wrong_fields(ada.get(path)) == {field}


def test_a_recipe_page_has_everything(ada):
    card = every_recipe(ada, q="bourguignon")[0]
    recipe = RecipeOut.model_validate(ada.get(f"/recipes/{card['id']}").get_json(), extra="forbid")
    assert recipe.title == card["title"]
    assert recipe.total_minutes == card["minutes"]
    assert {"celery", "sulphites"} <= set(recipe.allergens)
    assert recipe.nutrition.protein_g > 30


def test_a_restaurant_page_has_everything_and_the_distance(ada):
    card = every_restaurant(ada, near=DOWNTOWN)[0]
    body = ada.get(f"/restaurants/{card['id']}?near={DOWNTOWN}").get_json()
    restaurant = RestaurantOut.model_validate(body, extra="forbid")
    assert restaurant.distance_miles == card["distance_miles"]
    assert restaurant.hours.keys() >= {"monday", "sunday"}
    assert ada.get(f"/restaurants/{card['id']}").get_json()["distance_miles"] is None


@pytest.mark.parametrize("kind", ["recipe", "restaurant"])
def test_what_does_not_exist_is_not_found(ada, kind):
    answer = ada.get(f"/{kind}s/{'f' * 24}")
    assert answer.status_code == 404
    assert answer.get_json()["code"] == f"{kind}_not_found"


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@pytest.mark.parametrize("path", ["/recipes?dietary=vegan", "/restaurants"])
def test_an_unchanged_answer_is_not_sent_again(ada, path, encoding):
    wanted = {**ada.headers, "Accept-Encoding": encoding}
    first = ada.http.get(f"/api/v1{path}", headers=wanted)
    again = ada.http.get(f"/api/v1{path}", headers={**wanted, "If-None-Match": first.headers["ETag"]})
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.data) == (304, b"")
    other = ada.http.get(f"/api/v1{path}", headers={**wanted, "If-None-Match": 'W/"other"'})
    assert other.status_code == 200


def test_a_picture_is_public_and_may_be_kept_for_ever(client, ada):
    card = every_recipe(ada)[0]
    with client.get(card["image_url"]) as answer:
        assert answer.status_code == 200
        assert answer.content_type == "image/webp"
        assert answer.data[:4] == b"RIFF"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with client.get(card["image_url"], headers={"If-None-Match": answer.headers["ETag"]}) as again:
        assert again.status_code == 304


@pytest.mark.parametrize(
    "name", ["nothing", "..%2Fseed%2Frecipes", "LICENSE.fluent-emoji.txt", "%00", "a" * 300]
)
def test_a_picture_that_is_not_there_is_not_found(client, name):
    answer = client.get(f"/pictures/{name}.webp")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
