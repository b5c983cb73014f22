"""Whether a leg speaks, decided every 20 ms.

Comes in: frames of a leg and their level. Goes out: that speech began or stopped, and since when.
Refuses to know: what is said, and what the other leg does.
"""

from typing import NamedTuple

import numpy as np
import webrtcvad

from coach.frames import FRAME_S, RATE, Frame
from coach.settings import VoiceActivity


class Change(NamedTuple):
    """Speech began (``active``) or stopped at ``since`` seconds of audio."""

    active: bool
    since: float


class VoiceDetector:
    """WebRTC's voice activity detector with an energy floor, an onset and a hangover."""

    def __init__(self, voice: VoiceActivity) -> None:
        self._vad = webrtcvad.Vad(voice.aggressiveness)
        self._voice = voice
        self.voiced = False
        self.active = False
        self.since = 0.0  # when the present state began
        self.last_voiced = 0.0  # end of the last voiced frame
        self._run = 0.0  # seconds of unbroken voice

    def push(self, frame: Frame, level_db: float) -> Change | None:
        """Return the change that this frame made known. ``level_db``: the frame's level, dBov."""
        self.voiced = level_db >= self._voice.floor_db and self._vad.is_speech(
            (frame.samples * 32767).astype(np.int16).tobytes(), RATE
        )
        if self.voiced:
            self._run += FRAME_S
            self.last_voiced = frame.t
            if not self.active and self._run >= self._voice.onset_s - FRAME_S / 2:
                return self._change(True, frame.t - self._run)
        else:
            self._run = 0.0
            silent_s = frame.t - self.last_voiced
            if self.active and silent_s >= self._voice.hangover_s - FRAME_S / 2:
                return self._change(False, self.last_voiced)
        return None

    def _change(self, active: bool, since: float) -> Change:
        self.active, self.since = active, since
        return Change(active, since)
