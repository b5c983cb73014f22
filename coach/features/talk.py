"""Both legs together: who talks over whom, and when nobody says anything.

Comes in: every 20 ms what the voice detectors of both legs say, every 100 ms the sound of both.
Goes out: `TalkOver` and `DeadAir`. Refuses to know: holds, words, whether it matters.

Who was already speaking owns the turn. A turn lasts through pauses of ``gap_s``; who comes in when
the other's turn has lasted ``turn_s``, and goes on for longer than a back-channel, talks over it.
Who came in in a pause of the other's may go on for longer: the other has come back to speak.
A leg that is only heard through the other one is not speaking.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf

from coach.events import DeadAir, Event, TalkOver
from coach.features.leak import Leaks
from coach.features.voice import VoiceDetector
from coach.frames import FRAME_S, Samples
from coach.names import Leg
from coach.sections import Interruption, Silence


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
    allowed_s: float
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
        self._leaks = Leaks()

    @property
    def echo(self) -> Leg | None:
        """The leg that is only heard through the other one, if any."""
        return self._leaks.echo

    def hear(self, sound: Mapping[Leg, Samples], both_voiced: bool) -> None:
        """Take in the next 100 ms of both legs, float32[1600]; find out who is but an echo."""
        self._leaks.hear(sound, both_voiced)

    def push(self, t: float, voices: Mapping[Leg, VoiceDetector]) -> list[Event]:
        """Return what became known with the frame that ends at ``t``."""
        for leg, turn in self._turns.items():
            voice = voices[leg]
            speaking = voice.active and leg is not self.echo
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
            self._overlap = _Overlap(late, start, owned, self._allowed_s(late))
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
        outgrown = length_s > overlap.allowed_s + FRAME_S / 2
        if overlap.owned and outgrown and over is overlap.sent:
            overlap.sent = True
            yield TalkOver(
                t=t, leg=overlap.leg, start=overlap.start, duration_s=length_s, ongoing=not over
            )
        if over:
            self._overlap = None

    def _allowed_s(self, late: Leg) -> float:
        in_a_pause = self._turns[late.other].spurt > self._turns[late].start
        short_s, long_s = self._rule.back_channel_s, self._rule.pause_back_channel_s
        return max(short_s, long_s) if in_a_pause else short_s

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
