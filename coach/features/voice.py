"""Whether a leg speaks, decided every 20 ms.

Comes in: frames of a leg and their level. Goes out: that speech began or stopped, and since when.
Refuses to know: what is said, and what the other leg does. WebRTC's detector takes keystrokes,
breath and the talk of an office for speech, so two things are asked besides: that it stands out
from the quieter moments of the last while, and that a voice, which is periodic, is near.
"""

from typing import NamedTuple

import numpy as np
import webrtcvad
from numpy.fft import irfft, rfft

from coach.features.noise import Ranked
from coach.frames import FRAME, FRAME_S, RATE, Frame, Samples
from coach.sections import VoiceActivity

# Periodicity: autocorrelation of 40 ms under 2 kHz at the periods of 70 to 400 Hz, over that of
# the window alone (P. Boersma, IFA Proceedings 17, 1993).
_EVERY = 4
_HALF = FRAME // _EVERY
_MEAN: Samples = np.full(_EVERY, 1 / _EVERY, np.float32)
_HANN: Samples = np.hanning(2 * _HALF).astype(np.float32)
_POINTS = 4 * _HALF
_LAGS = np.arange(RATE // _EVERY // 400, RATE // _EVERY // 70 + 1)
_HUM_BINS = 5

# Fitted to rendered speech in noise (bench/voice.py).
_PERIODIC = 0.5
_NEAR = 8  # frames a consonant may be away from the last periodic one
_BEGIN_OVER_DB = 14.0  # over the quieter moments, where no voice is near,
_KEEP_OVER_DB = 8.0  # and where one is
_QUIETER = 0.15  # the rank of these moments
_HOP = 5  # frames (100 ms) of which the quietest counts
_HOPS = 100  # looked back on
_FIRST_HOPS = 20  # before these even the quietest may be speech
_BACK = 15  # frames of a beginning that may be without a voice


def _excess() -> Samples:
    """Return float32[lags, 2 * bins]: what the correlation at each lag is over `_PERIODIC`.

    Of the squares of a spectrum's real and imaginary parts in turn: an inverse DFT at these lags
    alone, less the same at no lag by the share that is asked for.
    """
    window = irfft(np.abs(rfft(_HANN, _POINTS)) ** 2)
    bins = np.arange(_POINTS // 2 + 1)
    correlation = np.cos(2 * np.pi * np.outer(_LAGS, bins) / _POINTS)
    excess = correlation - _PERIODIC * (window[_LAGS] / window[0])[:, None]
    excess[:, 1:-1] *= 2
    excess[:, :_HUM_BINS] = 0
    parts: Samples = excess.astype(np.float32).repeat(2, axis=1)
    return parts


_EXCESS = _excess()


class Change(NamedTuple):
    """Speech began (``active``) or stopped at ``since`` seconds of audio."""

    active: bool
    since: float


class VoiceDetector:
    """WebRTC's voice activity detector behind two gates, with an onset and a hangover."""

    def __init__(self, voice: VoiceActivity) -> None:
        self._vad = webrtcvad.Vad(voice.aggressiveness)
        self._voice = voice
        self.voiced = False
        self.active = False
        self.since = 0.0  # when the present state began
        self.last_voiced = 0.0  # end of the last voiced frame
        self._run = 0  # frames without a break that may be speech
        self._aperiodic = _NEAR  # frames since the last periodic one, which is 0
        self._before: Samples = np.zeros(FRAME, np.float32)
        self._hop: list[float] = []
        self._quietest_db = Ranked(_HOPS)
        self._noise_db: float | None = None

    def push(self, frame: Frame, level_db: float) -> Change | None:
        """Return the change that this frame made known. ``level_db``: the frame's level, dBov."""
        possible = level_db >= self._gate_db() and self._vad.is_speech(
            (frame.samples * 32767).astype(np.int16).tobytes(), RATE
        )
        periodic = possible and _periodic(self._before, frame.samples)
        self._aperiodic = 0 if periodic else self._aperiodic + 1
        self._before = frame.samples
        self._follow_noise(level_db)
        self.voiced = possible and self._aperiodic <= _NEAR
        self._run = self._run + 1 if possible else 0
        if self.voiced:
            self.last_voiced = frame.t
            if not self.active and self._run * FRAME_S >= self._voice.onset_s - FRAME_S / 2:
                return self._change(True, frame.t - min(self._run, _BACK) * FRAME_S)
        else:
            silent_s = frame.t - self.last_voiced
            if self.active and silent_s >= self._voice.hangover_s - FRAME_S / 2:
                return self._change(False, self.last_voiced)
        return None

    def _gate_db(self) -> float:
        if self._noise_db is None:
            return self._voice.floor_db
        over_db = _KEEP_OVER_DB if self._aperiodic < _NEAR else _BEGIN_OVER_DB
        return max(self._voice.floor_db, self._noise_db + over_db)

    def _follow_noise(self, level_db: float) -> None:
        self._hop.append(level_db)
        if len(self._hop) == _HOP:
            self._quietest_db.push(min(self._hop))
            self._hop.clear()
            if len(self._quietest_db) >= _FIRST_HOPS:
                self._noise_db = self._quietest_db.at(_QUIETER)

    def _change(self, active: bool, since: float) -> Change:
        self.active, self.since = active, since
        return Change(active, since)


def _periodic(before: Samples, samples: Samples) -> bool:
    """Tell whether two frames, float32[320] each, repeat themselves as a voice does."""
    slow = np.concatenate((before, samples)).reshape(-1, _EVERY) @ _MEAN
    spectrum = rfft(slow * _HANN, _POINTS)
    parts = spectrum.astype(np.complex64, copy=False).view(np.float32)
    return bool((_EXCESS @ (parts * parts)).max() >= 0)
