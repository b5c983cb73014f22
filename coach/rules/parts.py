"""What the facts of a call are made of: voice, phrases, holds and measures, each a frozen record.

Comes in: times and values. Goes out: the same record, one step further. Refuses to know: events,
call states and which rule reads what.
"""

from dataclasses import dataclass, replace

from coach.sections import Hold

NEVER = float("-inf")

# A promise may also be made as the hold begins, and who is back on hold this soon only looked in.
PROMISE_AFTER_S = 5.0
_BRIEF_RETURN_S = 20.0
# Far shorter than a sample: rounding must not keep a time that is due waiting for the next tick.
_ROUNDING_S = 1e-6


def reached(t: float, due: float) -> bool:
    """Whether ``t`` is at or past ``due``, both in seconds."""
    return t >= due - _ROUNDING_S


@dataclass(frozen=True)
class Speech:
    """One leg's voice: the talk-spurt from ``begun`` to ``until`` and the silence before it.

    ``first``, ``first_drawn_s``: begin and longest drawn-out stretch of the first one in the call.
    """

    active: bool = False
    begun: float = NEVER
    until: float = NEVER
    until_before: float = NEVER
    first: float | None = None
    first_drawn_s: float | None = None

    def begin(self, t: float) -> "Speech":
        """The leg began to speak at ``t``."""
        if self.active:
            return self
        return replace(self, active=True, begun=t, until_before=self.until)

    def stop(self, t: float, drawn_s: float | None) -> "Speech":
        """The leg stopped at ``t``, having drawn one sound out for ``drawn_s``."""
        speech = replace(self, active=False, until=t)
        if self.first is not None and self.first_drawn_s is None:
            return replace(speech, first_drawn_s=drawn_s or 0.0)
        return speech

    def silent_since(self, t: float) -> float | None:
        """Since when the leg had been silent at ``t``; None if it was speaking."""
        if self.begun >= t:
            return self.until_before
        return None if self.active or self.until > t else self.until


@dataclass(frozen=True)
class Said:
    """Phrases of one category on one leg: the first one's start, the last one, how many."""

    first: float
    start: float
    end: float
    count: int


@dataclass(frozen=True)
class HoldClock:
    """The holds of a call. ``since``: of the one under way; ``ended``: of the last one."""

    since: float | None = None
    ended: float = NEVER
    count: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0
    over_s: float = 0.0
    check_backs: int = 0
    promised_s: float | None = None
    offer_s: float = 0.0
    offered: float = NEVER

    def promise(self, seconds: float, start: float, end: float) -> "HoldClock":
        """The agent named a time from ``start`` to ``end``; deep in a hold it is nobody's."""
        if self.since is not None and start > self.since + PROMISE_AFTER_S:
            return self
        return replace(self, offer_s=seconds, offered=end)

    def promise_s(self, settings: Hold) -> float | None:
        """Seconds promised for the hold under way, if any were (H3)."""
        if self.since is None:
            return None
        age = self.since - self.offered
        return self.offer_s if -PROMISE_AFTER_S <= age <= settings.promise_within_s else None

    def limit_s(self, settings: Hold) -> float:
        """Seconds the hold under way may last (H4)."""
        promised = self.promise_s(settings)
        return min(settings.limit_s if promised is None else promised, settings.hard_limit_s)

    def begin(self, t: float) -> "HoldClock":
        """A hold began at ``t``. Soon after another one, the time between was a check-back."""
        brief = t - self.ended <= _BRIEF_RETURN_S
        return replace(
            self, since=t, count=self.count + 1, check_backs=self.check_backs + int(brief)
        )

    def end(self, t: float, settings: Hold) -> "HoldClock":
        """The hold under way ended at ``t``."""
        if self.since is None:
            return self
        lasted = max(0.0, t - self.since)
        promised = self.promise_s(settings)
        return replace(
            self,
            since=None,
            ended=t,
            total_s=self.total_s + lasted,
            longest_s=max(self.longest_s, lasted),
            over_s=self.over_s + max(0.0, lasted - self.limit_s(settings)),
            promised_s=self.promised_s if promised is None else promised,
        )


@dataclass(frozen=True)
class Drift:
    """A measure against its band: -1 under, 0 inside, 1 over it, and for how long.

    ``run_s``: seconds far enough on this side without a break; ``outside_s``: all seconds outside
    the band; ``total`` / ``weight``: the weighted mean of the call.
    """

    side: int = 0
    run_s: float = 0.0
    outside_s: float = 0.0
    total: float = 0.0
    weight: float = 0.0
    last: float = NEVER

    def measure(
        self,
        t: float,
        side: int,
        seconds: float,
        stale_s: float,
        far: bool = True,
        hold_for_s: float = 0.0,
    ) -> "Drift":
        """A measure at ``t`` that stands for ``seconds``; ``stale_s`` after the last none runs.

        One that is not ``far`` outside ends a run, unless the run has lasted ``hold_for_s``.
        """
        unbroken = side == self.side and t - self.last <= stale_s
        run_s = self.run_s if unbroken else 0.0
        if far:
            run_s += seconds
        elif not reached(run_s, hold_for_s):
            run_s = 0.0
        return replace(
            self,
            side=side,
            run_s=run_s,
            outside_s=self.outside_s + (seconds if side else 0.0),
            last=t,
        )

    def broken(self) -> "Drift":
        """What was measured before no longer counts towards a run."""
        return replace(self, last=NEVER)

    def average(self, value: float, weight: float) -> "Drift":
        """Take ``value`` into the mean."""
        return replace(self, total=self.total + value * weight, weight=self.weight + weight)

    @property
    def mean(self) -> float | None:
        """The weighted mean, where anything was measured."""
        return self.total / self.weight if self.weight > 0 else None
