"""One's privacy: what one agreed to, a copy of everything, the end of the account, what was recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from kivy.core.clipboard import Clipboard

from client.net.privacy_values import Erasure
from client.screens.privacy_parts import ConsentRow, ExportRow
from client.store import actions
from client.store.listing import Fetched, Listing, fetched
from client.store.privacy import actions as privacy_actions
from client.store.privacy.state import Download
from tests.client.ui import people_scenes as weeks
from tests.client.ui.stage import Stage
from tests.client.ui.test_group import shown
from tests.client.ui.test_history import opened, press, rows, words_on

Play = Callable[..., Stage]
LOOKED_UP = [("load_consents",), ("load_exports",), ("load_erasure",), ("watch_exports",)]
ESCAPE = 27


def at_privacy(play: Play, state: Any) -> Stage:
    return opened(play, state, "privacy")


def asked(stage: Stage) -> list[tuple[Any, ...]]:
    """What was asked for, without what the screen looks up by itself."""
    return [call for call in stage.privacy.calls if call not in LOOKED_UP and call != ("drop_proof",)]


def texts(stage: Stage) -> list[ConsentRow]:
    return list(reversed(stage.screen.ids.texts.children))


def archives(stage: Stage) -> list[ExportRow]:
    return list(reversed(stage.screen.ids.archives.children))


def test_the_screen_follows_the_exports_for_as_long_as_it_is_shown(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    assert stage.privacy.calls == LOOKED_UP
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.5)
    assert stage.privacy.calls[-1] == ("stop_watching",)


# Consents


def test_each_text_says_how_one_stands_to_it(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    assert [row.words for row in texts(stage)] == [
        "You agreed on 30 March.",
        "You agreed to earlier words. They have changed since.",
        "You took it back on 7 May.",
    ]
    assert [(shown(row.ids.agree), shown(row.ids.withdraw)) for row in texts(stage)] == [
        (False, True), (True, True), (True, False),
    ]  # fmt: skip


def test_a_text_is_read_before_one_agrees(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    press(stage, texts(stage)[2].ids.read)
    stage.driver.wait(0.4)
    reading = stage.app.root.ids.reading
    assert reading.open
    reading.close()
    stage.driver.wait(0.4)
    press(stage, texts(stage)[2].ids.agree)
    assert asked(stage) == [("agree", "special_category")]


def test_taking_back_is_asked_first(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    press(stage, texts(stage)[0].ids.withdraw)
    assert asked(stage) == []
    stage.app.root.ids.question.confirm()
    assert asked(stage) == [("withdraw", "terms")]
    stage.dispatch(privacy_actions.ConsentDecided(replace(weeks.CONSENTS[0], given=False, up_to_date=False)))
    assert shown(texts(stage)[0].ids.agree)


def test_one_decision_at_a_time(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    stage.dispatch(actions.CommandStarted("decide_consent"))
    press(stage, texts(stage)[2].ids.agree)
    assert asked(stage) == []


# A copy of everything


def test_a_copy_is_asked_for_with_the_password(play: Play) -> None:
    stage = at_privacy(play, weeks.private(exports=fetched(())))
    ids = stage.screen.ids
    press(stage, ids.ask_export)
    stage.driver.wait(0.2)
    stage.driver.type_into(ids.export_proof.ids.password.ids.line, "long enough")
    press(stage, ids.export_proof.ids.give)
    assert asked(stage) == [("ask_for_export", "long enough")]
    stage.dispatch(
        privacy_actions.ProofSent("export"),
        privacy_actions.ExportBegun(weeks.BEING_MADE),
        privacy_actions.ProofTaken(),
    )
    assert not shown(ids.export_proof)
    assert ids.export_proof.ids.password.text == ""
    (row,) = archives(stage)
    assert (row.words, row.ids.track.share) == ("Collecting everything…", pytest.approx(0.42))
    # One is enough.
    assert not shown(ids.ask_export)
    stage.dispatch(privacy_actions.ExportsCame((replace(weeks.READY, id=weeks.BEING_MADE.id),)))
    assert archives(stage) == [row]
    assert (row.words, shown(row.ids.track)) == ("1.2 MB, here until 14 May.", False)


def test_a_wrong_password_is_said_at_its_field(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    ids = stage.screen.ids
    press(stage, ids.ask_export)
    stage.dispatch(
        privacy_actions.ProofSent("export"), privacy_actions.ProofRefused("That is not your password.")
    )
    assert ids.export_proof.ids.password.error == "That is not your password."
    assert ids.erasure_proof.ids.password.error == ids.export_proof.ids.password.error
    press(stage, ids.export_proof.ids.drop)
    assert ("drop_proof",) in stage.privacy.calls
    assert not shown(ids.export_proof)


def test_without_a_password_only_a_fresh_log_in_helps(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    form = stage.screen.ids.export_proof
    press(stage, stage.screen.ids.ask_export)
    stage.dispatch(
        privacy_actions.ProofSent("export"),
        privacy_actions.ProofRefused("Log in again first.", log_in_again=True),
    )
    assert "Log in again first." in words_on(form)
    assert not shown(form.ids.give)
    press(stage, form.ids.again)
    assert ("log_out_for_proof",) in stage.calls


def test_a_guest_is_asked_for_no_password(play: Play) -> None:
    stage = at_privacy(play, weeks.guest(weeks.private()))
    form = stage.screen.ids.export_proof
    press(stage, stage.screen.ids.ask_export)
    stage.driver.wait(0.2)
    assert not shown(form.ids.password)
    press(stage, form.ids.give)
    assert asked(stage) == [("ask_for_export", "")]


def test_a_copy_is_downloaded_and_one_reads_where_it_is(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    (row,) = archives(stage)
    press(stage, row.ids.download)
    stage.driver.wait(0.2)
    form = stage.screen.ids.download_proof
    stage.driver.type_into(form.ids.password.ids.line, "long enough")
    press(stage, form.ids.give)
    assert asked(stage) == [("download_export", weeks.READY.id, "long enough")]
    stage.dispatch(privacy_actions.DownloadGrew(weeks.READY.id, 70))
    assert (row.ids.percent.text, shown(row.ids.download)) == ("70 %", False)
    stage.dispatch(privacy_actions.DownloadEnded(weeks.READY.id, "/home/ana/Downloads/DinDin.zip"))
    assert row.ids.saved.text == "Saved as /home/ana/Downloads/DinDin.zip"


def test_other_archives_show_no_progress_of_this_one(play: Play) -> None:
    other = replace(weeks.READY, id="e3" * 12)
    state = weeks.private(exports=fetched((weeks.READY, other)), download=Download(other.id, 50))
    first, second = archives(at_privacy(play, state))
    assert (first.downloading, second.downloading, second.percent) == (False, True, 50)


def test_what_has_expired_cannot_be_downloaded(play: Play) -> None:
    gone = replace(weeks.READY, expires_at=weeks.EVENING - 1)
    (row,) = archives(at_privacy(play, weeks.private(exports=fetched((gone,)))))
    assert (row.here, row.words) == (False, "It is gone again. Ask for another one.")


# The end of the account


def test_the_account_goes_after_some_days(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    ids = stage.screen.ids
    press(stage, ids.ask_erasure)
    stage.driver.wait(0.2)
    stage.driver.type_into(ids.erasure_proof.ids.password.ids.line, "long enough")
    press(stage, ids.erasure_proof.ids.give)
    assert asked(stage) == [("ask_for_erasure", "long enough", False)]
    stage.dispatch(privacy_actions.ProofSent("erasure"), privacy_actions.ErasureCame(weeks.SCHEDULED))
    stage.dispatch(privacy_actions.ProofTaken())
    assert ids.leaving.text == "Your account will be deleted on 23 May. Until then you can change your mind."
    assert not shown(ids.erasure_proof)
    press(stage, ids.copy_receipt)
    assert Clipboard.paste() == weeks.SCHEDULED.receipt_id
    press(stage, ids.stay)
    assert asked(stage)[1:] == [("cancel_erasure",)]
    stage.dispatch(privacy_actions.ErasureCame(Erasure()))
    assert shown(ids.ask_erasure)


def test_at_once_is_asked_a_second_time(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    ids = stage.screen.ids
    press(stage, ids.ask_erasure)
    stage.driver.wait(0.2)
    press(stage, ids.at_once)
    assert "nothing brings it back" in words_on(ids.erasure_proof)
    stage.driver.type_into(ids.erasure_proof.ids.password.ids.line, "long enough")
    press(stage, ids.erasure_proof.ids.give)
    assert asked(stage) == []
    stage.app.root.ids.question.confirm()
    assert asked(stage) == [("ask_for_erasure", "long enough", True)]


def test_what_runs_already_cannot_be_stopped(play: Play) -> None:
    stage = at_privacy(play, weeks.private(erasure=fetched(Erasure("running", weeks.EVENING))))
    assert stage.screen.ids.leaving.text == "Your account is being deleted."
    assert not shown(stage.screen.ids.stay)


def test_escape_takes_the_question_for_the_password_away_first(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    press(stage, stage.screen.ids.ask_erasure)
    stage.screen.ids.erasure_proof.ids.password.text = "long enough"
    stage.driver.key(ESCAPE)
    assert (stage.screen.name, stage.screen.asked) == ("privacy", "")
    assert stage.screen.ids.erasure_proof.ids.password.text == ""


# What has not come


def test_each_part_says_what_did_not_come_and_tries_again(play: Play) -> None:
    failed: Fetched[Any] = Fetched(status="failed", error="No connection.")
    stage = at_privacy(play, weeks.private(consents=failed, exports=failed, erasure=failed))
    assert words_on(stage.screen).count("No connection.") == 3
    for part in ("consents", "exports", "erasure"):
        press(stage, stage.screen.ids[f"retry_{part}"])
    assert stage.privacy.calls == LOOKED_UP + LOOKED_UP[:3]


def test_what_is_on_its_way_cannot_be_pressed(play: Play) -> None:
    waiting: Fetched[Any] = Fetched(status="loading")
    stage = at_privacy(play, weeks.private(consents=waiting, exports=waiting, erasure=waiting))
    assert not any(shown(stage.screen.ids[name]) for name in ("ask_export", "ask_erasure", "retry_exports"))


# What was recorded


def test_the_record_is_in_plain_words(play: Play) -> None:
    stage = at_privacy(play, weeks.private())
    press(stage, stage.screen.ids.record)
    stage.driver.wait(0.5)
    assert stage.screen.name == "privacy_record"
    assert ("load_record",) in stage.privacy.calls
    assert [row.title for row in rows(stage)] == [
        "Copy of the data asked for",
        "Log-in, refused",
        "Tier changed",
        "Kitchen: fire put out, did not work",
    ]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (Listing(status="loaded", next_page=None), "Nothing was recorded"),
        (Listing(status="failed", error="No connection."), "No connection."),
    ],
)
def test_a_record_without_rows_says_why(play: Play, record: Any, words: str) -> None:
    stage = opened(play, weeks.private(record=record, saved=MappingProxyType({})), "privacy_record")
    assert words in words_on(stage.screen)
