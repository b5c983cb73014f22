"""What the benches listen to: recorded legs and rendered sets, as the coach hears them.

Comes in: files of the recorded calls' folder and the JSON beside them. Goes out: float32 at 16 kHz
in -1..1, frames, and what is said when, in seconds. Refuses to know: what is measured on it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.figures import REAL, calls_folder
from coach.features.noise import dbov, power
from coach.features.voice import VoiceDetector
from coach.frames import FRAME, FRAME_S, RATE, Frame, Framer, Samples
from coach.settings import load

SETTINGS = load(files=()).settings
# Sets whose voices the voice detector and the pace were fitted to, and those they were not.
FITTED = ("dev-af_heart", "dev-am_puck", "dev-ko-am_onyx", "dev-ko-ef_dora")
OTHERS = ("dev-am_michael", "dev-bf_emma", "dev-ko-af_nova", "dev-ko-em_alex")
TRANSCRIBED = tuple(Path(name).stem for name, language in REAL.items() if language == "en")
HOP = RATE // 10
UTTERANCE_GAP_S = 0.3

Flags = NDArray[np.bool_]


class Speech(NamedTuple):
    """A leg, and the (start, end) in s of what is said in it."""

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


def heard(file: str | Path, seconds: float | None = None) -> Samples:
    """Return a file of the calls' folder, or its first ``seconds``."""
    with soundfile.SoundFile(calls_folder() / file) as opened:
        count = -1 if seconds is None else int(seconds * opened.samplerate)
        framer = Framer(opened.samplerate, SETTINGS.audio)
        samples = opened.read(count, dtype="float32")
    cut = [*framer.push(samples), *framer.flush()]
    return np.concatenate([frame.samples for frame in cut])[: len(samples) * RATE // framer.rate]


def frames(samples: Samples) -> Iterator[Frame]:
    """Yield the whole frames of a leg."""
    for index in range(len(samples) // FRAME):
        yield Frame(index, (index + 1) * FRAME_S, samples[index * FRAME : (index + 1) * FRAME])


def listen(detector: VoiceDetector, frame: Frame) -> None:
    """Give a frame to a voice detector as the features do."""
    detector.push(frame, dbov(power(frame.samples)))


def utterances(file: Path) -> list[dict[str, Any]]:
    """Return what is said in a rendered set: category, text, voice, speed, start and end in s."""
    entries: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["utterances"]
    return entries


def transcript(name: str) -> list[dict[str, Any]]:
    """Return the words of a recorded leg: word, start and end in s, within 0.2 s."""
    file = calls_folder() / f"{name}.words.json"
    words: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["words"]
    return words


def runs(words: list[dict[str, Any]], gap_s: float) -> list[list[dict[str, Any]]]:
    """Return words in runs, between which there is no word for ``gap_s`` at least."""
    found: list[list[dict[str, Any]]] = []
    for word in words:
        if found and word["start"] - found[-1][-1]["end"] < gap_s:
            found[-1].append(word)
        else:
            found.append([word])
    return found


def rendered(name: str, seconds: float) -> Speech:
    """Return the first ``seconds`` of a rendered set."""
    file = calls_folder() / "synth" / f"{name}.json"
    said = [(u["start"], u["end"]) for u in utterances(file) if u["start"] < seconds]
    return Speech(heard(file.with_suffix(".flac"), seconds), said)


def recorded(name: str) -> Speech:
    """Return a recorded leg that has a transcript; words nearer than 0.3 s are one utterance."""
    spoken = runs(transcript(name), UTTERANCE_GAP_S)
    return Speech(heard(f"{name}.wav"), [(run[0]["start"], run[-1]["end"]) for run in spoken])
