"""How loud the agent speaks of his own accord: his level over a minute of normal speech.

Comes in: frames of the agent's leg. Goes out: what has been heard so far and, in the end, the level
or the reason why there is none. Refuses to know: where the frames come from, what the level is for.

The level is measured as the rules measure that of a call: the energy mean of the levels of each
second, weighted by activity. Its spread is that of the talk-spurts.
"""

from dataclasses import dataclass
from math import log10
from statistics import pstdev

from coach.events import Level, Noise, Voice
from coach.features import Features
from coach.features.level import MARGIN_DB
from coach.features.noise import QUIETEST_DB
from coach.frames import Frame
from coach.names import Leg
from coach.settings import Settings

# Of the frames that are speech: from here on it is no longer a few peaks.
_CLIPPED_SHARE = 0.01
# A syllable is so much louder than the active level.
_SYLLABLE_DB = 6.0
# Seconds of speech in words too short for a level of their own.
_SHORT_S = 6.0
# Who has not spoken enough in this many times as long will not.
_PATIENCE = 5


@dataclass(frozen=True)
class Heard:
    """What was heard: seconds of audio, of speech, and of speech whose level could be told.

    ``level_db``, ``floor_db``, ``loudest_db``: of speech, noise and the loudest 100 ms, in dBov;
    ``spread_db``: standard deviation of the talk-spurts' levels in dB; ``clipped``: share of the
    frames of speech that are clipped, 0..1.
    """

    audio_s: float
    speech_s: float
    told_s: float
    level_db: float | None
    spread_db: float
    floor_db: float | None
    loudest_db: float
    clipped: float


class Calibration:
    """Listens until ``level.calibrate_s`` seconds of speech had a level, or to no avail."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._features = Features(settings)
        self._begun = 0.0
        self._spoken = False
        self._audio_s = self._speech_s = self._told_s = 0.0
        self._energy = self._weight = 0.0
        self._spurts_db: list[float] = []
        self._floor_db: float | None = None
        self._loudest_db = QUIETEST_DB
        self._voiced = self._clipped = 0

    def push(self, frame: Frame) -> None:
        """Take in the next 20 ms of the agent's leg."""
        for event in self._features.push(frame, None):
            match event:
                case Voice(active=True):
                    self._begun = event.since
                case Voice():
                    self._end_spurt(event)
                case Level() if self._spoken:
                    self._spoken = False
                    self._energy += 10 ** (event.level_db / 10) * event.activity
                    self._weight += event.activity
                case Noise():
                    self._floor_db = event.floor_db
        self._audio_s = frame.t
        self._loudest_db = max(self._loudest_db, self._features.meter_db[Leg.AGENT])
        if self._features.voiced[Leg.AGENT]:
            self._spoken = True
            self._voiced += 1
            self._clipped += frame.clipped

    @property
    def done(self) -> bool:
        """Whether enough was heard, or so long that it never will be."""
        needed_s = self._settings.level.calibrate_s
        return self._told_s >= needed_s or self._audio_s >= _PATIENCE * needed_s

    @property
    def heard(self) -> Heard:
        """What was heard so far."""
        return Heard(
            audio_s=self._audio_s,
            speech_s=self._speech_s,
            told_s=self._told_s,
            level_db=10 * log10(self._energy / self._weight) if self._weight > 0 else None,
            spread_db=pstdev(self._spurts_db) if self._spurts_db else 0.0,
            floor_db=self._floor_db,
            loudest_db=self._loudest_db,
            clipped=self._clipped / max(1, self._voiced),
        )

    def refusal(self) -> str | None:
        """Return why what was heard cannot be the agent's own level; None where it can."""
        heard, level = self.heard, self._settings.level
        if heard.clipped > _CLIPPED_SHARE:
            return f"clipped in {heard.clipped:.0%} of the speech; turn the capture level down"
        if heard.told_s < level.calibrate_s or heard.level_db is None:
            return self._lacking(heard)
        if not level.band_low_db <= heard.level_db <= level.band_high_db:
            soft = heard.level_db < level.band_low_db
            return (
                f"too {'quiet' if soft else 'loud'}: {heard.level_db:.1f} dBov; expected "
                f"{level.band_low_db:g} to {level.band_high_db:g}; turn the capture level "
                f"{'up or move the microphone nearer' if soft else 'down'}"
            )
        return None

    def _lacking(self, heard: Heard) -> str:
        """Say why there is not enough speech with a level."""
        softest_db = self._settings.level.band_low_db
        floor_db = QUIETEST_DB if heard.floor_db is None else heard.floor_db
        near = heard.loudest_db - floor_db < MARGIN_DB + _SYLLABLE_DB
        untold = heard.speech_s > 2 * heard.told_s + _SHORT_S
        if floor_db > softest_db - MARGIN_DB and (near or untold):
            return (
                f"too noisy: noise at {floor_db:.0f} dBov is not {MARGIN_DB} dB under the speech; "
                "find a quieter place or move the microphone nearer"
            )
        if heard.loudest_db < softest_db + _SYLLABLE_DB:
            return (
                f"too quiet: nothing over {heard.loudest_db:.0f} dBov in {heard.audio_s:.0f} s; "
                f"expected speech over {softest_db:g}; microphone muted or turned down?"
            )
        return (
            f"only {heard.told_s:.0f} s of speech in {heard.audio_s:.0f} s; expected "
            f"{self._settings.level.calibrate_s:g} s of it, spoken as in a call"
        )

    def _end_spurt(self, voice: Voice) -> None:
        lasted = max(0.0, voice.since - self._begun)
        self._speech_s += lasted
        if voice.level_db is not None:
            self._told_s += lasted
            self._spurts_db.append(voice.level_db)
