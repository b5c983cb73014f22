"""How well keystrokes and clatter are told from speech: ``python -m bench.impulses``.

Keys and clatter are rendered, so their times are exact; each kind stands at a ratio of its first
10 ms to the noise it is in. Speech, breath and an office alone give what is counted falsely: real
legs, rendered ones, and all of them again as a telephone passes them.
"""

from collections.abc import Iterator

import numpy as np

from bench.figures import Cpu
from bench.noises import at_level, babble, band, breathing, hiss
from bench.sound import (
    FITTED,
    HOP,
    OTHERS,
    SETTINGS,
    TRANSCRIBED,
    frames,
    listen,
    recorded,
    rendered,
)
from bench.table import Row
from coach.features.impulses import Impulses
from coach.features.voice import VoiceDetector
from coach.frames import FRAME, RATE, Samples

SNRS_DB = (30, 20, 15, 10, 6)
SECONDS = 120
LATE_S = 0.05
KNOCK_DB = -30.0


def knocks(samples: Samples) -> list[float]:
    """Return when something knocked, as the unit tells it."""
    detector, impulses = VoiceDetector(SETTINGS.voice), Impulses()
    found: list[float] = []
    voiced: list[bool] = []
    for frame in frames(samples):
        listen(detector, frame)
        voiced.append(detector.voiced)
        if len(voiced) == 5:
            end = (frame.index + 1) * FRAME
            found += impulses.push(frame.t, samples[end - HOP : end], voiced)
            voiced.clear()
    return found + impulses.finish()


def telephone(samples: Samples) -> Samples:
    """Pass what a telephone does, 300 to 3400 Hz."""
    return band(samples, 300, 3400)


def burst(random: np.random.Generator, decay_s: float, low: float, high: float) -> Samples:
    """Return noise that decays by 8.7 dB per ``decay_s``."""
    length = int(0.2 * RATE)
    shape = np.exp(-np.arange(length) / (decay_s * RATE))
    return band(random.standard_normal(length) * shape, low, high)


def key(random: np.random.Generator) -> Samples:
    """Return a keystroke: down, and up after 60 to 110 ms."""
    down = burst(random, random.uniform(0.003, 0.008), 500, 6000)
    whole = np.zeros(int(0.35 * RATE), np.float32)
    whole[: len(down)] += down
    at = int(random.uniform(0.06, 0.11) * RATE)
    up = burst(random, 0.004, 800, 6000)
    whole[at : at + len(up)] += 0.6 * up
    return whole


def clatter(random: np.random.Generator) -> Samples:
    """Return a headset put down: a blow and two or three smaller ones, ringing 10 to 25 ms."""
    whole = np.zeros(int(0.8 * RATE), np.float32)
    at, gain = 0.0, 1.0
    for _ in range(random.integers(3, 5)):
        part = burst(random, random.uniform(0.01, 0.025), 200, 5000)
        start = int(at * RATE)
        whole[start : start + len(part)] += gain * part[: len(whole) - start]
        at, gain = at + random.uniform(0.06, 0.16), gain * random.uniform(0.4, 0.8)
    return whole


def click(random: np.random.Generator) -> Samples:
    """Return a single click, of a switch: 1 ms."""
    return burst(random, 0.001, 1000, 7000)


KINDS = {"key": key, "clatter": clatter, "click": click}


def hit_rate(kind: str, noise: Samples, snr_db: float, passed: bool) -> tuple[float, float]:
    """Return the share of rendered knocks that are told, and how many besides per minute."""
    random = np.random.default_rng(7)
    whole = np.zeros(len(noise), np.float32)
    true = np.cumsum(random.uniform(0.9, 1.6, int(len(noise) / RATE / 1.6)))
    for at in true:
        knock = KINDS[kind](random)
        knock = knock / np.sqrt(np.mean(knock[: RATE // 100] ** 2)) * 10 ** (KNOCK_DB / 20)
        start = int(at * RATE)
        whole[start : start + len(knock)] += knock[: len(whole) - start]
    level = np.sqrt(np.mean(noise**2))
    whole += noise / level * np.float32(10 ** ((KNOCK_DB - snr_db) / 20))
    told = np.array(knocks(telephone(whole) if passed else whole) or [-1.0])
    hits = sum(bool((np.abs(told - at) <= LATE_S).any()) for at in true)
    # a key goes up and clatter bounces: what follows within 0.8 s is no false one
    besides = sum(
        not ((told_at - true >= -LATE_S) & (told_at - true < 0.8)).any() for told_at in told
    )
    return hits / len(true), besides / (len(noise) / RATE / 60)


def alone() -> Iterator[tuple[str, list[Samples]]]:
    """Yield sound in which nothing knocks, or at least nobody says so."""
    random = np.random.default_rng(3)
    length = SECONDS * RATE
    yield "real legs", [recorded(name).samples for name in TRANSCRIBED]
    yield "four rendered voices", [rendered(name, SECONDS).samples for name in FITTED]
    yield "four more", [rendered(name, SECONDS).samples for name in OTHERS]
    yield "office at -40 dBov", [at_level(babble(length, random), -40)]
    yield "breath at -35 dBov", [at_level(breathing(length, random), -35)]
    yield "hiss at -45 dBov", [at_level(hiss(length, random), -45)]


def noises() -> dict[str, Samples]:
    """Return the noises that knocks are put in."""
    random = np.random.default_rng(5)
    length = SECONDS * RATE
    return {"hiss": hiss(length, random), "office": babble(length, random)}


def rows() -> Iterator[Row]:
    """Yield the share of knocks told at 20 dB, false ones a minute, and CPU."""
    for name, noise in noises().items():
        rates = [hit_rate(kind, noise, 20, passed)[0] for kind in KINDS for passed in (False, True)]
        yield Row(f"knocks told at 20 dB in {name}", float(np.mean(rates)))
    cpu, count, seconds = Cpu(), 0, 0.0
    for name, sounds in alone():
        seconds_each = sum(map(len, sounds)) / RATE
        with cpu:
            found = sum(len(knocks(sound)) for sound in sounds)
        count, seconds = count + found, seconds + seconds_each
        if name == "real legs":
            yield Row("false knocks in real legs, per minute", 60 * found / seconds_each, "", ".2f")
    yield Row("false knocks in all, per minute", 60 * count / seconds, "", ".2f")
    yield Row("CPU with voice activity", cpu.ms_per_s(seconds), "ms per s", ".2f")


def main() -> None:
    """Print hit rates by ratio, then false ones a minute."""
    print(f"{'told':28}" + "".join(f"{snr:>7} dB" for snr in SNRS_DB))
    made = noises()
    for kind in KINDS:
        for name, noise in made.items():
            for passed in (False, True):
                cells = [f"{hit_rate(kind, noise, snr, passed)[0]:10.0%}" for snr in SNRS_DB]
                where = f"{kind} in {name}{', telephone' if passed else ''}"
                print(f"{where:28}{''.join(cells)}", flush=True)
    print(f"\n{'false per minute':28}{'as it is':>10}{'telephone':>10}{'minutes':>10}")
    cpu, seconds = Cpu(), 0.0
    for name, sounds in alone():
        minutes = sum(map(len, sounds)) / RATE / 60
        seconds += 60 * minutes
        with cpu:
            plain = sum(len(knocks(sound)) for sound in sounds) / minutes
        passed = sum(len(knocks(telephone(sound))) for sound in sounds) / minutes
        print(f"{name:28}{plain:10.2f}{passed:10.2f}{minutes:10.1f}", flush=True)
    print(f"voice activity and knocks: {cpu.ms_per_s(seconds):.2f} ms of CPU per s")


if __name__ == "__main__":
    main()
