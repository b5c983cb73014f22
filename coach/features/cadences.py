"""The tones that networks know: the table ``tones.toml``, and which of them a cadence fits.

Comes in: how long a tone was on and off, and on for how long it is now. Goes out: a name and the
countries it fits. Refuses to know: samples, legs, what a tone means for a call.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from coach.names import ToneName

# Networks keep their cadences within some percent; a run is counted in steps of 20 ms.
_TOLERANCE = 0.05
_TOLERANCE_S = 0.03
# A tone is told once it has been on again for this share of its time: under 1.5 periods.
AGAIN = 0.6
# A tone without a break is told after this, or once no burst of the same sound lasts that long.
_CONTINUOUS_S = 0.8


class Sound(NamedTuple):
    """What a tone sounds like: its frequencies in Hz and the beat that it is modulated by."""

    hz: tuple[float, ...]
    beat_hz: float


@dataclass(frozen=True)
class Pattern:
    """One tone of one country. ``cadence``: seconds on, off, ...; empty: without a break."""

    country: str
    name: ToneName
    sound: Sound
    cadence: tuple[float, ...]

    @property
    def longest_on_s(self) -> float:
        """Longest burst in seconds, with tolerance; infinite without a break."""
        on = max(self.cadence[::2], default=float("inf"))
        return on + _tolerance(on)

    @property
    def longest_off_s(self) -> float:
        """Longest break in seconds, with tolerance."""
        off = max(self.cadence[1::2], default=0.0)
        return off + _tolerance(off)


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return all tones of the table in its order."""
    text = resources.files("coach").joinpath("tones.toml").read_text("utf-8")
    return tuple(
        Pattern(
            country,
            ToneName(name),
            Sound(tuple(tone["hz"]), tone.get("beat_hz", 0)),
            tuple(tone["cadence"]),
        )
        for country, tones in tomllib.loads(text).items()
        for name, tone in tones.items()
    )


def fits(pattern: Pattern, runs: Sequence[float], on_s: float, again: float) -> bool:
    """Whether a cadence is the pattern's, if the sound is.

    ``runs``: seconds on, off, ... up to the burst going on, which has lasted ``on_s`` and needs
    ``again`` of its time. The first burst may have been joined in its middle, and the cadence
    anywhere in its period.
    """
    if not pattern.cadence:
        return on_s >= _continuous_s(pattern.sound)
    period = len(pattern.cadence)
    last = runs[-period:]
    if len(last) < period:
        return False
    for first in range(0, period, 2):
        turned = pattern.cadence[first:] + pattern.cadence[:first]
        off_by = [heard - told for heard, told in zip(last, turned, strict=True)]
        joined = len(runs) == period and off_by[0] < -_tolerance(turned[0])
        least_s = turned[0] - _tolerance(turned[0]) if joined else again * turned[0]
        sounding = least_s <= on_s <= turned[0] + _tolerance(turned[0])
        within = [abs(off) <= _tolerance(told) for off, told in zip(off_by, turned, strict=True)]
        if sounding and all(within[1:] if joined else within):
            return True
    return False


def best_name(fitting: Sequence[Pattern]) -> tuple[ToneName, tuple[str, ...]]:
    """Return the name that stands first among ``ToneName``, and all countries it fits."""
    order = list(ToneName)
    name = min((pattern.name for pattern in fitting), key=order.index)
    return name, tuple(pattern.country for pattern in fitting if pattern.name is name)


@cache
def _continuous_s(sound: Sound) -> float:
    bursts = [p.longest_on_s for p in patterns() if p.sound == sound and p.cadence]
    return max([_CONTINUOUS_S, *bursts])


def _tolerance(seconds: float) -> float:
    return _TOLERANCE_S + _TOLERANCE * seconds
