"""Music on hold in one leg: sound whose partials stay where they are, without speech's rhythm.

Comes in: 100 ms of sound at a time. Goes out: that music plays, or no longer. Refuses to know: who
put whom on hold. A note keeps its frequencies from one tenth of a second to the next, a voice
glides; and a voice falls nearly silent several times a second, music seldom.
"""

from collections import deque

import numpy as np

from coach.features.noise import dbov
from coach.frames import FRAME, RATE, Samples

# Likeness of one spectrum to the next, 0..1. Over the 37 min of speech this was set on, no 5 s had
# a median over 0.79; chords with drums and quick tunes have 0.95 and more.
_LIKENESS = 0.88
_LOWEST_LIKENESS = 0.7
_HOPS = 50
_ENDING_HOPS = 15
# The quietest tenth of all 20 ms lies at most this far under the mean: speech dips deeper.
_DIP_DB = 12.0
_FLOOR_DB = -50.0
_BINS = slice(20, 340)  # 200 to 3400 Hz in steps of 10: what the telephone lets through


class MusicDetector:
    """Tells after 5 s that one leg carries music, after 1.5 s that it does no longer.

    ``since``: when it began, or None.
    """

    def __init__(self) -> None:
        self.since: float | None = None
        self._window: Samples = np.hanning(RATE // 10).astype(np.float32)
        self._last: Samples | None = None
        self._likeness: deque[float] = deque(maxlen=_HOPS)
        self._powers: deque[Samples] = deque(maxlen=_HOPS)

    def push(self, t: float, samples: Samples) -> None:
        """Take in 100 ms that end at ``t``, float32[1600]."""
        self._likeness.append(self._alike(samples))
        frames = samples.reshape(-1, FRAME)
        self._powers.append(np.einsum("ij,ij->i", frames, frames) / np.float32(FRAME))
        if self.since is not None:
            last = sorted(list(self._likeness)[-_ENDING_HOPS:])
            if last[_ENDING_HOPS // 2] < _LOWEST_LIKENESS:
                self.since = None
        elif len(self._likeness) == _HOPS and self._plays():
            self.since = t - _HOPS * len(samples) / RATE

    def _alike(self, samples: Samples) -> float:
        if not samples.any():
            self._last = None
            return 0.0
        amplitudes = np.abs(np.fft.rfft(samples * self._window)[_BINS])
        shape = np.sqrt(amplitudes)  # so that the loudest partial is not all that counts
        shape -= shape.sum() / np.float32(len(shape))
        shape /= np.sqrt(shape @ shape) + np.float32(1e-9)
        last, self._last = self._last, shape
        return 0.0 if last is None else float(last @ shape)

    def _plays(self) -> bool:
        ranked = sorted(self._likeness)
        if ranked[_HOPS // 2] < _LIKENESS or ranked[_HOPS // 4] < _LOWEST_LIKENESS:
            return False
        powers = np.concatenate(self._powers)
        mean_db = dbov(float(powers.mean()))
        return mean_db >= _FLOOR_DB and dbov(float(np.quantile(powers, 0.1))) >= mean_db - _DIP_DB
