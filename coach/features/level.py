"""How loud a leg speaks: the active speech level of ITU-T P.56, method B, over the last while.

Comes in: a leg in steps of 100 ms. Goes out: its active level in dBov and the share of time that
was active; nothing where there is none. Refuses to know: who speaks, how loud he ought to.
"""

from collections import deque
from math import exp, log10

import numpy as np
from numpy.typing import NDArray

from coach.frames import FRAME, RATE, Samples
from coach.sections import SpeechLevel

# ITU-T P.56 (12/2011), 7: time constant of the envelope, hangover, margin between the active
# level and the threshold that tells speech from noise.
_TIME_CONSTANT_S = 0.03
_HANGOVER_S = 0.2
_MARGIN_DB = 15.9
_STEP_DB = 20 * log10(2)

# The envelope is slow: a thousand values a second show it (P.56 asks for 694 at least).
_ENVELOPE_RATE = 1000
_EVERY = RATE // _ENVELOPE_RATE
_MEAN: Samples = np.full(_EVERY, 1 / _EVERY, np.float32)
_HANGOVER = int(_HANGOVER_S * _ENVELOPE_RATE)

_SPEECH_HOPS = 10


class _Average:
    """A one-pole average, y[n] = d y[n-1] + (1 - d) x[n] with d = exp(-1 / (rate T)).

    Written as a running sum of x[n] / d^n, which needs no loop and no scipy.signal (77 MB).
    """

    _DECAY = exp(-1 / (_ENVELOPE_RATE * _TIME_CONSTANT_S))
    _DECAYS = _DECAY ** np.arange(1, _ENVELOPE_RATE + 1)
    _SHARES = (1 - _DECAY) / _DECAYS

    def __init__(self) -> None:
        self._last = 0.0

    def push(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the average after each of the next ``values``: at most a second of them."""
        count = len(values)
        sums = (self._SHARES[:count] * values).cumsum()
        averages: NDArray[np.float64] = self._DECAYS[:count] * (self._last + sums)
        self._last = float(averages[-1])
        return averages


class ActiveLevel:
    """Active speech level over a sliding window.

    As the tool sv56 (ITU-T G.191) does it, with thresholds in steps of 6.02 dB and the active
    level interpolated in dB between the two that enclose the margin. The thresholds stand relative
    to the window's mean level where sv56 takes powers of two of full scale, so that the result
    moves with the gain of the microphone exactly.
    """

    def __init__(self, level: SpeechLevel) -> None:
        hops = max(1, round(level.window_s * 10))
        self._envelopes: deque[NDArray[np.float64]] = deque(maxlen=hops)
        self._powers: deque[float] = deque(maxlen=hops)
        self._speech: deque[bool] = deque(maxlen=hops)
        # P.56's two exponential averages, one after the other.
        self._averages = (_Average(), _Average())

    def push(self, samples: Samples, speech: bool) -> float:
        """Take in the next 100 ms, float32[1600] without offset, and whether they are speech.

        Returns the mean power of the quietest 20 ms.
        """
        frames = samples.reshape(-1, FRAME)
        squares = np.einsum("ij,ij->i", frames, frames) / FRAME
        rectified: Samples = np.abs(samples).reshape(-1, _EVERY) @ _MEAN
        first, second = self._averages
        self._envelopes.append(second.push(first.push(rectified)))
        self._powers.append(float(squares.sum()) / len(squares))
        self._speech.append(speech)
        return float(squares.min())

    def measure_over(self, floor_db: float) -> tuple[float, float] | None:
        """Return what `measure` does, or None where that may be the level of something else.

        That is where less than a second of the window was heard as speech, or where the noise,
        at ``floor_db``, is not under the speech by the margin.
        """
        if sum(self._speech) < _SPEECH_HOPS:
            return None
        measured = self.measure()
        if measured is None or measured[1] * len(self._powers) < _SPEECH_HOPS:
            return None
        return measured if measured[0] - floor_db >= _MARGIN_DB else None

    def measure(self) -> tuple[float, float] | None:
        """Return active level in dBov and activity 0..1; None where P.56 finds no speech."""
        power = sum(self._powers) / max(1, len(self._powers))
        if power <= 0:
            return None
        long_term_db = 10 * log10(power)
        envelope = np.concatenate(self._envelopes)
        below: tuple[float, float] | None = None
        # The active level is never under the long-term level, the threshold never under this one.
        threshold_db = long_term_db - _MARGIN_DB - _STEP_DB / 2
        while True:
            active = _active(envelope, 10 ** (threshold_db / 20))
            if not active:
                return None
            level_db = long_term_db + 10 * log10(len(envelope) / active)
            over_db = level_db - threshold_db - _MARGIN_DB
            if over_db <= 0:
                break
            below = level_db, over_db
            threshold_db += _STEP_DB
        if below is None:
            return None
        # Linear in dB between the two thresholds, to where level - threshold is the margin.
        level_db = below[0] + (level_db - below[0]) * below[1] / (below[1] - over_db)
        return level_db, min(1.0, 10 ** ((long_term_db - level_db) / 10))


def _active(envelope: NDArray[np.float64], threshold: float) -> int:
    """Count the values at or over the threshold and those in the hangover after one."""
    over = envelope >= threshold
    edges = np.flatnonzero(over[1:] != over[:-1]) + 1  # far fewer than values
    lengths = np.diff(edges, prepend=0, append=len(over))
    first = 0 if over[0] else 1
    hangovers = np.minimum(lengths[first + 1 :: 2], _HANGOVER)
    return int(lengths[first::2].sum() + hangovers.sum())
