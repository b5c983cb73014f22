"""Call progress tones in one leg: busy, congestion, ringback, dial and disconnect.

Comes in: 100 ms of sound at a time. Goes out: `Tone` events. Refuses to know: the state of the
call. A window of 40 ms is a tone where nearly all its energy is at the frequencies of one sound of
the table (Goertzel's sums, made orthogonal so that two near frequencies share nothing); speech and
music have too much beside. Then the bursts have to keep a cadence of the table.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coach.events import Tone
from coach.features.cadences import AGAIN, Pattern, Sound, best_name, fits, patterns
from coach.frames import FRAME, FRAME_S, RATE, Samples
from coach.names import Leg, ToneName

_WINDOW = 2 * FRAME  # frequencies 25 Hz apart share nothing in 40 ms
_FLOOR = 10**-5.5  # mean power: -55 dBov
# Share of a window's energy that the frequencies of a sound must explain together, and each.
_EXPLAINED = 0.85
_EACH = 0.05
_HIGH_HZ = 800.0
_ERROR = 0.004
_QUIET = 0.1  # share of a burst's power under which a window between bursts is silence
_ALIKE = 0.6  # share of a burst's windows that must be the same sound
# Windows that are neither tone nor silence: those across both edges of a burst, and one more.
_MURMUR = 5
# Windows that lie 85 % in a burst span it but for this; a break seems longer by as much.
_EDGE_S = 0.028
_DROPOUT_S = 0.2
_KEPT_RUNS = 5


@dataclass
class _Run:
    """A burst or the break after it, counted in windows 20 ms apart."""

    on: bool
    start: float
    alike: NDArray[np.int64]
    windows: int = 0
    murmurs: int = 0

    @property
    def length_s(self) -> float:
        edge_s = _EDGE_S if self.on else -_EDGE_S
        return self.windows * FRAME_S + edge_s


@dataclass
class _Train:
    """Bursts in a row, the last run still going on."""

    runs: list[_Run]
    power: float
    fits: list[Pattern] = field(default_factory=list)

    @property
    def now(self) -> _Run:
        return self.runs[-1]


class ToneDetector:
    """Finds tones in one leg, one at a time. ``since``: begin of the tone going on, or None."""

    def __init__(self, leg: Leg) -> None:
        self.since: float | None = None
        self._leg = leg
        self._sounds = list(dict.fromkeys(pattern.sound for pattern in patterns()))
        self._basis = _Basis(self._sounds)
        self._tail: Samples = np.zeros(FRAME, np.float32)
        self._train: _Train | None = None
        self._told: tuple[ToneName, tuple[str, ...]] | None = None

    def push(self, t: float, samples: Samples) -> Iterator[Tone]:
        """Take in 100 ms that end at ``t``, float32[1600]; yield what began or ended."""
        whole = np.concatenate((self._tail, samples))
        self._tail = samples[-FRAME:]
        windows: Samples = np.ndarray(  # one every 20 ms, not copied
            (len(whole) // FRAME - 1, _WINDOW), np.float32, whole, strides=(4 * FRAME, 4)
        )
        energy = np.einsum("ij,ij->i", windows, windows)
        if self._train is None and energy.max() < _FLOOR * _WINDOW:
            return
        likes = self._basis.likes(windows, energy)
        for n, (like, power) in enumerate(zip(likes, energy / _WINDOW, strict=True), 1):
            end = t - (len(energy) - n) * FRAME_S
            for tone in self._step(end, like, float(power)):
                yield replace(tone, t=t)

    def _step(self, t: float, like: NDArray[np.bool_], power: float) -> Iterator[Tone]:
        on = power >= _FLOOR and bool(like.any())
        if self._train is None:
            if on:
                self._train = self._begin(t, like, power)
            return
        train = self._train
        if on != train.now.on:
            train.runs = [*train.runs[-_KEPT_RUNS:], self._run(on, t)]
        train.now.windows += 1
        if on:
            train.now.alike += like
            yield from self._sounding(t, train)
        else:
            train.now.murmurs += power > _QUIET * train.power
            if train.now.murmurs > _MURMUR or train.now.length_s > self._longest_off_s(train):
                yield from self._end(t)
                self._train = None

    def _sounding(self, t: float, train: _Train) -> Iterator[Tone]:
        now = train.now
        if self._told is not None:
            if now.length_s > max(pattern.longest_on_s for pattern in train.fits) + _EDGE_S:
                yield from self._end(t)
                self._train = _Train([now], train.power)
            return
        if any(self._keeps(pattern, train, AGAIN) for pattern in patterns()):
            # those as well whose next burst would have been enough in a moment
            train.fits = [p for p in patterns() if self._keeps(p, train, AGAIN - 0.1)]
            self._told = best_name(train.fits)
            self.since = (train.runs[0] if train.fits[0].cadence else now).start
            yield self._tone(t, self.since, ongoing=True)

    def _keeps(self, pattern: Pattern, train: _Train, again: float) -> bool:
        """Whether the bursts of one period and ``again`` of the next one are the pattern's."""
        n = self._sounds.index(pattern.sound)
        runs = train.runs[-1 - len(pattern.cadence) :]
        if any(run.on and run.alike[n] < _ALIKE * run.windows for run in runs):
            return False
        # Where a burst begins and ends, sounds of more frequencies fit some windows too many.
        over = [run.windows - run.alike[n] if run.on else 0 for run in train.runs]
        lengths = [
            run.length_s - over[i] * FRAME_S
            if run.on
            else run.length_s + (over[i - 1] + over[i + 1]) / 2 * FRAME_S
            for i, run in enumerate(train.runs)
        ]
        return fits(pattern, lengths[:-1], lengths[-1], again)

    def _longest_off_s(self, train: _Train) -> float:
        among = train.fits if self._told else patterns()
        return _DROPOUT_S + max(pattern.longest_off_s for pattern in among)

    def _end(self, t: float) -> Iterator[Tone]:
        if self._told is not None and self.since is not None:
            yield self._tone(t, self.since, ongoing=False)
        self._told = self.since = None

    def _tone(self, t: float, since: float, ongoing: bool) -> Tone:
        assert self._told is not None
        name, countries = self._told
        return Tone(
            t=t, leg=self._leg, tone=name, since=since, ongoing=ongoing, countries=countries
        )

    def _begin(self, t: float, like: NDArray[np.bool_], power: float) -> _Train:
        train = _Train([self._run(True, t)], power)
        train.now.windows = 1
        train.now.alike += like
        return train

    def _run(self, on: bool, t: float) -> _Run:
        start = max(0.0, t - _WINDOW / RATE)
        return _Run(on, start, np.zeros(len(self._sounds), np.int64))


class _Basis:
    """Orthonormal sines and cosines of every frequency, and of every sound's together."""

    def __init__(self, sounds: list[Sound]) -> None:
        parts = [[c for hz in s.hz for c in _components(hz, s.beat_hz)] for s in sounds]
        lone = sorted({hz for sound in sounds for hz in sound.hz})
        spans = [_span(part) for part in [*parts, *(_components(hz) for hz in lone)]]
        self._waves: Samples = np.concatenate(spans, axis=1).astype(np.float32)
        self._starts = np.cumsum([0, *(span.shape[1] for span in spans[:-1])])
        self._sounds = len(sounds)
        # which lone frequencies a sound of several must have, each
        self._parts = np.array([[hz in s.hz and len(s.hz) > 1 for hz in lone] for s in sounds])

    def likes(self, windows: Samples, energy: Samples) -> NDArray[np.bool_]:
        """Return for each window, float32[n, 640], which sounds it may be: bool[n, sounds]."""
        powers = (windows @ self._waves) ** 2 * (1 / np.maximum(energy, 1e-12))[:, None]
        shares = np.add.reduceat(powers, self._starts, axis=1)
        together, each = shares[:, : self._sounds], shares[:, self._sounds :]
        lacks = (each < _EACH).astype(np.float32) @ self._parts.T.astype(np.float32)
        likes: NDArray[np.bool_] = (together >= _EXPLAINED) & (lacks == 0)
        return likes


def _components(hz: float, beat_hz: float = 0.0) -> list[float]:
    if beat_hz:
        return [hz - beat_hz, hz, hz + beat_hz]
    # A network's few per mille of error matter where they are as wide as a window resolves.
    return [hz * (1 - _ERROR), hz * (1 + _ERROR)] if hz > _HIGH_HZ else [hz]


def _span(frequencies: list[float]) -> NDArray[np.float64]:
    phase = 2 * np.pi * np.arange(_WINDOW)[:, None] * np.array(frequencies) / RATE
    return np.linalg.qr(np.concatenate((np.cos(phase), np.sin(phase)), axis=1))[0]
