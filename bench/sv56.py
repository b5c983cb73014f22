"""The ITU's own speech voltmeter, the peer of the level: sv56 of ITU-T G.191 (``sv-p56.c``).

Comes in: speech, float32 at 16 kHz. Goes out: its active speech level in dBov. Written down plainly
from its description: the envelope at every sample, fifteen thresholds at powers of two of full
scale, the interpolation by halving between the two that enclose the margin, left where it is
within 0.5 dB of it. Refuses to know: ours.
"""

import numpy as np
from scipy.signal import lfilter

from coach.frames import RATE, Samples

T_S = 0.03
H_S = 0.2
M_DB = 15.9
THRESHOLDS = 2.0 ** np.arange(-15, 0)
TOLERANCE_DB = 0.5


def sv56(samples: Samples, tolerance_db: float = TOLERANCE_DB) -> float | None:
    """Return the active level of ``samples`` in dBov as sv56 has it; None where it finds none."""
    g = np.exp(-1 / (RATE * T_S))
    hangover = int(np.floor(H_S * RATE + 0.5))
    x = samples.astype(np.float64)
    p = lfilter([1 - g], [1, -g], np.abs(x))
    q = lfilter([1 - g], [1, -g], p)
    sq = float(x @ x)
    at = np.arange(len(q))
    above: tuple[float, float] | None = None
    for c in THRESHOLDS:
        over = q >= c
        last = np.maximum.accumulate(np.where(over, at, -hangover - 1))
        a = int(np.count_nonzero(at - last <= hangover))
        if not a:
            return None
        a_db, c_db = 10 * np.log10(sq / a), 20 * np.log10(c)
        if a_db - c_db <= M_DB:
            return a_db if above is None else halved((a_db, c_db), above, tolerance_db)
        above = a_db, c_db
    return None


def halved(upper: tuple[float, float], lower: tuple[float, float], tolerance_db: float) -> float:
    """Return the level between two pairs of level and threshold in dB, by sv56's halving."""
    for level_db, threshold_db in (upper, lower):
        if abs(level_db - threshold_db - M_DB) < tolerance_db:
            return level_db
    for turn in range(1, 200):
        middle = (upper[0] + lower[0]) / 2, (upper[1] + lower[1]) / 2
        over_db = middle[0] - middle[1] - M_DB
        if turn > 20:
            tolerance_db *= 1.1
        if abs(over_db) <= tolerance_db:
            break
        if over_db > 0:
            lower = middle
        else:
            upper = middle
    return middle[0]
