"""Gives a telephone-band leg the bands that the telephone took: under 300 and over 3400 Hz.

Comes in: 16 kHz audio. Goes out: whether it is narrow-band; the same audio, as long, with those
bands filled in. Refuses to know: who speaks, and any word.

A speech model has heard wideband speech only, and to it the missing bands are a sound of their
own: without them hardly a phrase is recognised. How loud each missing band is follows from those
that are there, over 50 ms, by a linear regression in log power, which `python -m bench.wideband`
fits and keeps in ``wideband.npy``. The low bands are filled with the low part of the rectified
signal, which has the pitch of the voice; the high ones with noise (spectral envelope extension
after Jax & Vary, Signal Processing 83(8), 2003).
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.fft import irfft, rfft
from numpy.typing import NDArray

from coach.frames import FRAME, RATE, Samples

WINDOW, HOP = 512, 160  # samples: 32 ms every 10 ms
CONTEXT = 2  # hops on both sides that the regression looks at
LEFT_HZ = (320, 425, 540, 667, 807, 962, 1132, 1320, 1527, 1755, 2007, 2285, 2591, 2928, 3300)
LOW_HZ = (50, 170, 310)
HIGH_HZ = (3350, 3800, 4400, 5200, 6200, 7600)
_LEAST = 1e-7  # power per bin, about -95 dBov, added to all so that silence has a logarithm
_LEAST_GAIN, _MOST_GAIN = -12.0, 6.0  # natural logarithms of the power gain of the low bands
_BATCH = 10  # hops worked out together
_NOISE_HOPS = 256

# Narrow-band: what is over 4.6 kHz is this far under what is at 1 to 3.2 kHz, in power: 40 dB. A
# telephone leg shows 60 dB and more, speech from a wideband microphone 15.
_NARROW = 1e-4
_MID_HZ, _ABOVE_HZ = (1000, 3200), (4600, 7000)
_EVERY = 5  # frames of which one is looked at
_FADE = 0.98  # at each look: half in 3.5 s

Spectra = NDArray[np.complexfloating]

_HANN: Samples = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
_SQUARES = _HANN**2
_WINDOW_POWER = float(_SQUARES.sum())
# what the squares of the overlapping windows add up to, by place in the hop
_OVERLAP: Samples = np.resize(
    np.pad(_SQUARES, (0, -WINDOW % HOP)).reshape(-1, HOP).sum(axis=0), WINDOW
)


def bands(edges: Sequence[float], points: int = WINDOW) -> Samples:
    """Return float32[points / 2 + 1, bands]: which bins belong to each band of ``edges`` in Hz."""
    hz = np.fft.rfftfreq(points, 1 / RATE)
    within = [(hz >= low) & (hz < high) for low, high in pairwise(edges)]
    return np.array(within, np.float32).T


_LEFT, _LOW, _HIGH = (bands(edges) for edges in (LEFT_HZ, LOW_HZ, HIGH_HZ))
_MID_AND_ABOVE = np.hstack([bands(edges, FRAME) for edges in (_MID_HZ, _ABOVE_HZ)])
_FRAME_HANN: Samples = np.hanning(FRAME).astype(np.float32)


def windows_of(samples: Samples) -> Samples:
    """Return float32[hops, 512]: all whole windows of ``samples``, one every 10 ms."""
    hops = (len(samples) - WINDOW) // HOP + 1
    windows: Samples = np.ndarray((hops, WINDOW), np.float32, samples, strides=(4 * HOP, 4))
    return windows


def log_power(spectra: Spectra, of: Samples) -> NDArray[np.float32]:
    """Return float32[hops, bands]: natural logarithm of the mean power per bin of each band."""
    power = spectra.real**2 + spectra.imag**2
    logs: NDArray[np.float32] = np.log(power @ of / of.sum(axis=0) + _LEAST)
    return logs


def log_powers(samples: Samples) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return per hop the log power of the bands that a telephone leaves, and of those it takes."""
    spectra = rfft(windows_of(samples) * _HANN, axis=1)
    taken = np.hstack([log_power(spectra, _LOW), log_power(spectra, _HIGH)])
    return log_power(spectra, _LEFT), taken


def predictors(left: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what the regression looks at, and the mean log power that it is relative to.

    ``left``: float32[hops + 4, bands], log power of the bands that are left. Goes out:
    float32[hops, n] and float32[hops, 1] for all hops but the first two and the last two.
    """
    hops = len(left) - 2 * CONTEXT
    mean = left.mean(axis=1, keepdims=True)
    middle = mean[CONTEXT : CONTEXT + hops]
    columns = [np.ones((hops, 1), np.float32)]
    for at in range(2 * CONTEXT + 1):
        columns.append((left - mean)[at : at + hops])
        if at != CONTEXT:
            columns.append(mean[at : at + hops] - middle)
    return np.hstack(columns), middle


class Narrowness:
    """Watches whether a leg has anything over the telephone band."""

    def __init__(self) -> None:
        self._looked = 0
        self._mid = self._above = 0.0

    @property
    def narrow(self) -> bool:
        """Whether it has not, as far as has been heard."""
        return self._above < _NARROW * self._mid

    def push(self, samples: Samples) -> None:
        """Take in the next frame, float32[320]."""
        self._looked += 1
        if self._looked % _EVERY:
            return
        spectrum = rfft(samples * _FRAME_HANN)
        mid, above = (spectrum.real**2 + spectrum.imag**2) @ _MID_AND_ABOVE
        self._mid = self._mid * _FADE + float(mid)
        self._above = self._above * _FADE + float(above)


class Widener:
    """Fills in the bands of one utterance."""

    def __init__(self) -> None:
        self._weights = _weights()
        self._sound: Samples = np.zeros(WINDOW, np.float32)
        self._left: NDArray[np.float32] | None = None  # of the hops that are still looked at
        self._waiting: list[Spectra] = []  # spectra of hops that wait for those after them
        self._sum: Samples = np.zeros(WINDOW, np.float32)  # of overlapping hops, not yet whole
        self._skip = WINDOW  # samples before the first
        self._hops = 0
        self._owed = 0  # samples that came in and have not gone out

    def push(self, samples: Samples) -> Samples:
        """Take in the next samples, float32[n]; return what is ready, float32[m], 42 ms late."""
        self._owed += len(samples)
        self._sound = np.concatenate((self._sound, samples))
        if len(self._sound) < WINDOW + _BATCH * HOP:
            return self._sound[:0]
        return self._work(last=False)

    def finish(self) -> Samples:
        """Return the rest: as much has gone out then as came in. The widener is done."""
        silence = np.zeros(2 * WINDOW + HOP, np.float32)
        self._sound = np.concatenate((self._sound, silence))
        return self._work(last=True)

    def _work(self, last: bool) -> Samples:
        windows = windows_of(self._sound)
        self._sound = self._sound[len(windows) * HOP :]
        rectified = np.abs(windows)
        rectified -= rectified.mean(axis=1, keepdims=True)
        both = np.stack((rfft(windows * _HANN, axis=1), rfft(rectified * _HANN, axis=1)))
        left = log_power(both[0], _LEFT)
        before = np.repeat(left[:1], CONTEXT, axis=0) if self._left is None else self._left
        after = np.repeat(left[-1:], CONTEXT if last else 0, axis=0)
        left = np.concatenate((before, left, after))
        self._left = left[-2 * CONTEXT :]
        spectra = np.concatenate((*self._waiting, both), axis=1)
        seen, mean = predictors(left)
        self._waiting = [spectra[:, len(seen) :]]
        return self._filled(spectra[:, : len(seen)], seen @ self._weights + mean)

    def _filled(self, spectra: Spectra, wanted: NDArray[np.float32]) -> Samples:
        """Add the bands at the log powers ``wanted``, float32[hops, bands]; overlap the hops."""
        whole, rectified = spectra
        lows = _LOW.shape[1]
        low = _lacking(wanted[:, :lows], log_power(whole, _LOW))
        gain = (low - log_power(rectified, _LOW)).clip(_LEAST_GAIN, _MOST_GAIN)
        high = _lacking(wanted[:, lows:], log_power(whole, _HIGH))
        noise = np.take(_noise(), range(self._hops, self._hops + len(whole)), axis=0, mode="wrap")
        whole += rectified * (np.exp(gain / 2) @ _LOW.T) + noise * (np.exp(high / 2) @ _HIGH.T)
        self._hops += len(whole)
        pieces = irfft(whole, axis=1).astype(np.float32) * _HANN / _OVERLAP
        total = np.zeros(len(pieces) * HOP + WINDOW, np.float32)
        total[:WINDOW] = self._sum
        for at, piece in enumerate(pieces):
            total[at * HOP : at * HOP + WINDOW] += piece
        ready, self._sum = total[: len(pieces) * HOP], total[len(pieces) * HOP :]
        skipped = min(self._skip, len(ready))
        self._skip -= skipped
        ready = ready[skipped:][: self._owed]
        self._owed -= len(ready)
        return ready


def _lacking(wanted: NDArray[np.float32], there: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log power of what has to be added to what is there."""
    lacking: NDArray[np.float32] = np.log(np.maximum(np.exp(wanted) - np.exp(there), _LEAST))
    return lacking


@cache
def _weights() -> NDArray[np.float32]:
    file = resources.files("coach.keywords").joinpath("wideband.npy")
    with file.open("rb") as opened:
        weights: NDArray[np.float32] = np.load(opened)
    return weights


@cache
def _noise() -> Spectra:
    """Return complex64[256, 257]: windows of white noise with a mean power of 1 in each bin."""
    white = np.random.default_rng(0).standard_normal(WINDOW + (_NOISE_HOPS - 1) * HOP)
    spectra = rfft(windows_of(white.astype(np.float32)) * _HANN, axis=1) / np.sqrt(_WINDOW_POWER)
    noise: Spectra = spectra.astype(np.complex64)
    return noise
