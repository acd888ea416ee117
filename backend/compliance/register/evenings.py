"""The register's rows about sessions: what people swiped, wrote and decided together."""

from __future__ import annotations

from backend.compliance.register import forgetting
from backend.compliance.register.asking import asking
from backend.compliance.register.periods import retention_days_ago
from backend.compliance.register.shapes import FeedbackShape, MessageShape, SessionShape, SwipeShape
from backend.compliance.register.terms import (
    Basis,
    Erasure,
    Export,
    Holding,
    Kind,
    Otherwise,
    Place,
    Retention,
)
from backend.sessions.forgetting import Forgetting
from backend.sessions.kept import KeptSessions

_WITH_ITS_SESSION = Otherwise("Goes with its session.")
_IN_SESSIONS = asking(Forgetting, Forgetting.people)  # who swiped, wrote or answered took part

EVENINGS: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.COLLECTION, "swipes"),
        holds="every card somebody swiped, which way, when",
        purpose="finding the card that everybody likes; better decks on later evenings",
        basis=Basis.CONTRACT,
        export=Export(
            "swipes.json",
            "Swipes",
            asking(KeptSessions, KeptSessions.swipes_of),
            SwipeShape,
            lambda swipe: [swipe["item_id"]] if swipe["direction"] == "right" else [],
        ),
        erasure=Erasure(
            "Become a pseudonym's, another one in each session; who that was is not kept.", forgetting.swipes
        ),
        retention=_WITH_ITS_SESSION,
        people=_IN_SESSIONS,
    ),
    Holding(
        place=Place(Kind.COLLECTION, "messages"),
        holds="what people wrote in sessions",
        purpose="talking while swiping",
        basis=Basis.CONTRACT,
        export=Export(
            "messages.json",
            "Messages",
            asking(KeptSessions, KeptSessions.messages_of),
            MessageShape,
        ),
        erasure=Erasure("Deleted.", forgetting.messages),
        retention=_WITH_ITS_SESSION,
        recipients="those who took part in the session",
        people=_IN_SESSIONS,
    ),
    Holding(
        place=Place(Kind.COLLECTION, "feedback"),
        holds="whether somebody cooked what was decided, or went there",
        purpose="better decks",
        basis=Basis.INTEREST,
        export=Export(
            "feedback.json",
            "Feedback",
            asking(KeptSessions, KeptSessions.feedback_of),
            FeedbackShape,
        ),
        erasure=Erasure("Becomes a pseudonym's, as swipes do.", forgetting.feedback),
        retention=_WITH_ITS_SESSION,
        people=_IN_SESSIONS,
    ),
    Holding(
        place=Place(Kind.COLLECTION, "sessions"),
        holds="sessions: who took part under which name, energy levels, votes, who liked what, the outcome",
        purpose="deciding on dinner together; the history of it",
        basis=Basis.CONTRACT,
        export=Export(
            "sessions.json",
            "Sessions",
            asking(KeptSessions, KeptSessions.history_of),
            SessionShape,
            lambda session: session["outcome"],
        ),
        erasure=Erasure(
            'A pseudonym called "Somebody" takes the place, once nobody plays the session any more.',
            forgetting.sessions,
        ),
        retention=Retention(
            rule="{data_retention_days} days after they ended",
            cutoff=retention_days_ago,
            sweep=asking(KeptSessions, KeptSessions.delete_finished_before),
            oldest=asking(KeptSessions, KeptSessions.oldest),
        ),
        recipients="those who took part; of the outcome, the session's group",
        people=_IN_SESSIONS,
    ),
)
