"""The features room: what can be measured in the sound of both legs, without a word of it.

Comes in: frames of both legs with the same index. Goes out: `Voice`, `Level`, `Pace`,
`BreathGroup`, `TalkOver`, `DeadAir`, `Noise` and `Tone` events. Refuses to know: words, the state
of the call, what anybody ought to do. Voice is decided every 20 ms; the rest is worked out for
100 ms at a time.
"""

from collections import deque
from collections.abc import Iterator

import numpy as np

from coach.events import (
    BreathGroup,
    Event,
    Level,
    Noise,
    Pace,
    Voice,
)
from coach.features.impulses import Impulses
from coach.features.level import ActiveLevel
from coach.features.line_sounds import LineSounds
from coach.features.noise import QUIETEST_DB, NoiseFloor, dbov, power
from coach.features.pace import PaceMeter
from coach.features.talk import Talk
from coach.features.voice import VoiceDetector
from coach.frames import Frame, Samples
from coach.names import Leg
from coach.settings import Settings

_HOP = 5  # frames worked out together
_HOPS_PER_S = 10
_KNOCKS_HOPS = 3  # between two noise events that only tell of knocks


class Features:
    """Measures both legs, or the agent's alone.

    After each frame ``voiced`` holds whether it is speech.
    """

    def __init__(self, settings: Settings) -> None:
        self.voiced = dict.fromkeys(Leg, False)
        self._legs = {leg: _LegFeatures(leg, settings) for leg in Leg}
        self._voices = {leg: of_leg.voice for leg, of_leg in self._legs.items()}
        self._talk = Talk(settings.talk_over, settings.dead_air)
        self._count = 0

    @property
    def meter_db(self) -> dict[Leg, float]:
        """The level of the last 100 ms of each leg in dBov."""
        return {leg: of_leg.meter_db for leg, of_leg in self._legs.items()}

    def push(self, agent: Frame, customer: Frame | None) -> list[Event]:
        """Return what became known with these 20 ms.

        Without a customer, which is so for the whole call or not at all, there is nobody to talk
        over and nobody to be silent with.
        """
        frames = {Leg.AGENT: agent}
        if customer is not None:
            frames[Leg.CUSTOMER] = customer
        events: list[Event] = []
        for leg, frame in frames.items():
            of_leg = self._legs[leg]
            events += of_leg.push(frame)
            self.voiced[leg] = of_leg.voice.voiced
        self._count += 1
        sound: dict[Leg, Samples] = {}
        if self._count % _HOP == 0:
            sound = {leg: self._legs[leg].last() for leg in frames}
        if customer is not None:
            if sound:
                self._talk.hear(sound, all(voice.active for voice in self._voices.values()))
            events += self._talk.push(agent.t, self._voices)
        for leg, samples in sound.items():
            events += self._legs[leg].measure(agent.t, samples)
        return events

    def finish(self, t: float) -> list[Event]:
        """The audio is over at ``t``: return what was still waiting for more of it."""
        return [event for of_leg in self._legs.values() for event in of_leg.finish(t)]


class _LegFeatures:
    """What is measured in one leg."""

    def __init__(self, leg: Leg, settings: Settings) -> None:
        self.voice = VoiceDetector(settings.voice)
        self.line = LineSounds(leg)
        self._samples: deque[Samples] = deque(maxlen=_HOP)
        self._powers: deque[float] = deque(maxlen=_HOP)
        self._leg = leg
        self._level = ActiveLevel(settings.level)
        self._pace = PaceMeter(settings.pace)
        self._noise = NoiseFloor()
        self._impulses = Impulses() if leg is Leg.AGENT else None
        self._knocks: list[float] = []
        self._quiet_hops = 0  # since the last noise event
        self._voiced: deque[bool] = deque(maxlen=_HOP)
        self._intervals = (
            settings.level.interval_s,
            settings.pace.interval_s,
            settings.noise.interval_s,
        )
        self._hops = 0
        self._spoke = False

    @property
    def meter_db(self) -> float:
        """The level of the last 100 ms in dBov."""
        return dbov(sum(self._powers) / max(1, len(self._powers)))

    def push(self, frame: Frame) -> Iterator[Event]:
        """Take in 20 ms; yield the beginning or end of speech."""
        loudness = power(frame.samples)
        self._samples.append(frame.samples)
        self._powers.append(loudness)
        voiceless, begun = self.line.voiceless_since, self.voice.since
        # a tone or music is nobody's voice, whatever the detector makes of it
        change = self.voice.push(frame, dbov(loudness) if voiceless is None else QUIETEST_DB)
        self._voiced.append(self.voice.voiced)
        if change is not None:
            since = change.since
            if voiceless is not None and not change.active:
                since = min(since, max(voiceless, begun))
            drawn_s = self._pace.nuclei.take_drawn_s()
            level_db = None
            if not change.active:
                level_db = self._level.spurt_over(self._noise.least_db, begun, since)
            yield Voice(
                t=frame.t,
                leg=self._leg,
                active=change.active,
                since=since,
                drawn_s=None if change.active else drawn_s,
                level_db=level_db,
            )

    def last(self) -> Samples:
        """Return the last 100 ms, float32[1600], the offset of the sound card taken out."""
        samples: Samples = np.concatenate(self._samples)
        samples -= samples.sum() / np.float32(len(samples))
        return samples

    def measure(self, t: float, samples: Samples) -> Iterator[Event]:
        """Take in the last 100 ms, float32[1600]; yield what is due."""
        yield from self.line.push(t, samples, self.voice.active)
        self._noise.push(self._level.push(samples, self.voice.active))
        self._spoke = self._pace.push(samples) or self._spoke
        if self._pace.breath:
            sps, speech_s = self._pace.breath
            yield BreathGroup(t=t, leg=self._leg, syllables_per_s=sps, speech_s=speech_s)
        self._hops += 1
        level_due, pace_due, noise_due = (
            self._hops % max(1, round(interval_s * _HOPS_PER_S)) == 0
            for interval_s in self._intervals
        )
        if self._impulses:
            self._knocks += self._impulses.push(t, samples, list(self._voiced))
        self._quiet_hops += 1
        noise_due |= bool(self._knocks) and self._quiet_hops >= _KNOCKS_HOPS
        floor_db = self._noise.floor_db if level_due or noise_due else None
        level = None if floor_db is None else self._level.measure_over(floor_db)
        if level_due and level:
            yield Level(t=t, leg=self._leg, level_db=level[0], activity=level[1])
        if pace_due and self._spoke:
            self._spoke = False
            pace = self._pace.measure()
            if pace:
                yield Pace(t=t, leg=self._leg, syllables_per_s=pace[0], speech_s=pace[1])
        if noise_due and floor_db is not None:
            yield self._noise_at(t, floor_db, level[0] - floor_db if level else None)

    def finish(self, t: float) -> Iterator[Event]:
        """Yield the knocks not told yet: the sound is over at ``t``."""
        if self._impulses:
            self._knocks += self._impulses.finish()
        if self._knocks:
            yield self._noise_at(t, self._noise.least_db, None)

    def _noise_at(self, t: float, floor_db: float, snr_db: float | None) -> Noise:
        knocks, self._knocks, self._quiet_hops = tuple(self._knocks), [], 0
        impulses = knocks if self._impulses else None
        return Noise(t=t, leg=self._leg, floor_db=floor_db, snr_db=snr_db, impulses=impulses)
