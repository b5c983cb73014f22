"""How well voice activity is told, ours against its peers: ``python -m bench.voice``.

Rendered speech has exact times of every utterance. Of the real calls only the words of a machine
transcript are known (times within 0.2 s, and it misses what is spelled out, names and numbers), so
no detector can reach 1 there; the same truth stands for all of them. F1 is per 20 ms frame, the
delay is from the true start to the frame in which a detector says that speech began. ``--swap``, as
in the rows: voices that no constant was fitted to, in an office of those it was. Needs the extra
``bench``.
"""

import argparse
from collections.abc import Iterator, Sequence

import numpy as np

from bench.detectors import DETECTORS, Detector
from bench.figures import Cpu
from bench.noises import NOISES, babble, noisy
from bench.sound import FITTED, OTHERS, TRANSCRIBED, Speech, recorded, rendered
from bench.table import Row, at_least, at_most
from coach.frames import FRAME_S, RATE, Samples

SECONDS = 60
SNRS_DB = (20, 10, 5, 0)
PEERS = ("webrtc 2", "silero")
F1_CLEAN, F1_NOISY, ONSET_MS = at_least(0.95), at_least(0.88), at_most(60)


class Score:
    """Adds up legs: F1, the median delay of onsets, CPU."""

    def __init__(self) -> None:
        self.both = self.told = self.true = 0
        self.delays: list[float] = []
        self.cpu = Cpu()
        self.seconds = 0.0

    def add(self, speech: Speech, detect: Detector) -> None:
        """Let a detector tell a leg."""
        with self.cpu:
            told = detect(speech.samples)
        self.seconds += len(speech.samples) / RATE
        truth = speech.truth
        self.both += int((told.active & truth).sum())
        self.told += int(told.active.sum())
        self.true += int(truth.sum())
        for start, end in speech.said:
            # told beforehand, by noise or a click, is no onset
            if not told.active[max(0, int((start - 0.1) / FRAME_S)) : int(start / FRAME_S)].any():
                known = [t for t in told.known_s if start - 0.1 < t < end]
                self.delays += [known[0] - start] if known else []

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall per frame."""
        return 2 * self.both / max(1, self.told + self.true)

    @property
    def onset_ms(self) -> float:
        """The median delay of onsets in ms; nan where speech was told all along."""
        return 1000 * float(np.median(self.delays)) if self.delays else np.nan


def scored(legs: list[Speech], detect: Detector) -> Score:
    """Return the score of a detector over ``legs``."""
    score = Score()
    for leg in legs:
        score.add(leg, detect)
    return score


def noisy_legs(
    legs: list[Speech], kind: str, snr_db: float, talkers: Sequence[str]
) -> list[Speech]:
    """Return ``legs`` in noise of a kind; ``talkers``: the voices of the office."""

    def noise(length: int) -> Samples:
        random = np.random.default_rng(4)
        if kind == "babble":
            return babble(length, random, talkers)
        return NOISES[kind](length, random)

    return [noisy(leg, noise(len(leg.samples)), snr_db) for leg in legs]


def table(
    legs: list[Speech], name: str, detectors: dict[str, Detector], talkers: Sequence[str]
) -> None:
    """Print one line of F1, onset delay in ms for each detector, one row per condition."""
    spent = {detector: [0.0, 0.0] for detector in detectors}
    for kind, snr_db in [("clean", 0), *((k, s) for k in NOISES for s in SNRS_DB)]:
        mixed = legs if kind == "clean" else noisy_legs(legs, kind, snr_db, talkers)
        cells = []
        for detector, detect in detectors.items():
            score = scored(mixed, detect)
            delay = f"{score.onset_ms:4.0f}" if score.delays else "   -"
            cells.append(f"{score.f1:.3f} {delay}")
            spent[detector][0] += score.cpu.seconds
            spent[detector][1] += score.seconds
        condition = kind if kind == "clean" else f"{kind} {snr_db} dB"
        print(f"{name:9}{condition:16}" + "".join(f"{c:>13}" for c in cells), flush=True)
    cpu = "".join(f"{1000 * cpu / seconds:13.2f}" for cpu, seconds in spent.values())
    print(f"{name:9}{'cpu ms per s':16}{cpu}")


def rows() -> Iterator[Row]:
    """Yield F1 clean and at 10 dB, onset and CPU, of voices that nothing was fitted to."""
    names = ("ours", *PEERS)
    legs = [rendered(name, SECONDS) for name in OTHERS]
    clean = {name: scored(legs, DETECTORS[name]) for name in names}
    for peer in PEERS:
        told, theirs = clean["ours"], clean[peer]
        yield Row("F1, clean", told.f1, "", ".3f", peer, theirs.f1, F1_CLEAN)
        onset_ms = theirs.onset_ms
        yield Row("onset, clean", told.onset_ms, "ms", ".0f", peer, onset_ms, ONSET_MS)
        ms, peer_ms = (score.cpu.ms_per_s(score.seconds) for score in (told, theirs))
        yield Row("CPU", ms, "ms per s", ".2f", peer, peer_ms)
    for kind in NOISES:
        mixed = noisy_legs(legs, kind, 10, FITTED)
        found = {name: scored(mixed, DETECTORS[name]).f1 for name in names}
        for peer in PEERS:
            figure = f"F1, {kind} at 10 dB"
            yield Row(figure, found["ours"], "", ".3f", peer, found[peer], F1_NOISY)


def main() -> None:
    """Print F1 and the median delay of onsets in ms."""
    parser = argparse.ArgumentParser(prog="python -m bench.voice")
    parser.add_argument("--swap", action="store_true", help="voices that nothing was fitted to")
    voices, talkers = (OTHERS, FITTED) if parser.parse_args().swap else (FITTED, OTHERS)
    print(" " * 25 + "".join(f"{name:>13}" for name in DETECTORS))
    table([rendered(name, SECONDS) for name in voices], "rendered", DETECTORS, talkers)
    table([recorded(name) for name in TRANSCRIBED], "real", DETECTORS, talkers)


if __name__ == "__main__":
    main()
