"""The script that makes the pictures, with a small package of art of our own."""

import json

import pytest

from backend.catalog.seeding import seed_recipes, seed_restaurants
from deploy.pictures import make_pictures
from deploy.pictures.make_pictures import (
    Emoji,
    PictureError,
    compose,
    encode,
    facts,
    read_compositions,
    render,
)

PLAN = """
[palettes]
coral = { base = ["#F4845F", "#FFB38A"], disc = "#FFE1CC" }
[pictures]
soup = { palette = "coral", hero = "pot", around = ["nw:leaf", "se:leaf*"] }
"""


@pytest.fixture
def package(tmp_path):
    art = {
        "pot": {"body": '<rect x="6" y="6" width="20" height="20" fill="#0000ff"/>'},
        "leaf": {"body": '<circle cx="16" cy="16" r="14" fill="#00ff00"/>'},
    }
    (tmp_path / "icons.json").write_text(json.dumps({"width": 32, "height": 32, "icons": art}))
    return tmp_path


@pytest.fixture
def plan(tmp_path):
    def write(text=PLAN):
        path = tmp_path / "pictures.toml"
        path.write_text(text)
        return read_compositions(path)

    return write


def test_a_picture_is_planned_for_every_item_and_for_nothing_else():
    planned = read_compositions(make_pictures.COMPOSITIONS)
    assert planned.keys() == {item.picture for item in [*seed_recipes(), *seed_restaurants()]}


def test_hero_and_accents_are_where_they_belong(package, plan):
    picture = render(compose(plan()["soup"], Emoji(package)))
    assert picture.size == (512, 512)
    assert picture.getpixel((256, 260)) == (0, 0, 255)
    assert picture.getpixel((112, 118)) == (0, 255, 0)
    assert picture.getpixel((398, 394)) == (0, 255, 0)
    red, green, blue = picture.getpixel((2, 509))
    assert red > green > blue


def test_the_same_plan_gives_the_same_file(package, plan):
    one, two = (encode(render(compose(plan()["soup"], Emoji(package)))) for _ in range(2))
    assert one == two


# blurhash-python still asks Pillow for pixels in the old way.
@pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")
def test_the_facts_of_a_picture_change_with_it(package, plan):
    first = render(compose(plan()["soup"], Emoji(package)))
    second = render(compose(plan(PLAN.replace("#F4845F", "#0000FF"))["soup"], Emoji(package)))
    assert facts(first, encode(first))["picture_version"] != facts(second, encode(second))["picture_version"]
    assert facts(first, encode(first))["blurhash"] != facts(second, encode(second))["blurhash"]


def test_facts_are_kept_for_what_is_planned_and_renewed_for_what_was_made(tmp_path):
    path = tmp_path / "pictures.json"
    path.write_text('{"soup": {"blurhash": "old"}, "stew": {"blurhash": "kept"}, "gone": {"blurhash": "x"}}')
    make_pictures.update_facts(path, {"soup", "stew", "pie"}, {"soup": {"blurhash": "a#é"}})
    assert path.read_text(encoding="utf-8") == (
        '{\n  "soup": {"blurhash": "a#é"},\n  "stew": {"blurhash": "kept"}\n}\n'
    )


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (PLAN.replace('palette = "coral"', 'palette = "mauve"'), "mauve"),
        (PLAN.replace("nw:leaf", "up:leaf"), "up:leaf"),
        (PLAN.replace("nw:leaf", "nw:"), "SLOT:EMOJI"),
    ],
)
def test_a_broken_plan_is_named(plan, broken, complaint):
    with pytest.raises(PictureError, match=complaint):
        plan(broken)


def test_art_that_is_not_there_is_named(package, plan, tmp_path):
    with pytest.raises(PictureError, match="kettle"):
        compose(plan(PLAN.replace('"pot"', '"kettle"'))["soup"], Emoji(package))
    with pytest.raises(PictureError, match=r"icons\.json"):
        Emoji(tmp_path / "elsewhere")


def test_an_unknown_picture_is_refused_before_anything_is_written(package, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["make_pictures", str(package), "--only", "moon-cake"])
    assert make_pictures.main() == 1
    assert "moon-cake" in capsys.readouterr().err
