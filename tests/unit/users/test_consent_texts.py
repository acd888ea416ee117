"""The texts that people agree to."""

from __future__ import annotations

import pytest

from backend.users.consent_texts import CURRENT_TEXTS, ConsentKind, texts_of

# Whoever agreed, agreed to these words. To change them, write a new file and add the beginning of its digest here.
PUBLISHED = {
    ConsentKind.TERMS: {"2026-11-23": 0x141B02BA},
    ConsentKind.PRIVACY: {"2026-11-23": 0x1B97752D},
    ConsentKind.SPECIAL_CATEGORY: {"2026-11-23": 0x749A31A4},
}


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_words_that_were_published_never_change(kind: ConsentKind) -> None:
    assert {text.version: int(text.digest[:8], 16) for text in texts_of(kind)} == PUBLISHED[kind]


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_the_newest_is_in_force(kind: ConsentKind) -> None:
    assert CURRENT_TEXTS[kind].version == max(text.version for text in texts_of(kind))
    assert CURRENT_TEXTS[kind].text.startswith("# ")
