"""How fast each language is spoken: what is usual, and what of it is too slow or too fast.

Comes in: a language code. Goes out: its band in syllables, or morae, per second of speech, and how
many of these there are to a counted nucleus. Refuses to know: how syllables are counted, who
speaks. The figures and where each is from stand in ``paces.toml``.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

# Of the usual pace. A published usual pace is that of reading aloud; talk with pauses to think
# is slower, and nobody is told so before it is half as fast.
LOW_SHARE = 0.5
HIGH_SHARE = 1.1

OTHER = "other"


@dataclass(frozen=True)
class LanguagePace:
    """One language.

    ``unit``: ``syllable`` or ``mora``; ``usual_sps``: of them per second of speech;
    ``per_nucleus``: of them to one nucleus that the pace meter counts.
    """

    unit: str
    usual_sps: float
    per_nucleus: float

    @property
    def low_sps(self) -> float:
        """Units per second under which it is too slow."""
        return round(LOW_SHARE * self.usual_sps, 1)

    @property
    def high_sps(self) -> float:
        """Units per second over which it is too fast."""
        return round(HIGH_SHARE * self.usual_sps, 1)


def pace_of(language: str) -> LanguagePace:
    """Return the pace of ``language``, a code as in ``en``; that of ``other`` if not known."""
    known = paces()
    return known.get(language, known[OTHER])


@cache
def paces() -> dict[str, LanguagePace]:
    """Return every language's pace by its code."""
    text = resources.files("coach").joinpath("paces.toml").read_text("utf-8")
    return {code: LanguagePace(**values) for code, values in tomllib.loads(text).items()}
