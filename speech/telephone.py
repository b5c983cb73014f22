"""What a telephone line and an office do to speech: band, µ-law, noise and babble.

Comes in: float32 audio at 16 kHz in -1..1. Goes out: the same at 8 kHz as the earpiece has it, or
with noise mixed in. Refuses to know who speaks. Levels are in dBov (RMS 1.0 is 0 dBov).
"""

from collections.abc import Sequence
from math import exp, log10

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, lfilter, oaconvolve, resample_poly

from speech.voices import RATE, Samples

LINE_RATE = 8000
_BAND_HZ = (300.0, 3400.0)
_TAPS = 255  # odd: linear phase by a whole number of samples, which is taken out again
_MU = 255.0  # ITU-T G.711
_PEAK = 0.99
_CUT_SHARE = 0.001


def to_line(samples: Samples) -> Samples:
    """Return float32[n / 2] at 8 kHz: 300-3400 Hz, through µ-law and back, nothing delayed."""
    narrow = resample_poly(in_band(samples), LINE_RATE, RATE)
    return mu_law_decode(mu_law_encode(narrow.astype(np.float32)))


def in_band(samples: Samples) -> Samples:
    """Return float32[n] at 16 kHz with 300-3400 Hz left, nothing delayed."""
    band = firwin(_TAPS, _BAND_HZ, fs=RATE, pass_zero=False)
    left: Samples = oaconvolve(samples, band, mode="same").astype(np.float32)
    return left


def mu_law_encode(samples: Samples) -> NDArray[np.int8]:
    """Return the µ-law code of each sample, -127..127, by the continuous law of G.711."""
    clipped = np.clip(samples, -1, 1)
    compressed = np.sign(clipped) * np.log1p(_MU * np.abs(clipped)) / np.log1p(_MU)
    codes: NDArray[np.int8] = np.round(compressed * 127).astype(np.int8)
    return codes


def mu_law_decode(codes: NDArray[np.int8]) -> Samples:
    """Return float32 samples in -1..1."""
    share = codes / 127.0
    samples: Samples = np.sign(share) * np.expm1(np.abs(share) * np.log1p(_MU)) / _MU
    return samples.astype(np.float32, copy=False)


def level_db(samples: Samples) -> float:
    """Return the RMS level in dBov, -120 for digital silence."""
    return 20 * log10(max(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))), 1e-6))


def active_level_db(samples: Samples, rate: int = RATE) -> float:
    """Return the active speech level in dBov (ITU-T P.56 method B: margin 15.9 dB, 0.2 s hangover).

    Raises ValueError where nothing is loud enough to be speech.
    """
    decay = exp(-1 / (rate * 0.03))
    envelope = np.abs(samples).astype(np.float64)
    for _ in range(2):
        envelope = lfilter([1 - decay], [1, -decay], envelope)
    energy = float(np.sum(np.square(samples, dtype=np.float64)))
    hangover = int(0.2 * rate)
    for threshold_db in np.arange(-90.0, 0.0, 0.25):  # up to where speech exceeds it by the margin
        above = np.flatnonzero(envelope >= 10 ** (threshold_db / 20))
        if not above.size:
            break
        gaps = np.diff(np.append(above, min(above[-1] + hangover, len(samples))))
        level = 10 * log10(energy / int(np.minimum(gaps, hangover).sum()))
        if level - threshold_db <= 15.9:
            return level
    raise ValueError("no active level: nothing in the samples is loud enough to be speech")


def at_level(samples: Samples, wanted_db: float) -> Samples:
    """Return 16 kHz speech with its active level at ``wanted_db`` dBov, a stray peak cut to 0.99.

    Raises ValueError where more than one sample in 1000 would be cut.
    """
    loud = (samples * 10 ** ((wanted_db - active_level_db(samples)) / 20)).astype(np.float32)
    if np.mean(np.abs(loud) > _PEAK) > _CUT_SHARE:
        raise ValueError(f"speech at {wanted_db:g} dBov clips")
    return loud.clip(-_PEAK, _PEAK)


def noise(n: int, at_db: float, seed: int = 0) -> Samples:
    """Return float32[n] of room noise, falling by 6 dB an octave over 500 Hz, at 16 kHz."""
    white = np.random.default_rng(seed).standard_normal(n)
    room = lfilter([1.0], [1.0, -0.82], white)
    room *= 10 ** (at_db / 20) / np.sqrt(np.mean(room**2))
    return room.astype(np.float32)


def babble(clips: Sequence[Samples], n: int, talkers: int = 6, seed: int = 0) -> Samples:
    """Return float32[n] of ``talkers`` people at once, each saying ``clips`` in another order."""
    random = np.random.default_rng(seed)
    total = np.zeros(n, dtype=np.float32)
    for _ in range(talkers):
        order = random.permutation(len(clips))
        stream = np.concatenate([clips[i] for i in order])
        total += np.roll(np.resize(stream, n), int(random.integers(n)))
    return total


def mix(speech: Samples, other: Samples, snr_db: float, rate: int = RATE) -> Samples:
    """Return ``speech`` with ``other`` (as long) ``snr_db`` under its active level.

    Raises ValueError where the lengths differ or the sum would clip.
    """
    if len(speech) != len(other):
        raise ValueError(
            f"{len(speech)} samples of speech, {len(other)} of noise; expected as many"
        )
    gain = 10 ** ((active_level_db(speech, rate) - snr_db - level_db(other)) / 20)
    mixed: Samples = (speech + gain * other).astype(np.float32)
    if np.abs(mixed).max() >= 1:
        raise ValueError(f"speech and noise at {snr_db:g} dB clip together")
    return mixed
