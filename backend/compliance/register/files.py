"""The register's rows about files and logs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import svcs

from backend.compliance.register import forgetting
from backend.compliance.register.terms import Basis, Erasure, Holding, Kind, Otherwise, Place, Retention
from backend.config import Settings
from backend.infra.mail_files import MailFiles


def _delete_old_mails(
    services: svcs.Container, /, cutoff: datetime, *, batch: int, dry_run: bool
) -> Iterator[int]:
    return MailFiles(services.get(Settings)).delete_before(cutoff, batch=batch, dry_run=dry_run)


def _oldest_mail(services: svcs.Container) -> datetime | None:
    return MailFiles(services.get(Settings)).oldest()


FILES: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.FILES, "STORAGE_URL/exports/*"),
        holds="the copies of their data that people asked for",
        purpose="handing them out",
        basis=Basis.OBLIGATION,
        export=Otherwise("It is the export."),
        erasure=Otherwise("Deleted with their records in `exports`."),
        retention=Otherwise("Deleted with its record in `exports`."),
    ),
    Holding(
        place=Place(Kind.FILES, "DATA_DIR/outbox/*.eml"),
        holds="mails, where no SMTP server is set up: address, name, a link that lets in",
        purpose="trying DinDin out without a mail server",
        basis=Basis.INTEREST,
        export=Otherwise("Copies of mails; what they are about is in the other files."),
        erasure=Erasure("Those to the person are deleted.", forgetting.mails),
        retention=Retention(
            rule="30 days",
            cutoff=lambda _settings, now: now - timedelta(days=30),
            sweep=_delete_old_mails,
            oldest=_oldest_mail,
        ),
    ),
    Holding(
        place=Place(Kind.FILES, "BACKUP_URL/*"),
        holds="everything in MongoDB, encrypted",
        purpose="getting it back after an accident",
        basis=Basis.OBLIGATION,
        export=Otherwise("Holds nothing that is not in the places it is a copy of."),
        erasure=Otherwise(
            "Not changed; each is deleted in its time. Who is restored from one is erased again before anybody gets "
            "in, by a keyed hash of the id that is kept for this."
        ),
        retention=Otherwise(
            "The last of each of seven days and of four weeks: 28 days at most, but for the newest there is."
        ),
    ),
    Holding(
        place=Place(Kind.LOG, "DATA_DIR/logs/*"),
        holds=(
            "what the server did and when: keyed hashes of accounts' ids, ids of sessions; no names, addresses or "
            "IP addresses"
        ),
        purpose="finding out what went wrong",
        basis=Basis.INTEREST,
        export=Otherwise("Says which parts of the program ran, and nothing about anybody but ids."),
        erasure=Otherwise(
            "Hold a keyed hash in place of the account's id, which leads nowhere once that is gone."
        ),
        retention=Otherwise(
            "`make run` keeps two files of 10 MB at most, this run's and the one before. In production the same lines "
            "go to standard error and nowhere else: how long they are kept there is the operator's to set."
        ),
    ),
    Holding(
        place=Place(Kind.LOG, "LOG_ERROR_FILE"),
        holds="of the lines of the log those about errors",
        purpose="finding out what went wrong",
        basis=Basis.INTEREST,
        export=Otherwise("Says which parts of the program failed, and nothing about anybody but ids."),
        erasure=Otherwise(
            "Holds a keyed hash in place of the account's id, which leads nowhere once that is gone."
        ),
        retention=Otherwise(
            "Written only where the operator names it, and theirs to rotate: as the other logs."
        ),
    ),
    Holding(
        place=Place(Kind.LOG, "DATA_DIR/run/*.log"),
        holds=(
            "what an embedded MongoDB and Valkey say of themselves. No slow queries; but MongoDB may quote one that it "
            "broke off"
        ),
        purpose="finding out why one of them does not start",
        basis=Basis.INTEREST,
        export=Otherwise("Says what the databases did, and nothing about anybody that is not in them."),
        erasure=Otherwise("Gone with its retention."),
        retention=Otherwise(
            "Begun anew when the server starts. Only where a server of one's own is not set up, for trying DinDin out."
        ),
    ),
)
