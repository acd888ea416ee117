"""Two devices on one table count down together."""

from __future__ import annotations

from collections.abc import Callable

from client.widgets.countdown import ServerTimer
from client.widgets.wording import clock_text
from tests.client.ui import scenes
from tests.client.ui.driver import FRAME
from tests.client.ui.stage import Stage

SECONDS = 10


class Device:
    """A device whose clock is `ahead` of the server's; `changed` is when it showed another text, by the true time."""

    def __init__(self, true_time: Callable[[], float], ends_at: float, ahead: float) -> None:
        self.changed: list[tuple[str, float]] = []
        self._true_time = true_time
        self._timer = ServerTimer(lambda: true_time() + ahead, self._show)
        self._timer.set(ends_at, -ahead)

    def _show(self, left: float) -> None:
        shown = clock_text(left)
        if not self.changed or self.changed[-1][0] != shown:
            self.changed.append((shown, self._true_time()))

    def stop(self) -> None:
        self._timer.stop()


def test_two_devices_show_another_second_in_the_same_moment(play: Callable[..., Stage]) -> None:
    stage = play(scenes.signed_out())
    ends_at = stage.now() + SECONDS
    one = Device(stage.now, ends_at, ahead=0.0)
    stage.driver.wait(0.13)
    other = Device(stage.now, ends_at, ahead=-7200.25)
    stage.driver.wait(SECONDS + 1)
    one.stop()
    other.stop()
    assert [text for text, _ in one.changed[1:]] == [f"0:{left:02d}" for left in range(9, -1, -1)]
    pairs = zip(one.changed[1:], other.changed[-SECONDS:], strict=True)
    for (text, at), (also, as_well) in pairs:
        assert text == also
        assert abs(at - as_well) <= 2 * FRAME


def test_the_clock_stands_on_one_line_as_wide_as_it_is(play: Callable[..., Stage]) -> None:
    clock = play(scenes.swiping()).screen.ids.countdown.ids.clock
    assert len(clock.text) == len("3:41")
    assert clock.width > clock.height < 2 * clock.font_size
