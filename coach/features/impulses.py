"""Knocks in a leg: keys being typed, the clatter of a headset put down.

Comes in: a leg in steps of 100 ms, and which of its 20 ms frames are voiced. Goes out: when
something knocked. Refuses to know: what it was, who hears it, whether it matters.

A knock is louder at once than all that came just before it, is over soon, and no voice is near:
what begins or ends a word knocks too. Breath and hiss rise slowly, a tone or music stays.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coach.frames import FRAME_S, RATE, Samples

_HOP = RATE // 10
_BLOCK = RATE // 400  # 2.5 ms
_BLOCKS = _HOP // _BLOCK
_PER_S = RATE / _BLOCK

# A knock is as loud at 8 kHz as at 1 kHz, what it has to stand out from is mostly low.
_EMPHASIS = np.float32(0.9)

# Fitted to rendered keys and clatter, real speech and rendered speech (bench/impulses.py).
_BEFORE, _RISE = 16, 3  # blocks that were quiet before the peak, but for the rise itself
_AFTER, _FALL = 30, 10  # blocks of which half are quiet again after it, but for the fall itself
_SUDDEN = 10.0  # 10 dB in power over the loudest block before
_OVER = 16.0  # 12 dB over the middle one after
_LEAST = 3e-5  # -45 dBov, of the emphasised sound
_NEAR_S = 0.3  # between a knock and a voiced frame, before or after
_ITSELF_S = 0.03  # a knock makes its own frames seem voiced
_COMPARES = 0.03  # -15 dB: a voice further down is not the one that knocked
_APART_S = 0.1  # a key goes down and up: that is one knock


class Impulses:
    """Finds knocks, 0.4 s after they were heard at most."""

    def __init__(self) -> None:
        self._powers: NDArray[np.float32] = np.zeros(_BEFORE + _BLOCKS + _AFTER, np.float32)
        self._last = np.float32(0)
        self._t = 0.0
        self._candidates: deque[tuple[float, float]] = deque()  # time and peak power
        self._voiced: deque[tuple[float, float]] = deque()  # a frame's middle and its power
        self._peaks: deque[float] = deque()  # times of all candidates of late
        self._latest = -_APART_S

    def push(self, t: float, samples: Samples, voiced: Sequence[bool]) -> list[float]:
        """Take in the 100 ms that end at ``t``, float32[1600], and which of its frames are voiced.

        Returns the times, in seconds of audio, of knocks that are now certain.
        """
        before = np.concatenate(([self._last], samples[:-1]))
        self._last = samples[-1]
        squares = np.square(samples - _EMPHASIS * before)
        blocks = squares.reshape(-1, _BLOCK).mean(axis=1)
        for n, power in enumerate(blocks.reshape(len(voiced), -1).mean(axis=1).tolist()):
            if voiced[n]:
                self._voiced.append((t - (len(voiced) - 0.5 - n) * FRAME_S, power))
        self._powers = np.concatenate((self._powers[_BLOCKS:], blocks))
        for at in _peaks(self._powers):
            peak = float(self._powers[_BEFORE + at])
            at_s = t - (_AFTER + _BLOCKS - at - 0.5) / _PER_S
            self._candidates.append((at_s, peak))
            self._peaks.append(at_s)
        return self._certain(t)

    def finish(self) -> list[float]:
        """Return the knocks that nothing can come after any more: the sound is over."""
        return self._certain(float("inf"))

    def _certain(self, t: float) -> list[float]:
        found = []
        while self._candidates and self._candidates[0][0] <= t - _NEAR_S:
            at, peak = self._candidates.popleft()
            while self._voiced and self._voiced[0][0] < at - _NEAR_S:
                self._voiced.popleft()
            if not self._spoken(at, peak) and at - self._latest >= _APART_S:
                self._latest = at
                found.append(round(at, 3))
        return found

    def _spoken(self, at: float, peak: float) -> bool:
        """Tell whether a voice as loud as the knock is near; knocks by it are none."""
        while self._peaks and self._peaks[0] < at - _NEAR_S - _ITSELF_S:
            self._peaks.popleft()
        return any(
            abs(middle - at) <= _NEAR_S
            and power >= _COMPARES * peak
            and all(abs(middle - knock) > _ITSELF_S for knock in self._peaks)
            for middle, power in self._voiced
        )


def _peaks(powers: NDArray[np.float32]) -> list[int]:
    """Return which of the 40 blocks with others before and after are peaks of a knock."""
    middle = powers[_BEFORE:-_AFTER]
    found = []
    for at in np.flatnonzero(middle >= _LEAST).tolist():
        peak = middle[at]
        here = at + _BEFORE
        around = powers[here - _RISE : here + _FALL]
        if peak < around.max() or peak < _SUDDEN * powers[here - _BEFORE : here - _RISE].max():
            continue
        if peak >= _OVER * np.median(powers[here + _FALL : here + _AFTER]):
            found.append(at)
    return found
