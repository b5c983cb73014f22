"""Samples to frames: 16 kHz mono in steps of 20 ms, however the samples came.

Comes in: blocks of one leg of any size, at the rate of its file or sound card. Goes out: `Frame`s,
the same bit for bit however the samples were cut into blocks. Refuses to know: where the samples
come from, which leg they are, what is said in them.
"""

from dataclasses import dataclass
from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray

from coach.sections import Audio

Samples = NDArray[np.float32]

RATE = 16000
FRAME = 320
FRAME_S = FRAME / RATE

_FULL_SCALE = np.float32(1)

LOWEST_RATE = 8000
HIGHEST_RATE = 192000

# The filter leaves 7/8 of the lower Nyquist frequency as it is and is 60 dB down at 9/8.
_PASS_BAND = 7 / 8
_STOP_DB = 60.0

# Digital silence is a dropout where sound with peaks over -40 dBov in its last 5 ms is cut off and
# back within a second; what fades out or stays away is a pause, a mute or a lost device.
_LOUD = 0.01
_EDGE_S = 0.005
_LONGEST_DROPOUT_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """20 ms of one leg.

    ``t``: end of the frame in seconds of audio. ``samples``: float32[320] at 16 kHz in -1..1,
    always finite. ``clipped``: a sample reached the clip level. ``dropout``: samples were missing
    (NaN, or filled in for a stalled device), or sound came back after digital silence in its midst.
    """

    index: int
    t: float
    samples: Samples
    clipped: bool = False
    dropout: bool = False


def silent_frame(index: int) -> Frame:
    """Return a frame of silence."""
    return Frame(index, (index + 1) * FRAME_S, np.zeros(FRAME, np.float32))


class Framer:
    """Cuts one leg into frames, resampling with a linear-phase polyphase filter.

    The filter's delay is taken out, so that a sound keeps its time; a frame is ready once its last
    sample and half the filter are in (0.9 ms from 44.1 and 48 kHz, 1.8 ms from 8 kHz).
    ``rate``: samples per second of what is pushed, 8000..192000; ValueError outside.
    """

    def __init__(self, rate: int, audio: Audio) -> None:
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise ValueError(f"rate {rate} Hz: expected {LOWEST_RATE} to {HIGHEST_RATE} Hz")
        self.rate = rate
        self._up, self._down = RATE // gcd(rate, RATE), rate // gcd(rate, RATE)
        self._phases = _phases(rate, self._up)
        self._half = self._phases.shape[1] // 2
        # Where each output sample of a frame begins to read, and with which phase; the same for
        # all frames where 20 ms are a whole number of input samples.
        self._plan = self._plan_of(0) if FRAME * self._down % self._up == 0 else None
        self._flags = _Flags(rate, audio)
        self._first = 1 - self._half  # number of the buffer's first sample: silence before 0
        self._buffer: Samples = np.zeros(self._half - 1, np.float32)
        self._received = 0
        self._index = 0

    def push(self, samples: Samples) -> list[Frame]:
        """Return the frames that became complete. ``samples``: float32, 1-D, any length.

        Not-a-number stands for a missing sample: it becomes silence and marks its frame.
        """
        self._buffer = np.concatenate((self._buffer, _limit(samples)), dtype=np.float32)
        self._received += len(samples)
        return self._frames(self._received - self._half)

    def flush(self) -> list[Frame]:
        """Return what is left, the last frame filled up with silence. The framer is done then."""
        last = self._index
        while self._edge(last) < self._received:
            last += 1
        padding = np.zeros(self._edge(last) - self._received + self._half, np.float32)
        self._buffer = np.concatenate((self._buffer, padding))
        return self._frames(self._edge(last))

    def _edge(self, index: int) -> int:
        """Return the number of a frame's first input sample."""
        return -(-index * FRAME * self._down // self._up)

    def _frames(self, available: int) -> list[Frame]:
        frames = []
        while self._edge(self._index + 1) <= available:
            frames.append(self._frame(self._index))
            self._index += 1
        done = self._index * FRAME * self._down // self._up - self._half + 1 - self._first
        self._buffer = self._buffer[done:]
        self._first += done
        return frames

    def _frame(self, index: int) -> Frame:
        start, stop = self._edge(index) - self._first, self._edge(index + 1) - self._first
        begin = index * FRAME * self._down // self._up - self._half + 1 - self._first
        lost = False
        source = self._buffer[begin : stop + self._half]
        if np.isnan(source @ source):
            lost = bool(np.isnan(self._buffer[start:stop]).any())
            source = np.nan_to_num(source)
        clipped, cut = self._flags.push(source[start - begin : stop - begin])
        if self.rate == RATE:
            samples = source[start - begin : stop - begin]
        else:
            reads, phases = self._plan or self._plan_of(index)
            taps = 2 * self._half
            windows: Samples = np.ndarray(  # every stretch of `taps` samples, not copied
                (len(source) - taps + 1, taps), np.float32, source, strides=(4, 4)
            )
            if self._up == 1:  # one phase, every so many samples
                samples = _limit(windows[reads[0] :: self._down][:FRAME] @ phases[0])
            elif self._down == 1:  # every phase at every sample
                samples = _limit((windows @ phases[: self._up].T).ravel()[:FRAME])
            else:
                samples = _limit(np.einsum("ij,ij->i", windows[reads], phases))
        return Frame(index, (index + 1) * FRAME_S, samples, clipped, lost or cut)

    def _plan_of(self, index: int) -> tuple[NDArray[np.intp], Samples]:
        at = (np.arange(FRAME, dtype=np.int64) + index * FRAME) * self._down
        reads = at // self._up
        return reads - reads[0], self._phases[at % self._up]


def _phases(rate: int, up: int) -> Samples:
    """Return a Kaiser-windowed sinc for each of ``up`` places between two input samples.

    float32[up, taps], each row summing to 1. Length and shape after Kaiser (Oppenheim & Schafer,
    Discrete-Time Signal Processing, 7.5.3).
    """
    nyquist = min(rate, RATE) / 2
    width = 2 * (1 - _PASS_BAND) * nyquist
    length_s = (_STOP_DB - 7.95) / (2.285 * 2 * np.pi * width)
    beta = 0.1102 * (_STOP_DB - 8.7)
    half = ceil(length_s * rate / 2)
    taps = np.arange(1 - half, half + 1) - np.arange(up)[:, None] / up
    window = np.i0(beta * np.sqrt(np.clip(1 - (taps / half) ** 2, 0, 1)))
    rows = np.sinc(2 * nyquist / rate * taps) * window
    phases: Samples = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
    return phases


def _limit(samples: Samples) -> Samples:
    limited: Samples = np.maximum(np.minimum(samples, _FULL_SCALE), -_FULL_SCALE)
    return limited


class _Flags:
    """Clipping and dropouts, seen at the input's own rate."""

    def __init__(self, rate: int, audio: Audio) -> None:
        self._clip_level = audio.clip_level
        self._shortest = audio.dropout_s * rate
        self._longest = _LONGEST_DROPOUT_S * rate
        self._edge = ceil(_EDGE_S * rate)
        self._zeros = 0  # digital zeros since the last sound
        self._before = 0.0  # peak just before those zeros

    def push(self, samples: Samples) -> tuple[bool, bool]:
        """Return whether these samples clip and whether they end a dropout."""
        magnitude = np.abs(samples)
        peak = float(magnitude.max())
        if peak == 0.0:
            self._zeros += len(samples)
            return False, False
        sounding = magnitude.nonzero()[0]
        run = self._zeros + int(sounding[0])
        cut = self._before >= _LOUD and self._shortest < run <= self._longest
        if self._shortest < len(samples):
            inner = int(np.diff(sounding).max(initial=1)) - 1
            cut = cut or (peak >= _LOUD and inner > self._shortest)
        end = int(sounding[-1]) + 1
        edge = float(magnitude[max(0, end - self._edge) : end].max())
        self._before = edge if end >= self._edge else max(edge, self._before)
        self._zeros = len(samples) - end
        return peak >= self._clip_level, cut
