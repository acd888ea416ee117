"""A real browser on the real pages: Chromium without a window, and DinDin behind a real HTTP server."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from werkzeug.serving import make_server

from tests.browser.visitor import Visitor


@pytest.fixture(scope="session")
def site(app: OpenAPI) -> Iterator[str]:
    """The address of the app under test, served on this machine. Links in its pages are below PUBLIC_URL instead."""

    def from_anywhere(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        # Guessing is limited per address, and the browser's visits are those of many people.
        environ["REMOTE_ADDR"] = str(ip_address(0x0B000000 + secrets.randbits(24)))
        return app.wsgi_app(environ, start)

    server = make_server("127.0.0.1", 0, from_anywhere, threaded=True)
    serving = threading.Thread(target=server.serve_forever, name="site")
    serving.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chrome]:
    """One browser for all tests."""
    browser, driver = (
        shutil.which("chromium") or shutil.which("chromium-browser"),
        shutil.which("chromedriver"),
    )
    assert browser, "Chromium is missing: sh deploy/local/system_packages.sh test"
    assert driver, "Chromium's driver is missing: sh deploy/local/system_packages.sh test"
    options = ChromeOptions()
    options.binary_location = browser
    for switch in (
        "headless=new",
        "no-sandbox",  # for those who test as root; it visits nothing but our own pages
        "disable-dev-shm-usage",
        "disable-background-networking",
        "force-color-profile=srgb",
        "hide-scrollbars",
    ):
        options.add_argument(f"--{switch}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chromium = Chrome(options=options, service=Service(executable_path=driver))
    chromium.set_script_timeout(20)
    yield chromium
    chromium.quit()


@pytest.fixture
def visitor(chromium: Chrome, site: str) -> Iterator[Visitor]:
    """Somebody who looks at the pages, at a desktop to begin with; whatever the browser complains of fails the test."""
    visitor = Visitor(chromium, site)
    visitor.settle_at(1280, 800)
    yield visitor
    complaints, loaded = visitor.complaints(), visitor.loaded()
    visitor.leave()
    assert complaints == []
    assert [url for url in loaded if not url.startswith((f"{site}/", "about:", "data:"))] == []
