"""What the pace is counted on: how loud a leg's vowels are, and how periodic it is, every 10 ms.

Comes in: a leg in steps of 100 ms. Goes out: the power between 350 and 3200 Hz and the periodicity
of 40 ms, ten times each. Refuses to know: what is loud, what is a syllable.
"""

from typing import NamedTuple

import numpy as np
from numpy.fft import rfft
from numpy.typing import NDArray

from coach.frames import RATE, Samples

# Nothing over 3.2 kHz is looked at: half the rate will do, and half the work.
_RATE = RATE // 2
_STEP = _RATE // 100  # samples between two values of the loudness curve: 10 ms
STEP_S = _STEP / _RATE
_WINDOW = 4 * _STEP
_OVERLAP = _WINDOW - _STEP
_BINS = 512
_HANN: Samples = np.hanning(_WINDOW).astype(np.float32)

# Where the first formants are: vowels are strong there, fricatives weak.
_BAND_HZ = (350, 3200)
_UPTO = _BAND_HZ[1] * _BINS // _RATE

_TAPS = 32  # Kaiser, 50 dB: what lies over 4.8 kHz does not fold into the band


def _halving() -> Samples:
    """Return float32[190, 80]: from 10 ms at 16 kHz, and the 30 samples before, to 8 kHz."""
    at = np.arange(_TAPS) - (_TAPS - 1) / 2
    taps = np.sinc(at / 2) * np.kaiser(_TAPS, 4.55)
    halving = np.zeros((2 * _STEP + _TAPS - 2, _STEP), np.float32)
    for n in range(_STEP):
        halving[2 * n : 2 * n + _TAPS, n] = taps / taps.sum()
    return halving


_HALVING = _halving()


# Periodicity: autocorrelation of what lies under 1500 Hz at the periods of 70 to 400 Hz, over
# that of the window alone (P. Boersma, IFA Proceedings 17, 1993).
_VOICE_BINS = 97
_LAGS_RATE = _RATE * 2 * (_VOICE_BINS - 1) / _BINS
_LAGS = np.arange(int(_LAGS_RATE / 400) + 1, int(_LAGS_RATE / 70) + 1)
_HUM_BINS = 4


def _window_correlation() -> NDArray[np.float64]:
    lags = np.correlate(_HANN, _HANN, "full")[_WINDOW - 1 :]
    shape: NDArray[np.float64] = np.interp(
        _LAGS * _RATE / _LAGS_RATE, np.arange(_WINDOW), lags / lags[0]
    )
    return shape


def _measures() -> Samples:
    """Return float32[2 * bins, lags + 2]: what to make of the squares of a spectrum's parts.

    Of real and imaginary parts in turn: the correlation at each lag over that of the window
    alone, the correlation at no lag, and the mean power in the band.
    """
    bins = np.arange(_VOICE_BINS)
    cosines = np.cos(np.pi * np.outer(bins, np.append(_LAGS, 0)) / (_VOICE_BINS - 1))
    cosines[1:-1] *= 2
    cosines[:, :-1] /= _window_correlation()
    measures = np.zeros((_UPTO, len(_LAGS) + 2), np.float32)
    measures[_HUM_BINS:_VOICE_BINS, :-1] = cosines[_HUM_BINS:]
    measures[_BAND_HZ[0] * _BINS // _RATE + 1 :, -1] = 1 / (_BINS / 2 * float(_HANN @ _HANN))
    return measures.repeat(2, axis=0)


_MEASURES = _measures()


class Steps(NamedTuple):
    """Ten steps of 10 ms.

    ``powers``: float64[10], mean power in the band (of a full-scale square wave: 1); ``inner``: the
    least of the windows within these 100 ms alone; ``voicing``: float32[10], 0..1.
    """

    powers: NDArray[np.float64]
    inner: float
    voicing: Samples


class Curves:
    """Measures one leg."""

    def __init__(self) -> None:
        self._before: Samples = np.zeros(_TAPS - 2, np.float32)
        self._tail: Samples = np.zeros(_OVERLAP, np.float32)

    def push(self, samples: Samples) -> Steps:
        """Take in the next 100 ms, float32[1600]."""
        sound = np.concatenate((self._tail, self._halved(samples)))
        self._tail = sound[-_OVERLAP:]
        windows = _cut(sound, _WINDOW, _STEP)
        spectrum = rfft(windows * _HANN, _BINS, axis=1)[:, :_UPTO].astype(np.complex64, copy=False)
        parts = spectrum.view(np.float32)
        measured = (parts * parts) @ _MEASURES
        powers = measured[:, -1].astype(np.float64)
        peak = measured[:, :-2].max(axis=1)
        voicing = peak / np.maximum(measured[:, -2], 1e-20)
        return Steps(powers, float(powers[_OVERLAP // _STEP :].min()), voicing)

    def _halved(self, samples: Samples) -> Samples:
        """Return the samples at half the rate, 1 ms late."""
        sound = np.concatenate((self._before, samples))
        self._before = sound[len(samples) :]
        halved: Samples = (_cut(sound, len(_HALVING), 2 * _STEP) @ _HALVING).ravel()
        return halved


def _cut(sound: Samples, length: int, step: int) -> Samples:
    """Return every stretch of ``length`` samples, ``step`` apart, not copied."""
    count = (len(sound) - length) // step + 1
    return np.ndarray((count, length), np.float32, sound, strides=(4 * step, 4))
