"""What the commands that know the agent share: his own band, as the unit has learned it.

Comes in: settings, the journal. Goes out: what was learned, or one line on stderr and nothing; how
far the calls since have drifted from it. Refuses to know: what is then done with it.
"""

import sys
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from coach import band_file
from coach.band import long_enough, set_by_hand
from coach.band_file import OwnLevel
from coach.errors import StateError
from coach.journal_reader import read
from coach.settings import Loaded, Settings

RECENT_CALLS = 5
_PAGES = 7  # the latest files of the journal that are looked through


class Drift(NamedTuple):
    """How far the agent has moved from his own level: dB, the median of so many calls."""

    db: float
    calls: int


def say(what: str) -> None:
    """Say it on stderr."""
    print(what, file=sys.stderr, flush=True)


def learned(loaded: Loaded) -> OwnLevel | None:
    """Return what the unit has learned; says so where its file cannot be believed."""
    unit = loaded.settings.unit
    try:
        return band_file.read(band_file.file_of(unit), unit.id)
    except StateError as error:
        say(f"{error}; the default band is used")
        return None


def recent_drift(settings: Settings, own: OwnLevel) -> Drift | None:
    """Return the drift of the last calls since ``own`` was learned, from the journal.

    None where there is no such
    call. Raises JournalError for a journal that cannot be read.
    """
    pages = sorted(
        Path(settings.journal.dir).glob("*.jsonl"), key=lambda page: page.stat().st_mtime
    )
    calls = [
        record
        for page in pages[-_PAGES:]
        for record in read(page).records
        if record.get("type") == "call" and _since(record, own)
    ]
    levels_db = [call["level_db"] for call in calls if long_enough(call, settings.level)]
    if own.level_db is None or not levels_db:
        return None
    recent_db = levels_db[-RECENT_CALLS:]
    return Drift(median(recent_db) - own.level_db, len(recent_db))


def in_words(loaded: Loaded) -> tuple[bool, str]:
    """Return whether all is well with the agent's own level, and what is known of it.

    Raises StateError, JournalError for a file that cannot be read.
    """
    settings = loaded.settings
    by_hand = set_by_hand(loaded)
    if by_hand:
        return True, f"band set by hand: {by_hand}"
    own = band_file.read(band_file.file_of(settings.unit), settings.unit.id)
    if own is None or own.level_db is None:
        calls = f"{len(own.calls_db) if own else 0} of {settings.level.learn_calls} calls"
        return True, f"not known yet: {calls}; sooner with coach calibrate"
    text = f"{own.level_db:.1f} dBov, learned by {own.how} on {own.at.date()}"
    drift = recent_drift(settings, own)
    if drift is None:
        return True, text
    side = "louder" if drift.db > 0 else "quieter"
    text += f"; the last {drift.calls} calls {abs(drift.db):.1f} dB {side}"
    if drift.calls < RECENT_CALLS or abs(drift.db) <= settings.level.band_half_db:
        return True, text
    return False, f"{text}: look at the microphone boom, or run coach calibrate again"


def _since(record: dict[str, Any], own: OwnLevel) -> bool:
    try:
        return datetime.fromisoformat(record["wall"]) >= own.at
    except (KeyError, TypeError, ValueError):
        return False
