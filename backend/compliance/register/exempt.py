"""Places that hold nothing about anybody. What is in neither this list nor the register fails a test."""

from __future__ import annotations

from backend.compliance.register.terms import Exemption, Kind, Place

_A_CHANNEL = "A channel: what is published there is heard or lost, and kept nowhere."

EXEMPT: tuple[Exemption, ...] = (
    Exemption(
        Place(Kind.COLLECTION, "recipes"), "The catalogue: food, written for this project or imported."
    ),
    Exemption(
        Place(Kind.COLLECTION, "restaurants"),
        "The catalogue: businesses, with what they publish of themselves.",
    ),
    Exemption(
        Place(Kind.COLLECTION, "webhook_deliveries"),
        "The sender's name and its number of a message, so that none is handled twice. MongoDB deletes it in 30 days.",
    ),
    Exemption(Place(Kind.COLLECTION, "job_runs"), "Which recurring job ran when, and how much it did."),
    Exemption(
        Place(Kind.COLLECTION, "migrations"), "Which changes of the schema the database has behind it."
    ),
    Exemption(Place(Kind.COLLECTION, "job_turns"), "How often recurring jobs were begun."),
    Exemption(Place(Kind.KEYS, "s:{*}:head"), "How many events a session has had."),
    Exemption(Place(Kind.KEYS, "deadlines"), "Which sessions are to be looked at when."),
    Exemption(Place(Kind.KEYS, "audit:drainer"), "Whose turn it is to move on the audit log's queue."),
    Exemption(Place(Kind.KEYS, "audit:broken"), "How often a job found the audit log changed."),
    Exemption(Place(Kind.KEYS, "jobs:ended"), "How many jobs of each kind have ended."),
    Exemption(Place(Kind.KEYS, "jobs:durations"), "How long jobs of each kind took."),
    Exemption(Place(Kind.KEYS, "processes:*"), "How often processes began, and when a cron was last there."),
    Exemption(
        Place(Kind.KEYS, "backups:succeeded"), "When backups were last made, and last restored on trial."
    ),
    Exemption(Place(Kind.KEYS, "retention:*"), "How much was deleted, and how old the oldest record is."),
    Exemption(Place(Kind.KEYS, "cache:{recipes}:*"), "The catalogue, cached."),
    Exemption(Place(Kind.KEYS, "cache:{restaurants}:*"), "Likewise."),
    Exemption(Place(Kind.KEYS, "live"), _A_CHANNEL),
    Exemption(Place(Kind.KEYS, "auth:revoked"), _A_CHANNEL),
    Exemption(Place(Kind.FILES, "DATA_DIR/metrics/*"), "Counts, by kind of request."),
    Exemption(Place(Kind.FILES, "DATA_DIR/dev.env"), "Secrets of a server that somebody tries out."),
    Exemption(
        Place(Kind.FILES, "DATA_DIR/run/*"),
        "Sockets, locks and process ids of one machine's processes; the logs beside them have a row.",
    ),
    Exemption(
        Place(Kind.FILES, "DATA_DIR/mongo/*"), "MongoDB's own files: what is in them has rows by collection."
    ),
    Exemption(Place(Kind.FILES, "DATA_DIR/valkey/*"), "Valkey's own files: what is in them has rows by key."),
)
