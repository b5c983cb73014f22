"""The envelope by which ITU-T P.56 (12/2011), method B, tells speech from pauses.

Comes in: a leg in steps of 100 ms, free of the sound card's offset. Goes out: the rectified sound
smoothed twice, a value every millisecond, and what is active at or over a threshold. Refuses to
know: levels, thresholds.
"""

from math import exp

import numpy as np

from coach.frames import RATE, Samples

# P.56 asks for 694 values a second at least.
ENVELOPE_RATE = 1000
HANGOVER_S = 0.2

_TIME_CONSTANT_S = 0.03
_HOP_S = 0.1
_EVERY = RATE // ENVELOPE_RATE
_HOP = round(_HOP_S * ENVELOPE_RATE)
_MEAN: Samples = np.full(_EVERY, 1 / _EVERY, np.float32)
_DECAY = exp(-1 / (ENVELOPE_RATE * _TIME_CONSTANT_S))

# Values after which a full-scale sound has died away to -100 dB, and those of the hangover.
_DYING = round(16 * _TIME_CONSTANT_S * ENVELOPE_RATE)
_HANGOVER = round(HANGOVER_S * ENVELOPE_RATE)


def _responses() -> Samples:
    """Return what 100 values, and the two averages before them, make of the averages after.

    float32[100, 102]. One average is y[n] = d y[n-1] + (1 - d) x[n], d = exp(-1 / (rate T)); twice
    in a row an impulse becomes (1 - d)^2 (n + 1) d^n, the first average before (1 - d) n d^n and
    the second d^n.
    """
    n = np.arange(1, _HOP + 1)
    lag = n[:, None] - n
    impulse = np.where(lag >= 0, (1 - _DECAY) ** 2 * (lag + 1) * _DECAY ** np.maximum(lag, 0), 0)
    first = (1 - _DECAY) * n * _DECAY**n
    responses: Samples = np.column_stack((impulse, first, _DECAY**n)).astype(np.float32)
    return responses


_RESPONSES = _responses()
_DYING_N = np.arange(1, _DYING + 1)
_DYING_FIRST: Samples = ((1 - _DECAY) * _DYING_N * _DECAY**_DYING_N).astype(np.float32)
_DYING_SECOND: Samples = (_DECAY**_DYING_N).astype(np.float32)


class Envelope:
    """The last ``hops`` times 100 ms of a leg's envelope."""

    def __init__(self, hops: int) -> None:
        self._length = hops * _HOP
        # twice as long, so that the last while is always one piece
        self._values: Samples = np.zeros(2 * self._length, np.float32)
        self._end = 0
        self._inputs: Samples = np.zeros(_HOP + 2, np.float32)

    def push(self, samples: Samples) -> None:
        """Take in the next 100 ms, float32[1600]."""
        if self._end == len(self._values):
            self._values[: self._length] = self._values[self._length :]
            self._end = self._length
        self._inputs[:_HOP] = np.abs(samples).reshape(-1, _EVERY) @ _MEAN
        values = _RESPONSES @ self._inputs
        self._values[self._end : self._end + _HOP] = values
        self._end += _HOP
        self._inputs[_HOP:] = _first_of(values), values[-1]

    def last(self, count: int, but: int = 0) -> Samples:
        """Return the last ``count`` values, or as many as there are, ``but`` the very last."""
        end = self._end - but
        return self._values[max(0, self._end - self._length, end - count) : max(0, end)]


def dying(values: Samples) -> Samples:
    """Return an envelope, float32[n >= 2], and how it would die away if silence came now."""
    last = values[-1]
    return np.concatenate((values, _DYING_FIRST * _first_of(values) + _DYING_SECOND * last))


def held(values: Samples) -> Samples:
    """Return the largest of each value of an envelope and those of the hangover before it.

    What is held at or over a threshold is what P.56 counts as active at that threshold.
    """
    most, reach = values, 1
    while 2 * reach <= _HANGOVER + 1:
        most, reach = _larger(most, reach), 2 * reach
    return _larger(most, _HANGOVER + 1 - reach)


def _larger(values: Samples, shift: int) -> Samples:
    """Return the larger of each value and the one ``shift`` before it."""
    larger = values.copy()
    np.maximum(values[shift:], values[:-shift], out=larger[shift:])
    return larger


def _first_of(values: Samples) -> float:
    """Return the first average from the last two values of the second."""
    return (float(values[-1]) - _DECAY * float(values[-2])) / (1 - _DECAY)
