"""Which leg is only heard through the other one: sidetone, or the earpiece in the microphone.

Comes in: every 100 ms the sound of both legs. Goes out: the leg that says nothing of its own.
Refuses to know: who talks over whom, and what is said.

Two ways lead to it. A second of the weaker leg whose envelope agrees with the louder one's is an
echo, at whatever delay. A delay at which that was so again and again is a path; what is no louder
than the path explains is an echo at once, in the middle of a turn too. A path that carries
nothing while its source speaks is forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coach.frames import RATE, Samples
from coach.names import Leg

_STEP = RATE // 100  # the envelopes compared have a value every 10 ms
_HOP = 10
_WINDOW = 100
_LAG = 20  # values by which an echo may follow its source, or lead it where clocks are apart

# Over 1 s an echo 15 dB down agrees with its source to 0.98 or better; of the windows of two
# talkers who both speak, two in a thousand reach 0.9 at any of the delays.
_AGREE, _DISAGREE = 0.9, 0.75
_WEAKER = 0.5  # -6 dB: sidetone is told from -15 dB down

_ALIKE = 5  # hops in a row whose delay is the same but for one value make a path
_RECENT = 3 * _HOP  # values that a path has to explain
_EXPLAINED = 4.0  # by which power may exceed what the path brings: 6 dB
_MISSING = 1 / 8  # -9 dB: less than this share of what a path should bring is no path
_DOUBTS = 3  # hops of that in a row
_LOUD = 10.0  # the path should be heard by this factor over the noise, in power: 10 dB
_UPDATE = 0.1

Envelope = NDArray[np.float32]


@dataclass
class _Path:
    """From the other leg into this one. ``lag``: values the echo is late; ``gain``: of power."""

    lag: int = 0
    gain: float = 0.0
    alike: int = 0
    doubts: int = 0

    @property
    def known(self) -> bool:
        return self.alike >= _ALIKE

    def agree(self, lag: int, gain: float) -> None:
        """A second of the leg was an echo ``lag`` values late."""
        if abs(lag - self.lag) <= 1:
            self.alike = min(self.alike + 1, 2 * _ALIKE)
            self.gain += (gain - self.gain) * max(_UPDATE, 1 / self.alike)
        elif self.known:
            self.alike -= 1  # chance, or the delay has changed
        else:
            self.lag, self.gain, self.alike = lag, gain, 1


class Leaks:
    """Watches both legs. ``echo``: the one that is but an echo, if any."""

    def __init__(self) -> None:
        self.echo: Leg | None = None
        self._envelopes: dict[Leg, Envelope] = {
            leg: np.zeros(_WINDOW + 2 * _LAG, np.float32) for leg in Leg
        }
        self._paths = {leg: _Path() for leg in Leg}

    def hear(self, sound: Mapping[Leg, Samples], both_voiced: bool) -> None:
        """Take in the next 100 ms of both legs, float32[1600]."""
        for leg, samples in sound.items():
            values = np.sqrt(np.square(samples).reshape(-1, _STEP).mean(axis=1))
            self._envelopes[leg] = np.concatenate((self._envelopes[leg][len(values) :], values))
        for leg, path in self._paths.items():
            if path.known:
                self._doubt(leg, path)
        self.echo = self._found() if both_voiced else None

    def _found(self) -> Leg | None:
        power = {leg: float(envelope @ envelope) for leg, envelope in self._envelopes.items()}
        weak = min(Leg, key=lambda leg: power[leg])
        agreement, lag, gain = agreement_of(self._envelopes[weak], self._envelopes[weak.other])
        if agreement >= _AGREE:
            self._paths[weak].agree(lag, gain)
        enough = agreement >= (_DISAGREE if self.echo is weak else _AGREE)
        if enough and not self._paths[weak].known:
            return weak
        return next((leg for leg in Leg if self._explained(leg)), None)

    def _explained(self, leg: Leg) -> bool:
        """Tell whether a known path brings all that is heard in the leg of late."""
        path = self._paths[leg]
        if not path.known:
            return False
        heard, brought = self._recent(leg, path)
        return bool((heard <= _EXPLAINED * (brought + self._floor(leg))).all())

    def _floor(self, leg: Leg) -> float:
        """Return the power of 100 ms of the quieter moments of a leg."""
        return _HOP * float(np.sort(self._envelopes[leg])[_LAG // 2]) ** 2

    def _recent(self, leg: Leg, path: _Path) -> tuple[Envelope, Envelope]:
        """Return the power of the last 100 ms stretches of a leg, and what its path brings."""
        own, source = np.square(self._envelopes[leg]), np.square(self._envelopes[leg.other])
        end = len(own) + min(0, path.lag)  # what leads its source is judged once that is heard
        heard = own[end - _RECENT : end].reshape(-1, _HOP).sum(axis=1)
        began = end - _RECENT - path.lag
        brought = source[began : began + _RECENT].reshape(-1, _HOP).sum(axis=1)
        return heard, path.gain * brought

    def _doubt(self, leg: Leg, path: _Path) -> None:
        heard, brought = self._recent(leg, path)
        audible = brought.sum() > _LOUD * 3 * self._floor(leg)
        missing = audible and heard.sum() < _MISSING * brought.sum()
        path.doubts = path.doubts + 1 if missing else 0
        if path.doubts >= _DOUBTS:
            self._paths[leg] = _Path()


def agreement_of(weak: Envelope, source: Envelope) -> tuple[float, int, float]:
    """Return the highest correlation of ``weak`` with ``source`` at lags of ±0.2 s.

    Both float32[140], 10 ms a value. Besides: the lag in values (positive where ``weak`` is late)
    and the ratio of the powers at it. The correlation is 0 where ``weak`` is not the weaker one.
    """
    heard = weak[_LAG:-_LAG]
    own = float(heard @ heard)
    heard = heard - heard.mean()
    lags: Envelope = np.ndarray((2 * _LAG + 1, _WINDOW), np.float32, source, strides=(4, 4))
    # the variance at each lag from running sums: no copy of the window per lag
    sums = np.cumsum(np.concatenate(([0.0], source)))
    squares = np.cumsum(np.concatenate(([0.0], np.square(source))))
    power = squares[_WINDOW:] - squares[:-_WINDOW]
    variance = power - (sums[_WINDOW:] - sums[:-_WINDOW]) ** 2 / _WINDOW
    norm = np.sqrt(np.maximum(variance, 0) * float(heard @ heard))
    agreement = (lags @ heard) / np.maximum(norm, 1e-12)
    best = int(agreement.argmax())
    if own > _WEAKER**2 * power[best] or power[best] <= 0:
        return 0.0, 0, 0.0
    return float(agreement[best]), _LAG - best, own / float(power[best])
