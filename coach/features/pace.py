"""How fast a leg speaks: syllable nuclei counted in its sound, without knowing a word.

Comes in: a leg in steps of 100 ms. Goes out: syllables and seconds of speech, and how long the
longest stretch of one syllable was. Refuses to know: words, languages, levels (a louder microphone
changes nothing). A nucleus is a voiced peak of the loudness curve between two dips, after
N. H. de Jong & T. Wempe, Behavior Research Methods 41(2), 2009, but streaming, and on two curves:
slow speech has dips within a syllable, which a coarse curve does not show; fast speech has shallow
ones between syllables, which only a fine curve shows. The pace so far says which to believe.
"""

from collections import deque
from math import exp, inf

import numpy as np
from numpy.typing import NDArray

from coach.features.curves import STEP_S, Curves
from coach.features.noise import NoiseFloor
from coach.frames import Samples
from coach.sections import SpeechPace

_AROUND = 5  # values that smoothing takes from each side


def _smoothing(deviation: float) -> NDArray[np.float64]:
    """Return a Gaussian window of ``deviation`` values of the curve."""
    weights = np.exp(-0.5 * (np.arange(-_AROUND, _AROUND + 1) / deviation) ** 2)
    smoothing: NDArray[np.float64] = weights / weights.sum()
    return smoothing


# Fitted to synthesised speech with known syllables (bench/pace.py).
_FINE, _FINE_DIP_DB = _smoothing(0.7), 1.2  # what parts two nuclei of fast speech
_COARSE, _COARSE_DIP_DB = _smoothing(1.5), 2.0  # and of slow
_SLOW_SPS, _FAST_SPS = 4.0, 6.0  # syllables per second that are slow and fast
_MEMORY_S = 4.0  # speech in which the pace so far is forgotten
_NUCLEUS_VOICING = 0.35  # how periodic a nucleus is, 0..1
_DRAWN_VOICING = 0.5  # and a drawn-out vowel throughout
_RANGE_DB = 30.0  # speech is not further under its loudest ...
_DECAY_DB = 0.02  # ... which is forgotten at 2 dB a second of speech
_QUIET_DECAY_DB = 0.002  # and 0.2 dB a second of silence,
_OVER_NOISE_DB = 9.0  # nor nearer to the noise floor
_QUIETEST_DB = -80.0
_PAUSE = 30  # values (0.3 s) from which a pause is no part of speech

_SPEECH_AFTER_S = 2.0
_BREATH_S = 1.0  # of speech: what is shorter is too few syllables for a pace


class _Nuclei:
    """Follows one curve from dip to peak to dip."""

    def __init__(self, dip_db: float) -> None:
        self.since_dip = 0  # values since the lowest of the present dip
        self.dipped = False  # the last value ended a dip
        self._dip_db = dip_db
        self._rising = True
        self._extreme = -inf
        self._voiced_top = False

    def push(self, level_db: float, voicing: float) -> bool:
        """Take in the next value; true where a voiced peak has passed."""
        self.since_dip += 1
        self.dipped = False
        if self._rising:
            if level_db >= self._extreme:
                self._extreme, self._voiced_top = level_db, voicing >= _NUCLEUS_VOICING
            elif level_db < self._extreme - self._dip_db:
                self._rising, self._extreme = False, level_db
                return self._voiced_top
        elif level_db <= self._extreme:
            self._extreme, self.since_dip = level_db, 0
        elif level_db > self._extreme + self._dip_db:
            self._rising, self._extreme = True, level_db
            self._voiced_top = voicing >= _NUCLEUS_VOICING
            self.dipped = True
        return False


class SyllableNuclei:
    """Counts syllables and seconds of speech."""

    def __init__(self) -> None:
        self._curves = Curves()
        self._curve: NDArray[np.float64] = np.full(2 * _AROUND, _QUIETEST_DB)
        self._periodic: NDArray[np.float64] = np.zeros(_AROUND)
        self._floor = NoiseFloor()
        self._loudest = -inf
        self._quiet = _PAUSE  # values since the last loud one
        self._fine = _Nuclei(_FINE_DIP_DB)
        self._coarse = _Nuclei(_COARSE_DIP_DB)
        self._lately, self._lately_s = 0.0, 0.0  # nuclei and seconds of speech, fading
        self._stretch = self._longest = 0  # values voiced without a break or a second syllable

    def push(self, samples: Samples) -> tuple[float, float]:
        """Take in the next 100 ms, float32[1600]; return the syllables and speech seconds in it."""
        powers, inner, voicing = self._curves.push(samples)
        steps = len(powers)
        self._floor.push(inner)  # the first window of all begins in nothing
        levels_db: NDArray[np.float64] = 10 * np.log10(np.maximum(powers, 1e-9))
        curve: NDArray[np.float64] = np.concatenate((self._curve, levels_db))
        self._curve = curve[steps:]
        periodic: NDArray[np.float64] = np.concatenate((self._periodic, voicing))
        self._periodic = periodic[steps:]
        quietest_db = max(_QUIETEST_DB, self._floor.least_db + _OVER_NOISE_DB)
        fine_curve = np.convolve(curve, _FINE, "valid").tolist()
        coarse_curve = np.convolve(curve, _COARSE, "valid").tolist()
        if self.paused:
            loudest_db = self._loudest - steps * _QUIET_DECAY_DB
            gate_db = max(loudest_db - _RANGE_DB, quietest_db)
            if max(fine_curve) <= gate_db and max(coarse_curve) <= gate_db:
                return self._silence(steps, loudest_db, gate_db), 0.0
        fine, coarse, spoken = 0, 0, 0
        for level_db, coarse_db, voiced in zip(
            fine_curve, coarse_curve, periodic.tolist(), strict=False
        ):
            decay_db = _QUIET_DECAY_DB if self._quiet else _DECAY_DB
            self._loudest = max(level_db, self._loudest - decay_db)
            gate_db = max(self._loudest - _RANGE_DB, quietest_db)
            if level_db > gate_db:
                spoken += self._quiet + 1 if self._quiet < _PAUSE else 1
                self._quiet = 0
            else:
                self._quiet += 1
            fine += self._fine.push(max(level_db, gate_db), voiced)
            coarse += self._coarse.push(max(coarse_db, gate_db), voiced)
            if self._fine.dipped:
                self._stretch = min(self._stretch, self._fine.since_dip)
            if self._quiet or voiced < _DRAWN_VOICING:
                self._stretch = 0
            else:
                self._stretch += 1
                self._longest = max(self._longest, self._stretch)
        return self._believed(fine, coarse, spoken * STEP_S), spoken * STEP_S

    def _silence(self, steps: int, loudest_db: float, gate_db: float) -> float:
        """Take in values that are all under the gate: one stands for them."""
        self._loudest, self._quiet, self._stretch = loudest_db, self._quiet + steps, 0
        fine, coarse = self._fine.push(gate_db, 0.0), self._coarse.push(gate_db, 0.0)
        return self._believed(fine, coarse, 0.0)

    @property
    def paused(self) -> bool:
        """Whether speech has been silent for 0.3 s."""
        return self._quiet >= _PAUSE

    def take_drawn_s(self) -> float:
        """Return the longest voiced stretch with one syllable at most since the last call, in s."""
        longest, self._longest = self._longest, 0
        return longest * STEP_S

    def _believed(self, fine: int, coarse: int, spoken_s: float) -> float:
        """Weigh the nuclei of both curves by the pace so far."""
        fade = exp(-spoken_s / _MEMORY_S)
        self._lately = self._lately * fade + (fine + coarse) / 2
        self._lately_s = self._lately_s * fade + spoken_s
        pace = self._lately / self._lately_s if self._lately_s else _SLOW_SPS
        weight = min(max((pace - _SLOW_SPS) / (_FAST_SPS - _SLOW_SPS), 0.0), 1.0)
        return coarse + (fine - coarse) * weight


class PaceMeter:
    """Syllables per second over the last ``window_s`` seconds of speech, and of each breath.

    ``breath``: syllables per second and seconds of speech of the breath group, from pause to
    pause, that the last 100 ms ended; None if they ended none of a second or more.
    """

    def __init__(self, pace: SpeechPace) -> None:
        self.nuclei = SyllableNuclei()
        self.breath: tuple[float, float] | None = None
        self._window_s = pace.window_s
        self._per_nucleus = pace.per_nucleus
        self._hops: deque[tuple[float, float]] = deque()
        self._syllables, self._speech_s = 0.0, 0.0
        self._group, self._group_s = 0.0, 0.0

    def push(self, samples: Samples) -> bool:
        """Take in the next 100 ms, float32[1600]; return whether there was speech in it."""
        nuclei, speech_s = self.nuclei.push(samples)
        syllables = nuclei * self._per_nucleus
        self._breathe(syllables, speech_s)
        if not (syllables or speech_s):
            return False
        self._hops.append((syllables, speech_s))
        self._syllables += syllables
        self._speech_s += speech_s
        while self._speech_s - self._hops[0][1] >= self._window_s:
            old = self._hops.popleft()
            self._syllables -= old[0]
            self._speech_s -= old[1]
        return True

    def _breathe(self, syllables: float, speech_s: float) -> None:
        self.breath = None
        self._group += syllables
        self._group_s += speech_s
        if self.nuclei.paused:
            if self._group_s >= _BREATH_S:
                self.breath = self._group / self._group_s, self._group_s
            self._group, self._group_s = 0.0, 0.0

    def measure(self) -> tuple[float, float] | None:
        """Return syllables per second and the seconds of speech; None in the first 2 s."""
        if self._speech_s < _SPEECH_AFTER_S:
            return None
        return self._syllables / self._speech_s, self._speech_s
