"""Somebody who looks at the pages: their screen, what they find on it, what their browser did behind it."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from axe_core_python.selenium import Axe
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

# The size that browsers begin with, and what people choose who need it larger.
NORMAL_TEXT, LARGE_TEXT = 16, 32
_PATIENCE_SECONDS = 10

# Texts that reach over the edge of what they are in, or of the window; and blocks of text that cover each other.
_MISPLACED = """
const wide = document.documentElement.clientWidth;
const found = document.documentElement.scrollWidth > wide ? ['the page scrolls sideways'] : [];
const blocks = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode;
  const inside = text.parentElement;
  if (!text.data.trim() || !inside.checkVisibility() || inside.closest('.visually-hidden, .skip')) continue;
  let block = inside;
  while (getComputedStyle(block).display === 'inline') block = block.parentElement;
  blocks.add(block);
  const around = block.getBoundingClientRect();
  const range = document.createRange();
  range.selectNodeContents(text);
  for (const line of range.getClientRects()) {
    if (line.right > Math.min(wide, around.right) + 1 || line.left < Math.max(0, around.left) - 1)
      found.push('cut off: ' + text.data.trim());
  }
}
for (const one of blocks) for (const other of blocks) {
  if (one === other || one.contains(other) || other.contains(one)) continue;
  const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (across > 1 && down > 1) found.push('covered: ' + one.textContent.trim() + ' / ' + other.textContent.trim());
}
return found;
"""
# Links inside of sentences are as high as their line (WCAG 2.2, 2.5.8 allows that); these stand alone.
_SMALL_TARGETS = """
return [...document.querySelectorAll('.button, .brand, button, input:not([type=hidden])')]
  .filter(one => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility() && (box.height < arguments[0] || box.width < arguments[0]);
  })
  .map(one => one.outerHTML.slice(0, 80));
"""


class Visitor:
    """Drives one browser."""

    def __init__(self, chromium: Chrome, site: str) -> None:
        self.chromium = chromium
        self.site = site
        self.leave()
        self.complaints(), self.loaded()  # what others left

    def settle_at(self, width: int, height: int, *, dark: bool = False, text: int = NORMAL_TEXT) -> None:
        """Look through a window of this size in CSS pixels, with a theme and a size of text."""
        self._resize(width, height)
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._devtools("Emulation.setEmulatedMedia", {"features": [theme]})
        self._devtools("Page.setFontSizes", {"fontSizes": {"standard": text, "fixed": text * 13 // 16}})

    def open(self, path: str) -> None:
        """Go to a page of this site."""
        self.chromium.get(self.site + path)

    def leave(self) -> None:
        """Go nowhere: a page that moves keeps a processor busy for as long as it is shown."""
        self.chromium.get("about:blank")

    def follow(self, link: str) -> None:
        """Go where a link below PUBLIC_URL leads, at this site."""
        parts = urlsplit(link)
        self.open(urlunsplit(("", "", parts.path, parts.query, "")))

    def press(self) -> None:
        """Press the page's one button, and wait for the page that comes."""
        before = self.find("html")
        self.find("main .button").click()
        WebDriverWait(self.chromium, _PATIENCE_SECONDS).until(staleness_of(before))

    def tab_through(self, presses: int) -> list[str]:
        """What gets the focus with each press of Tab; each must be seen to have it."""
        reached = []
        for _ in range(presses):
            ActionChains(self.chromium).send_keys(Keys.TAB).perform()
            focused = self.chromium.switch_to.active_element
            assert focused.is_displayed()
            assert focused.rect["x"] >= 0
            assert focused.value_of_css_property("outline-style") != "none"
            reached.append(focused.text)
        return reached

    def find(self, selector: str) -> WebElement:
        """The one thing that fits."""
        (found,) = self.chromium.find_elements(By.CSS_SELECTOR, selector)
        return found

    def read(self, selector: str) -> str:
        """What is written there, as it is seen."""
        return self.find(selector).text

    def picture(self) -> bytes:
        """The whole page as a PNG, as wide as the window."""
        size = "return [innerWidth, innerHeight, document.documentElement.scrollHeight]"
        width, height, whole = self.chromium.execute_script(size)
        self._resize(width, max(height, whole))
        taken = self._devtools("Page.captureScreenshot", {"format": "png"})
        self._resize(width, height)
        return base64.b64decode(taken["data"])

    def misplaced(self) -> list[str]:
        """Texts that are cut off or cover each other."""
        return list(self.chromium.execute_script(_MISPLACED))

    def small_targets(self, least: int) -> list[str]:
        """Links and controls that are narrower or lower than `least` CSS pixels."""
        return list(self.chromium.execute_script(_SMALL_TARGETS, least))

    def barriers(self) -> list[str]:
        """What axe-core finds that keeps people from using the page."""
        found = Axe().run(self.chromium)["violations"]
        return [f"{one['id']}: {one['help']}: {node['html']}" for one in found for node in one["nodes"]]

    def complaints(self) -> list[str]:
        """What the browser wrote into its console since it was last asked: refusals by the CSP, errors, advice."""
        entries = self.chromium.get_log("browser")
        return [entry["message"] for entry in entries if not _is_the_page_itself(entry)]

    def loaded(self) -> dict[str, int]:
        """What was loaded since the browser was last asked: bytes on the wire by address."""
        events = [json.loads(entry["message"])["message"] for entry in self.chromium.get_log("performance")]
        by_method = {
            name: [event["params"] for event in events if event["method"] == f"Network.{name}"]
            for name in ("requestWillBeSent", "loadingFinished")
        }
        sizes = {done["requestId"]: int(done["encodedDataLength"]) for done in by_method["loadingFinished"]}
        return {
            asked["request"]["url"]: sizes.get(asked["requestId"], 0)
            for asked in by_method["requestWillBeSent"]
        }

    def _resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._devtools("Emulation.setDeviceMetricsOverride", size)

    def _devtools(self, command: str, about: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.chromium.execute_cdp_cmd(command, about)
        return answer


def _is_the_page_itself(entry: dict[str, Any]) -> bool:
    """Whether it says only that the page's own status is an error: some pages are about errors."""
    return entry["source"] == "network" and "responded with a status of 4" in entry["message"]
