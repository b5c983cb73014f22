"""Both legs together: who talks over whom, and when nobody says anything.

Comes in: every 20 ms what the voice detectors of both legs say, every 100 ms the sound of both.
Goes out: `TalkOver` and `DeadAir`. Refuses to know: holds, words, whether it matters.

Who was already speaking owns the turn. A turn lasts through pauses of ``gap_s``; who comes in when
the other's turn has lasted ``turn_s``, and goes on for longer than a back-channel, talks over it.
A leg that is only heard through the other one is not speaking.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from coach.events import DeadAir, Event, TalkOver
from coach.features.voice import VoiceDetector
from coach.frames import FRAME_S, RATE, Samples
from coach.names import Leg
from coach.sections import Interruption, Silence

_STEP = RATE // 100  # the envelopes compared have a value every 10 ms
_WINDOW = 100
_LATE, _EARLY = 20, 2  # values by which an echo may follow its source, or lead by misalignment

# Over 1 s an echo 15 dB down agrees with its source to 0.98 or better, two talkers to 0.85 at most
# in a thousand windows of the recorded calls.
_AGREE, _DISAGREE = 0.9, 0.75
_WEAKER = 0.5  # -6 dB


@dataclass
class _Turn:
    """What a leg says until it pauses for longer than ``gap_s``."""

    active: bool = False  # its voice detector, which an echo sets off too
    speaking: bool = False
    spurt: float = -inf  # when it last began to speak
    start: float = -inf
    last: float = -inf  # end of its last voiced frame


@dataclass
class _Overlap:
    """Both speak. ``length_s``: of the stretches that are over; ``since``: of the present one."""

    leg: Leg
    start: float
    owned: bool
    since: float | None = None
    length_s: float = 0.0
    sent: bool = False


class Talk:
    """Watches the talk of two legs."""

    def __init__(self, talk_over: Interruption, dead_air: Silence) -> None:
        self._rule = talk_over
        self._limit_s = dead_air.limit_s
        self._turns = {leg: _Turn() for leg in Leg}
        self._overlap: _Overlap | None = None
        self._dead_since: float | None = None
        self._envelopes = {leg: np.zeros(_WINDOW + _LATE + _EARLY, np.float32) for leg in Leg}
        self._echo: Leg | None = None

    def hear(self, sound: Mapping[Leg, Samples], both_voiced: bool) -> None:
        """Take in the next 100 ms of both legs, float32[1600]; find out who is but an echo."""
        for leg, samples in sound.items():
            steps = samples.reshape(-1, _STEP)
            values = np.sqrt(np.einsum("ij,ij->i", steps, steps) / np.float32(_STEP))
            self._envelopes[leg] = np.concatenate((self._envelopes[leg][len(values) :], values))
        if not both_voiced:
            self._echo = None
            return
        power = {leg: float(envelope @ envelope) for leg, envelope in self._envelopes.items()}
        weak = min(Leg, key=lambda leg: power[leg])
        enough = _DISAGREE if self._echo is weak else _AGREE
        heard = _is_echo(self._envelopes[weak], self._envelopes[weak.other], enough)
        self._echo = weak if heard else None

    def push(self, t: float, voices: Mapping[Leg, VoiceDetector]) -> list[Event]:
        """Return what became known with the frame that ends at ``t``."""
        for leg, turn in self._turns.items():
            voice = voices[leg]
            speaking = voice.active and leg is not self._echo
            if speaking and not turn.speaking:
                # What was an echo until now begins now.
                turn.spurt = t if turn.active else voice.since
                if turn.spurt - turn.last > self._rule.gap_s:
                    turn.start = turn.spurt
            turn.active, turn.speaking = voice.active, speaking
            if speaking:
                turn.last = voice.last_voiced
        return [*self._talk_over(t), *self._dead_air(t)]

    def _talk_over(self, t: float) -> Iterator[TalkOver]:
        turns = self._turns.values()
        both = all(turn.speaking for turn in turns)
        if both and self._overlap is None:
            late = max(Leg, key=lambda leg: self._turns[leg].start)
            start = max(turn.spurt for turn in turns)
            owned = self._turns[late.other].start <= start - self._rule.turn_s
            self._overlap = _Overlap(late, start, owned)
        overlap = self._overlap
        if overlap is None:
            return
        if both and overlap.since is None:
            overlap.since = max(turn.spurt for turn in turns)
        length_s = overlap.length_s
        if overlap.since is not None:
            length_s += max(0.0, min(turn.last for turn in turns) - overlap.since)
        if not both:
            overlap.length_s, overlap.since = length_s, None
        over = not both and any(t - turn.last > self._rule.gap_s for turn in turns)
        outgrown = length_s > self._rule.back_channel_s + FRAME_S / 2
        if overlap.owned and outgrown and over is overlap.sent:
            overlap.sent = True
            yield TalkOver(
                t=t, leg=overlap.leg, start=overlap.start, duration_s=length_s, ongoing=not over
            )
        if over:
            self._overlap = None

    def _dead_air(self, t: float) -> Iterator[DeadAir]:
        turns = self._turns.values()
        if any(turn.speaking for turn in turns):
            if self._dead_since is not None:
                since, self._dead_since = self._dead_since, None
                end = min(turn.spurt for turn in turns if turn.speaking)
                yield DeadAir(t=t, start=since, duration_s=end - since, ongoing=False)
            return
        since = max(turn.last for turn in turns)
        if self._dead_since is None and since > -inf and t - since >= self._limit_s:
            self._dead_since = since
            yield DeadAir(t=t, start=since, duration_s=t - since, ongoing=True)


def _is_echo(weak: NDArray[np.float32], source: NDArray[np.float32], enough: float) -> bool:
    """Tell whether ``weak`` is ``source``, weaker and up to 0.2 s late, and nothing besides."""
    # The window of the weak leg ends early enough for the source to be seen a little after it.
    heard = weak[_LATE:-_EARLY]
    if heard @ heard > _WEAKER**2 * (source[_LATE:-_EARLY] @ source[_LATE:-_EARLY]):
        return False
    heard = heard - heard.mean()
    lags: NDArray[np.float32] = np.ndarray(
        (_LATE + _EARLY + 1, _WINDOW), np.float32, source, strides=(4, 4)
    )
    lags = lags - lags.mean(axis=1, keepdims=True)
    norm = np.sqrt((lags * lags).sum(axis=1) * (heard @ heard))
    return bool((lags @ heard >= enough * np.maximum(norm, 1e-12)).any())
