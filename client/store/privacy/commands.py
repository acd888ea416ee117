"""What the user can do about their privacy. Every method returns at once.

What comes of it is seen in the store: lists say themselves where they failed, what needs a password says in
`Privacy.proof` how that went, and other failures are notices.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from client.net.errors import CONSENT_OUTDATED, ApiError
from client.net.privacy_api import PrivacyApi
from client.net.privacy_values import Export
from client.net.reading import TEXT_KINDS
from client.net.values import TextKind
from client.store import account_actions, actions
from client.store.answers import Answers
from client.store.privacy import actions as privacy_actions
from client.store.privacy.archive import archive_path, whole_file
from client.store.privacy.state import Purpose
from client.store.privacy.watch import ExportWatch, Waits
from client.store.runner import CommandRunner
from client.store.store import Store
from client.words import _

LOG_IN_AGAIN = "log_in_again"
EVERYTHING = 100
DEFAULT_WAITS = Waits()


class PrivacyCommands:
    """Does what screens ask for (see `client.screens.privacy_ports.PrivacyIntentions`).

    Archives are saved in `downloads`. `on_erased` gets a sentence once this log-in has ended with the account.
    """

    def __init__(
        self,
        *,
        store: Store,
        api: PrivacyApi,
        runner: CommandRunner,
        downloads: Path,
        on_erased: Callable[[str], None],
        waits: Waits = DEFAULT_WAITS,
    ) -> None:
        self._store = store
        self._api = api
        self._runner = runner
        self._downloads = downloads
        self._on_erased = on_erased
        self._watch = ExportWatch(self._look_at_exports, waits)

    # Consents

    def load_consents(self) -> None:
        """Find out how the user stands to each text, and what the texts say."""

        def read(answers: Answers) -> None:
            consents = self._api.consents()
            texts = tuple(map(self._api.text, TEXT_KINDS))
            answers.tell(account_actions.TextsLoaded(texts), privacy_actions.ConsentsCame(consents))

        self._list("load_consents", read, privacy_actions.ConsentsAsked(), privacy_actions.ConsentsFailed)

    def agree(self, kind: TextKind) -> None:
        """Agree to the words that are shown."""
        text = self._store.state.texts.get(kind)
        if text is None:
            return
        answers = Answers(self._store)

        def refused(error: ApiError) -> None:
            self._runner.show(error)
            if error.code == CONSENT_OUTDATED:
                self.load_consents()

        self._runner.run(
            "decide_consent",
            lambda: answers.tell(privacy_actions.ConsentDecided(self._api.agree(kind, text.version))),
            on_error=refused,
        )

    def withdraw(self, kind: TextKind) -> None:
        """Take a consent back."""
        answers = Answers(self._store)
        self._runner.run(
            "decide_consent",
            lambda: answers.tell(privacy_actions.ConsentDecided(self._api.withdraw(kind))),
        )

    # Exports

    def load_exports(self) -> None:
        """Read the list of exports."""

        def read(answers: Answers) -> None:
            answers.tell(privacy_actions.ExportsCame(self._api.exports()))

        self._list("load_exports", read, privacy_actions.ExportsAsked(), privacy_actions.ExportsFailed)

    def watch_exports(self) -> None:
        """Follow how far they are, until that is not wanted any more."""
        self._watch.start()

    def stop_watching(self) -> None:
        """Follow no longer."""
        self._watch.stop()

    def ask_for_export(self, password: str) -> None:
        """Have a copy of everything made."""

        def ask(answers: Answers) -> None:
            export = self._api.ask_for_export(password)
            answers.tell(privacy_actions.ExportBegun(export), privacy_actions.ProofTaken())
            self._watch.start()

        self._prove("export", ask)

    def download_export(self, export_id: str, password: str) -> None:
        """Save an archive among the user's downloads."""
        exports = self._store.state.privacy.exports.thing or ()
        export = next((one for one in exports if one.id == export_id), None)
        if export is None:
            return

        def download(answers: Answers) -> None:
            path = ""
            try:
                path = str(self._save(export, password, answers))
            except OSError as failure:
                reason = failure.strerror or str(failure)
                words = _("It could not be saved in {folder}: {reason}.")
                said = words.format(folder=self._downloads, reason=reason)
                answers.tell(privacy_actions.ProofTaken(), actions.NoticeShown("error", said))
            finally:
                answers.tell(privacy_actions.DownloadEnded(export_id, path))

        self._prove("download", download)

    # Erasure

    def load_erasure(self) -> None:
        """Find out whether the account is going to be deleted."""

        def read(answers: Answers) -> None:
            answers.tell(privacy_actions.ErasureCame(self._api.erasure()))

        self._list("load_erasure", read, privacy_actions.ErasureAsked(), privacy_actions.ErasureFailed)

    def ask_for_erasure(self, password: str, immediately: bool) -> None:
        """Have the account deleted: after the days of grace, or at once."""

        def ask(answers: Answers) -> None:
            erasure = self._api.ask_for_erasure(password, immediately=immediately)
            answers.tell(privacy_actions.ErasureCame(erasure), privacy_actions.ProofTaken())
            # The live connection may have heard of it before, and signed the user out without a word about it.
            nobody = self._store.state.auth.user is None
            if erasure.status == "running" and (nobody or answers.wanted):
                words = _(
                    "Your account is being deleted. Should you want to look later, its receipt is {receipt}."
                )
                self._on_erased(words.format(receipt=erasure.receipt_id))

        self._prove("erasure", ask)

    def cancel_erasure(self) -> None:
        """Stay after all."""
        answers = Answers(self._store)

        def cancel() -> None:
            self._api.cancel_erasure()
            answers.tell(privacy_actions.ErasureCame(self._api.erasure()))
            answers.tell(actions.NoticeShown("info", _("Your account stays, with everything in it.")))

        self._runner.run("cancel_erasure", cancel)

    def drop_proof(self) -> None:
        """Ask for no password any more."""
        self._store.dispatch(privacy_actions.ProofDropped())

    # The record

    def load_record(self) -> None:
        """Read the newest of what was recorded about the user."""
        self._read_record(None)

    def load_more_record(self) -> None:
        """Read what comes after, if there is something."""
        cursor = self._store.state.privacy.record_cursor
        if cursor is not None:
            self._read_record(cursor)

    def stop(self) -> None:
        """Begin nothing new, for the end of the program."""
        self._watch.stop()

    # How it is done

    def _list(
        self,
        name: str,
        read: Callable[[Answers], None],
        asked: actions.Action,
        failed: Callable[[str], actions.Action],
    ) -> None:
        answers = Answers(self._store)

        def work() -> None:
            answers.tell(asked)
            read(answers)

        def refused(error: ApiError) -> None:
            if error.signed_out:
                self._runner.show(error)
            else:
                answers.tell(failed(error.detail))

        self._runner.run(name, work, on_error=refused)

    def _read_record(self, cursor: str | None) -> None:
        def read(answers: Answers) -> None:
            answers.tell(privacy_actions.RecordCame(cursor, self._api.record(cursor)))

        self._list("load_record", read, privacy_actions.RecordAsked(), privacy_actions.RecordFailed)

    def _prove(self, purpose: Purpose, work: Callable[[Answers], None]) -> None:
        """Do what needs a proof, one such thing at a time; how it went stands in `Privacy.proof`."""
        if "prove" in self._store.state.busy:
            return
        answers = Answers(self._store)

        def refused(error: ApiError) -> None:
            if error.signed_out or self._store.state.privacy.proof.status == "taken":
                # It is no longer about who one is.
                self._runner.show(error)
                return
            words = error.field_errors.get("password", error.detail)
            answers.tell(privacy_actions.ProofRefused(words, log_in_again=error.code == LOG_IN_AGAIN))

        answers.tell(privacy_actions.ProofSent(purpose))
        self._runner.run("prove", lambda: work(answers), on_error=refused)

    def _save(self, export: Export, password: str, answers: Answers) -> Path:
        path = archive_path(self._downloads, export.requested_at)
        here = 0
        with whole_file(path) as file:

            def write(piece: bytes) -> None:
                nonlocal here
                if not here:
                    # The server hands it out, so the password was right.
                    answers.tell(privacy_actions.ProofTaken())
                before, here = _percent(here, export), here + len(piece)
                file.write(piece)
                if not before or _percent(here, export) > before:
                    answers.tell(privacy_actions.DownloadGrew(export.id, _percent(here, export)))

            self._api.download_export(export.id, password, write)
        return path

    def _look_at_exports(self) -> tuple[Export, ...] | None:
        answers = Answers(self._store)
        try:
            exports = self._api.exports()
        except ApiError as error:
            # It looks again, less often; what was seen last stays. Whose log-in is over has nothing to look for.
            return () if error.signed_out else None
        answers.tell(privacy_actions.ExportsCame(exports))
        return tuple(export for export in exports if export.under_way)


def _percent(count: int, export: Export) -> int:
    return min(EVERYTHING, count * EVERYTHING // export.size_bytes) if export.size_bytes else 0
