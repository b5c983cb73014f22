"""What sounds beside speech: an office, keys, breath, hiss, and speech in it.

Comes in: how long in samples at 16 kHz, and what to draw from. Goes out: float32 at 16 kHz. Refuses
to know: who listens. The ratio of speech to noise is of the root mean square of the speech while it
is spoken to that of the whole noise.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from bench.sound import OTHERS, Speech, rendered
from coach.frames import FRAME, RATE, Samples


def babble(length: int, random: np.random.Generator, voices: Sequence[str] = OTHERS) -> Samples:
    """Return an office: two talkers of each rendered voice, none louder than another."""
    whole = np.zeros(length)
    for name in voices:
        samples = rendered(name, 180).samples
        level = np.sqrt(np.mean(samples**2))
        for _ in range(2):
            whole += np.resize(np.roll(samples, random.integers(len(samples))), length) / level
    return whole.astype(np.float32)


def typing(length: int, random: np.random.Generator) -> Samples:
    """Return keystrokes, 5 a second: a click and a thud, 15 ms each, between 500 and 6000 Hz."""
    whole = np.zeros(length)
    decay = np.exp(-np.arange(480) / 80)
    for at in np.cumsum(random.exponential(0.2, length // 3200) * RATE).astype(int):
        for delay, gain in ((0, 1.0), (int(0.08 * RATE), 0.6)):
            part = whole[at + delay : at + delay + 480]
            part += gain * (random.standard_normal(480) * decay)[: len(part)]
    return band(whole, 500, 6000, order=2)


def breathing(length: int, random: np.random.Generator) -> Samples:
    """Return breath into a microphone: noise about 300-2500 Hz, 1 s in every 3."""
    swell = np.maximum(0, np.sin(2 * np.pi * np.arange(length) / RATE / 3)) ** 2
    breath: Samples = band(random.standard_normal(length), 300, 2500, order=1) * swell
    return breath.astype(np.float32)


def hiss(length: int, random: np.random.Generator) -> Samples:
    """Return white noise."""
    return random.standard_normal(length).astype(np.float32)


NOISES: dict[str, Callable[[int, np.random.Generator], Samples]] = {
    "babble": babble,
    "typing": typing,
    "breathing": breathing,
}


def noise_under(speech: Speech, noise: Samples, snr_db: float) -> Samples:
    """Return ``noise``, as long as the speech, at ``snr_db`` under it."""
    spoken = np.repeat(speech.truth, FRAME)
    loudness = np.mean(speech.samples[: len(spoken)][spoken] ** 2)
    gain = np.sqrt(loudness / np.mean(noise**2) / 10 ** (snr_db / 10))
    return (gain * noise).astype(np.float32)


def noisy(speech: Speech, noise: Samples, snr_db: float) -> Speech:
    """Return ``speech`` with ``noise`` mixed in, clipped at full scale."""
    mixed = speech.samples + noise_under(speech, noise, snr_db)
    return Speech(np.clip(mixed, -1, 1), speech.said)


def at_level(samples: Samples, level_db: float) -> Samples:
    """Return the same at a root mean square of ``level_db`` dBov."""
    scaled: Samples = samples * np.float32(10 ** (level_db / 20) / np.sqrt(np.mean(samples**2)))
    return scaled


def band(samples: NDArray[np.floating], low: float, high: float, order: int = 4) -> Samples:
    """Return what passes from ``low`` to ``high`` Hz."""
    edges = butter(order, (low, high), "bandpass", fs=RATE, output="sos")
    filtered: Samples = sosfilt(edges, samples).astype(np.float32)
    return filtered
