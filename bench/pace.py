"""How well the pace follows the truth: Korean speech with a known number of syllables, five speeds.

Prints correlation and slope of measured against true syllables per second, of utterances and of
stretches of 10 s, and the CPU seconds per second of audio.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import soundfile

from coach.features.pace import SyllableNuclei

CALLS = Path(os.environ.get("COACH_CALLS", Path(__file__).parents[2] / "shared" / "calls"))
HOP = 1600
STRETCH_S = 10.0


def utterances(file: Path) -> list[tuple[float, int, float, int, float]]:
    """Return (speed, true syllables, true seconds, counted syllables, counted seconds) of each."""
    spoken = json.loads(file.read_text("utf-8"))
    samples, _ = soundfile.read(file.with_suffix(".flac"), dtype="float32")
    nuclei = SyllableNuclei()
    hops = [nuclei.push(samples[at : at + HOP]) for at in range(0, len(samples) - HOP + 1, HOP)]
    total = np.cumsum([(0, 0.0), *hops], axis=0)
    found = []
    for said in spoken["utterances"]:
        # A nucleus is known a little after it was spoken.
        first = int((said["start"] - 0.1) * 10)
        last = min(int((said["end"] + 0.4) * 10), len(hops))
        counted, seconds = total[last] - total[first]
        letters = sum("가" <= letter <= "힣" for letter in said["text"])
        found.append((said["speed"], letters, said["end"] - said["start"], counted, seconds))
    return found


def stretches(said: list[tuple[float, int, float, int, float]]) -> list[np.ndarray]:
    """Add up utterances of one speed until they are 10 s long."""
    found = []
    for speed in sorted({one[0] for one in said}):
        whole = np.zeros(4)
        for one in said:
            if one[0] == speed:
                whole = whole + np.array(one[1:])
                if whole[1] >= STRETCH_S:
                    found.append(whole)
                    whole = np.zeros(4)
    return found


def main() -> None:
    begun, seconds = time.process_time(), 0.0
    short, long = [], []
    for file in sorted((CALLS / "synth").glob("dev-ko-*.json")):
        said = utterances(file)
        short += [np.array(one[1:]) for one in said]
        long += stretches(said)
        seconds += soundfile.info(file.with_suffix(".flac")).duration
    spent = time.process_time() - begun
    for name, found in (("utterances", short), ("10 s", long)):
        letters, true_s, counted, counted_s = np.array(found).T
        truth, measured = letters / true_s, counted / counted_s
        slope = np.polyfit(truth, measured, 1)[0]
        sys.stdout.write(
            f"{name}: n {len(found)}  correlation {np.corrcoef(truth, measured)[0, 1]:.3f}"
            f"  slope {slope:.2f}  measured/true {measured.mean() / truth.mean():.3f}\n"
        )
    sys.stdout.write(f"cpu {spent / seconds:.5f} s per s of audio\n")


if __name__ == "__main__":
    main()
