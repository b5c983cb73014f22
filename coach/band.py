"""The agent's own band of levels: learned once, kept with the unit, never chased.

Comes in: a calibration or the records of calls. Goes out: the settings with that band, one
`AgentBand` event as soon as it is known, and what `coach.band_file` keeps. Refuses to know: how a
level is measured, who is told that he is out of his band.

Where nobody calibrated, the median of the first ``level.learn_calls`` calls is learned; until then
the wide band of the settings holds. Afterwards nothing moves it but another calibration. Who sets
``level.band_low_db`` or ``band_high_db`` himself has neither.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, pstdev
from typing import Any

from coach import band_file
from coach.band_file import OwnLevel
from coach.clock import WallClock
from coach.errors import StateError
from coach.events import AgentBand, CallRecord, Event
from coach.layers import DEFAULT
from coach.names import Learned
from coach.sections import SpeechLevel
from coach.settings import Loaded, Settings

_BAND = ("level.band_low_db", "level.band_high_db")
_HIGHEST_DB, _LOWEST_DB = 6.0, -100.0


def set_by_hand(loaded: Loaded) -> str | None:
    """Return where the band was set by hand; None where it was not."""
    places = [loaded.origins[key] for key in _BAND if loaded.origins[key] != DEFAULT]
    return places[0] if places else None


def band_of(level_db: float, level: SpeechLevel) -> tuple[float, float]:
    """Return the band in dBov round the agent's own level in dBov."""
    half_db = level.band_half_db
    return max(level_db - half_db, _LOWEST_DB), min(level_db + half_db, _HIGHEST_DB)


def in_force(loaded: Loaded, own: OwnLevel | None) -> Loaded:
    """Return the settings with the learned band, where one is learned and none set by hand."""
    if own is None or own.level_db is None or set_by_hand(loaded):
        return loaded
    low_db, high_db = band_of(own.level_db, loaded.settings.level)
    level = replace(loaded.settings.level, band_low_db=low_db, band_high_db=high_db)
    by = "coach calibrate" if own.how is Learned.CALIBRATE else f"{len(own.calls_db)} calls"
    origin = f"learned by {by}, {own.at.date()}: {band_file.file_of(loaded.settings.unit)}"
    origins = {**loaded.origins, **dict.fromkeys(_BAND, origin)}
    return Loaded(replace(loaded.settings, level=level), origins)


def calibrated(
    unit_id: str, level_db: float, spread_db: float, speech_s: float, clock: WallClock
) -> OwnLevel:
    """Return what a calibration has learned now."""
    return OwnLevel(
        unit=unit_id,
        how=Learned.CALIBRATE,
        at=_now(clock),
        synced=clock.synced(),
        level_db=round(level_db, 2),
        spread_db=round(spread_db, 2),
        speech_s=round(speech_s, 1),
    )


class BandKeeper:
    """Listens to every event; answers with the band once it is known.

    ``file``: where it is kept, looked at again after each call, so that a calibration meanwhile
    counts; None: nothing is learned or looked at. ``say``: told in one line, and once, of a file
    that cannot be read or written; learning goes on in memory then.
    """

    def __init__(
        self,
        settings: Settings,
        own: OwnLevel | None,
        file: Path | None,
        say: Callable[[str], None],
        clock: WallClock | None = None,
    ) -> None:
        self._settings = settings
        self._own = own
        self._file = file
        self._say = say
        self._said: set[str] = set()
        self._clock = clock or WallClock()
        self._told: float | None = None  # the level of the band last told

    def write(self, event: Event) -> AgentBand | None:
        """Take the next event; return the band where it has become known with it."""
        if isinstance(event, CallRecord) and self._file is not None:
            self._look(self._file)
            self._learn(event, self._file)
        own = self._own
        if own is None or own.level_db is None or own.level_db == self._told:
            return None
        self._told = own.level_db
        low_db, high_db = band_of(own.level_db, self._settings.level)
        return AgentBand(
            t=event.t, how=own.how, level_db=own.level_db, low_db=low_db, high_db=high_db
        )

    def _look(self, file: Path) -> None:
        try:
            there = band_file.read(file, self._settings.unit.id)
        except StateError as error:
            self._complain(str(error))
            return
        if there is not None and there.level_db is not None:
            self._own = there

    def _learn(self, call: CallRecord, file: Path) -> None:
        level, before = self._settings.level, self._own
        if before is not None and before.level_db is not None:
            return
        if not level.learn_calls or not long_enough(call.fields, level):
            return
        if not level.band_low_db <= call.fields["level_db"] <= level.band_high_db:
            return  # so soft or so loud is nobody's own level: mend the microphone first
        calls_db = (*(before.calls_db if before else ()), round(call.fields["level_db"], 2))
        known = len(calls_db) >= level.learn_calls
        speech_s = (before.speech_s if before else 0.0) + call.fields["level_speech_s"]
        self._own = OwnLevel(
            unit=self._settings.unit.id,
            how=Learned.CALLS,
            at=_now(self._clock),
            synced=self._clock.synced(),
            level_db=median(calls_db) if known else None,
            spread_db=round(pstdev(calls_db), 2) if known else None,
            speech_s=round(speech_s, 1),
            calls_db=calls_db,
        )
        try:
            band_file.write(file, self._own)
        except StateError as error:
            self._complain(str(error))

    def _complain(self, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            self._say(what)


def long_enough(call: Mapping[str, Any], level: SpeechLevel) -> bool:
    """Whether a call's record holds enough of the agent's speech to tell his level."""
    told = call.get("level_db") is not None
    return told and (call.get("level_speech_s") or 0.0) >= level.learn_call_s


def _now(clock: WallClock) -> datetime:
    return datetime.fromtimestamp(round(clock.wall()), UTC)
