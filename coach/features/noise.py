"""The noise floor of a leg.

Comes in: the power of the quietest part of each 100 ms of a leg. Goes out: the floor in dBov.
Refuses to know: what is speech and what is not. Speech pauses again and again, so the quietest
moments of the last while are noise alone (minimum statistics: R. Martin, IEEE Transactions on
Speech and Audio Processing 9(5), 2001).
"""

from bisect import bisect_left, insort
from collections import deque
from math import log10

from coach.frames import Samples

QUIETEST_DB = -100.0

_WINDOW_HOPS = 100
_FIRST_HOPS = 20
# Not the very least, so that a few lost samples are no floor, but the sixth of a hundred.
_RANK = 0.05


def dbov(power: float) -> float:
    """Return mean power in dBov (a full-scale square wave: 0), not less than -100."""
    return max(10 * log10(power), QUIETEST_DB) if power > 0 else QUIETEST_DB


def power(samples: Samples) -> float:
    """Return the mean power of ``samples``, float32[n]; a sound card's offset is no loudness."""
    offset = float(samples.sum()) / len(samples)
    return max(0.0, float(samples @ samples) / len(samples) - offset * offset)


class Ranked:
    """The last ``count`` values, by rank."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._values: deque[float] = deque()
        self._ranked: list[float] = []

    def __len__(self) -> int:
        return len(self._values)

    def push(self, value: float) -> None:
        """Take in the next value; forget the one before the last ``count``."""
        if len(self._values) == self._count:
            del self._ranked[bisect_left(self._ranked, self._values.popleft())]
        self._values.append(value)
        insort(self._ranked, value)

    def at(self, rank: float) -> float:
        """Return the value that a share ``rank``, 0..1, of the others lie under."""
        return self._ranked[int(rank * len(self._ranked))]


class NoiseFloor:
    """Floor over the last 10 s."""

    def __init__(self) -> None:
        self._powers = Ranked(_WINDOW_HOPS)

    def push(self, power: float) -> None:
        """Take in the mean power of the quietest part of the next 100 ms."""
        self._powers.push(power)

    @property
    def floor_db(self) -> float | None:
        """The noise floor in dBov; None in the first 2 s."""
        return self.least_db if len(self._powers) >= _FIRST_HOPS else None

    @property
    def least_db(self) -> float:
        """The quietest so far in dBov: the floor, or in the first 2 s perhaps still speech."""
        if not self._powers:
            return QUIETEST_DB
        return dbov(self._powers.at(_RANK))
