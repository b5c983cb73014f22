"""A leg gone dead: nothing but digital zero, or a floor of comfort noise far under all before.

Comes in: 100 ms of a leg at a time, and whether it speaks. Goes out: that the leg is dead, or lives
again. Refuses to know: why; whoever mutes a telephone may look the same for a while.

A line that carries no floor in its pauses (noise gates, discontinuous transmission) tells nothing
by silence: only one that has carried a floor between words can be heard to lose it.
"""

from collections import deque
from itertools import islice

import numpy as np

from coach.features.noise import dbov
from coach.frames import Samples

_LSB = 1 / 65536  # half a step of 16 bits
_HOP_S = 0.1
_KNOWN_HOPS = 30  # pauses with a floor that show the line has one
_GATED_SHARE = 0.2  # zeros as a share of all pauses that show it has none
_ZERO_HOPS = 20
_STEP_HOPS = 30
_STEP_DB = 6.0
_NEARER_SHARE = 0.05  # of the pauses before may be no further over it than that
_STEADY_DB = 3.0  # comfort noise: between the loudest and the quietest tenth of a second
_LIVES_HOPS = 2
_PAUSES = 600  # a minute of pauses is remembered


class LineState:
    """Tells after 2 s of digital zero or 3 s of a lower floor that one leg is dead.

    ``since``: when it went dead, or None while it lives.
    """

    def __init__(self) -> None:
        self.since: float | None = None
        self._floors: deque[float] = deque(maxlen=_PAUSES)  # dB of 100 ms of pause, in order
        self._gated = 0  # 100 ms of digital zero that came to an end
        self._zeros = 0
        self._pause = 0  # 100 ms of the pause going on
        self._level_db = 0.0
        self._lives = 0

    def push(self, t: float, samples: Samples, speaks: bool) -> None:
        """Take in 100 ms that end at ``t``, float32[1600]."""
        zero = float(np.abs(samples).max()) < _LSB
        level_db = dbov(float(samples @ samples) / len(samples))
        if self.since is not None:
            self._watch(zero, level_db)
            return
        if zero:
            self._zeros += 1
            if self._zeros >= _ZERO_HOPS and self._has_floor():
                self._dies(t, self._zeros, level_db)
            return
        self._gated += self._zeros
        if self._zeros or speaks:
            self._zeros = self._pause = 0
        if speaks:
            return
        self._pause += 1
        self._floors.append(level_db)
        if self._stepped():
            self._dies(t, _STEP_HOPS, level_db)

    def _watch(self, zero: bool, level_db: float) -> None:
        lives = not zero and level_db > self._level_db + _STEADY_DB
        self._lives = self._lives + 1 if lives else 0
        if self._lives == _LIVES_HOPS:
            self.since, self._lives = None, 0
            self._zeros = self._pause = 0

    def _dies(self, t: float, hops: int, level_db: float) -> None:
        self.since, self._level_db = t - hops * _HOP_S, level_db

    def _has_floor(self) -> bool:
        floors = len(self._floors)
        return floors >= _KNOWN_HOPS and self._gated <= _GATED_SHARE * (floors + self._gated)

    def _stepped(self) -> bool:
        """Whether this pause is steady and far under every one before."""
        if self._pause < _STEP_HOPS or len(self._floors) < _STEP_HOPS + _KNOWN_HOPS:
            return False
        floors = list(self._floors)
        now, before = floors[-_STEP_HOPS:], floors[:-_STEP_HOPS]
        if max(now) - min(now) > _STEADY_DB:
            return False
        limit_db = max(now) + _STEP_DB
        nearer = (level_db for level_db in before if level_db < limit_db)
        return next(islice(nearer, int(_NEARER_SHARE * len(before)), None), None) is None
