"""The page of an export, opened from a folder as people do: it can be read by everybody, and asks nobody else."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import svcs
from bson import ObjectId
from selenium.webdriver import Chrome

from backend.compliance.exports.building import ExportBuilder
from backend.compliance.exports.service import ExportService
from tests.browser.visitor import LARGE_TEXT, Visitor
from tests.conftest import Account
from tests.integration.compliance.archives import caller_of, swiped_session

pytestmark = [pytest.mark.browser, pytest.mark.compliance]


@pytest.fixture
def unpacked(register: Callable[..., Account], services: svcs.Container, tmp_path: Path) -> Path:
    """An export as it lies on somebody's disk."""
    ada, bo = register("Ada"), register("Bo")
    ada.eats(dietary=["vegetarian"], allergies=["nuts", "peanuts"], home_location={"lat": 33.7, "lon": -84.4})
    group = ada.post("/groups", {"name": "Wolfeschlegelsteinhausenbergerdorffdamen"}).get_json()
    bo.post("/groups/join", {"token": group["invite_link"].rpartition("/")[2]})
    session = swiped_session(ada, bo)
    text = "Shall we try that one? " * 10
    ada.post(f"/sessions/{session['id']}/messages", {"op_id": f"{9:026d}", "text": text})
    cards = ada.get(f"/sessions/{session['id']}/deck").get_json()["items"]
    for number, card in enumerate(cards[2:10], 10):
        swipe = {"op_id": f"{number:026d}", "item_id": card["id"], "direction": "right"}
        assert ada.post(f"/sessions/{session['id']}/swipes", swipe).status_code == 200
    asked = ObjectId(ada.post("/compliance/exports", {"password": ada.password}).get_json()["id"])
    services.get(ExportBuilder).build(services, asked)
    download = services.get(ExportService).open_download(caller_of(ada), ada.password, asked)
    with download.file as file, zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path)
    return tmp_path


@pytest.fixture
def reader(chromium: Chrome, unpacked: Path) -> Iterator[Visitor]:
    """Somebody who reads it; the browser has nothing to complain of, and fetches nothing from elsewhere."""
    reader = Visitor(chromium, f"file://{unpacked}")
    reader.settle_at(1280, 800)
    reader.open("/index.html")
    yield reader
    complaints, loaded = reader.complaints(), reader.loaded()
    reader.leave()
    assert complaints == []
    assert [url for url in loaded if not url.startswith((f"file://{unpacked}/", "about:"))] == []


def test_it_is_for_everybody(reader: Visitor) -> None:
    assert reader.barriers() == []
    assert reader.misplaced() == []
    reader.settle_at(390, 844, dark=True)
    assert reader.barriers() == []
    assert reader.misplaced() == []
    reader.settle_at(320, 640, text=LARGE_TEXT)
    assert reader.misplaced() == []


def test_its_pictures_are_seen(reader: Visitor, unpacked: Path) -> None:
    seen = "return [...document.images].map(one => (one.loading = 'eager', one.decode().then(() => one.naturalWidth)))"
    widths = reader.chromium.execute_async_script(
        f"const done = arguments[0]; Promise.all((() => {{ {seen} }})()).then(done)"
    )
    assert len(widths) >= len(list((unpacked / "pictures").iterdir())) > 5
    assert all(width > 0 for width in widths)


def test_the_keyboard_gets_to_its_sections(reader: Visitor) -> None:
    assert reader.tab_through(2) == ["Skip to the content", "Cards you liked"]
