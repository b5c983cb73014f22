"""Builders of sound at 16 kHz."""

from collections.abc import Iterator

import numpy as np

from coach.events import Event
from coach.features import Features
from coach.frames import FRAME, FRAME_S, RATE, Frame, Samples
from coach.settings import Settings

HOP = 1600


def times(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * RATE)) / RATE


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def tone(seconds: float, level_db: float, hz: float = 1000) -> Samples:
    amplitude = 10 ** (level_db / 20) * np.sqrt(2)
    return (amplitude * np.sin(2 * np.pi * hz * times(seconds))).astype(np.float32)


def noise(seconds: float, level_db: float, seed: int = 0) -> Samples:
    samples = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return (10 ** (level_db / 20) * samples).astype(np.float32)


def speech_noise(seconds: float, level_db: float, seed: int = 0) -> Samples:
    """Noise with the spectrum of speech: even from 100 to 500 Hz, then 9 dB less an octave."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / RATE)
    spectrum *= np.where(hz < 100, 0, np.minimum(1, (500 / np.maximum(hz, 1)) ** 1.5))
    samples = np.fft.irfft(spectrum, count)
    return (samples * 10 ** (level_db / 20) / np.sqrt(np.mean(samples**2))).astype(np.float32)


def talk(seconds: float, level_db: float = -20, per_s: float = 5, pitch: float = 120) -> Samples:
    """Vowels of a buzz with two formants: ``per_s`` syllables a second, ends on a whole one."""
    t = times(round(seconds * per_s) / per_s)
    buzz = np.zeros_like(t)
    for harmonic in range(1, int(3500 / pitch)):
        hz = harmonic * pitch
        formants = 1 / (1 + ((hz - 600) / 150) ** 2) + 0.5 / (1 + ((hz - 1300) / 200) ** 2)
        buzz += (0.02 + formants) * np.cos(2 * np.pi * hz * t + harmonic**2)
    swell = np.sin(np.pi * ((t * per_s) % 1)) ** 2
    samples = buzz * swell
    return (samples * 10 ** (level_db / 20) / np.sqrt(np.mean(samples**2))).astype(np.float32)


def mixed(length_s: float, *parts: tuple[float, Samples]) -> Samples:
    """Sound of ``length_s`` with parts that begin at given seconds."""
    whole = silence(length_s)
    for start, samples in parts:
        at = round(start * RATE)
        whole[at : at + len(samples)] += samples[: len(whole) - at]
    return whole


def frames(samples: Samples) -> Iterator[Frame]:
    for index in range(len(samples) // FRAME):
        yield Frame(index, (index + 1) * FRAME_S, samples[index * FRAME : (index + 1) * FRAME])


def hops(samples: Samples) -> Iterator[Samples]:
    for start in range(0, len(samples) - HOP + 1, HOP):
        yield samples[start : start + HOP]


def run(settings: Settings, agent: Samples, customer: Samples | None = None) -> list[Event]:
    features = Features(settings)
    if customer is None:
        return [e for frame in frames(agent) for e in features.push(frame, None)]
    pairs = zip(frames(agent), frames(customer), strict=True)
    return [e for pair in pairs for e in features.push(*pair)]
