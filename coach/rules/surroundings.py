"""What the customer hears beside the agent's voice: the room, and things that knock.

Comes in: the agent's noise events and the customer's voice. Goes out: the same record, one step
further. Refuses to know: call states; who keeps it says what belongs to the call.
"""

from dataclasses import dataclass, replace
from math import log10

from coach.events import Noise, Voice
from coach.rules.parts import NEVER

# A knock is told within a second: older spans and knocks are settled.
_SPANS = 8
_KNOCKS_S = 10.0
# Voice is right within 0.1 s, and a knock in the pause between two words is one, too.
_SLACK_S = 0.3


@dataclass(frozen=True)
class Surroundings:
    """Noise of the agent's leg in one call.

    ``floor``, ``snr``: weighted sums of power and of dB with their weights in s; ``spans``: the
    customer's last talk-spurts (from, until), ``speaks`` since when one goes on; ``speech_s``: all
    of them; ``over_customer``: how many knocks fell into one; ``knocks``: the last ones' times.
    """

    t: float = NEVER
    floor: tuple[float, float] = (0.0, 0.0)
    snr: tuple[float, float] = (0.0, 0.0)
    spans: tuple[tuple[float, float], ...] = ()
    speaks: float | None = None
    speech_s: float = 0.0
    over_customer: int = 0
    knocks: tuple[float, ...] = ()

    def hear(self, event: Noise, talking: bool, interval_s: float) -> "Surroundings":
        """Take in what knocked and, in the talk, the floor and the ratio.

        They count for the time since the last event, ``interval_s`` at most.
        """
        heard = self._knock(event)
        return heard._measure(event, interval_s) if talking else heard

    def _measure(self, event: Noise, interval_s: float) -> "Surroundings":
        weight = min(event.t - self.t, interval_s)
        floor = _added(self.floor, 10 ** (event.floor_db / 10), weight)
        snr = self.snr if event.snr_db is None else _added(self.snr, event.snr_db, weight)
        return replace(self, t=event.t, floor=floor, snr=snr)

    def _knock(self, event: Noise) -> "Surroundings":
        impulses = event.impulses or ()
        over = sum(map(self._spoken_at, impulses))
        recent = [at for at in self.knocks if at > event.t - _KNOCKS_S]
        knocks = (*recent, *impulses)
        return replace(self, over_customer=self.over_customer + over, knocks=knocks)

    def customer(self, event: Voice, since: float) -> "Surroundings":
        """The customer began to speak at ``since`` or stopped there."""
        if event.active:
            return replace(self, speaks=since)
        if self.speaks is None or since <= self.speaks:
            return replace(self, speaks=None)
        spans = (*self.spans, (self.speaks, since))[-_SPANS:]
        speech_s = self.speech_s + since - self.speaks
        return replace(self, spans=spans, speaks=None, speech_s=speech_s)

    def _spoken_at(self, at: float) -> bool:
        if self.speaks is not None and at >= self.speaks - _SLACK_S:
            return True
        return any(start - _SLACK_S <= at <= end + _SLACK_S for start, end in self.spans)

    @property
    def floor_db(self) -> float | None:
        """The floor in dBov, its power averaged over the call: a mute does not lower it."""
        total, weight = self.floor
        return 10 * log10(total / weight) if weight > 0 and total > 0 else None

    @property
    def snr_db(self) -> float | None:
        """Speech over noise, averaged over the call in dB."""
        total, weight = self.snr
        return total / weight if weight > 0 else None

    @property
    def knocks_per_min(self) -> float | None:
        """Knocks in each minute of the customer's speech; None where the customer never spoke."""
        return 60 * self.over_customer / self.speech_s if self.speech_s > 0 else None


def _added(mean: tuple[float, float], value: float, weight: float) -> tuple[float, float]:
    return mean[0] + value * weight, mean[1] + weight
