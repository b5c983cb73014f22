"""Line signals: ring, hook, hold and mute, as events in order of time.

Comes in: a file with one JSON object a line, or whatever else satisfies `LineSource`. Goes out:
`LineSignal` events up to a time. Refuses to know: what a signal means for the call.
"""

import json
import math
from pathlib import Path
from typing import Any, Protocol

from coach.errors import RecordingError, did_you_mean
from coach.events import LineSignal
from coach.names import Party, Signal

# An event file's own lines of the type are taken as well.
_KEYS = ("t", "signal", "by", "type")
_EXPECTED = 'expected {"t": 12.3, "signal": "hold_on"}'


class LineSource(Protocol):
    """Where line signals come from: a file, GPIO inputs or a USB HID headset."""

    def until(self, t: float) -> list[LineSignal]:
        """Return the signals not yet returned that came up to ``t`` seconds of audio."""
        ...


class NoLine:
    """A call without line signals."""

    def until(self, t: float) -> list[LineSignal]:
        """Return nothing, ever."""
        return []


class LineFile:
    """Line signals of a replayed call.

    Raises RecordingError naming the file, the line and what was expected.
    """

    def __init__(self, path: Path) -> None:
        self._signals = _load(path)
        self._next = 0

    def until(self, t: float) -> list[LineSignal]:
        """Return the signals not yet returned that came up to ``t`` seconds of audio."""
        first = self._next
        while self._next < len(self._signals) and self._signals[self._next].t <= t:
            self._next += 1
        return self._signals[first : self._next]


def _load(path: Path) -> list[LineSignal]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path}: not text; {_EXPECTED} on each line") from error
    signals: list[LineSignal] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}: line {number}"
        signal = _signal(line, where)
        if signals and signal.t < signals[-1].t:
            raise RecordingError(
                f"{where}: t is {signal.t:g}, less than {signals[-1].t:g} before it; "
                "expected signals in order of time"
            )
        signals.append(signal)
    return signals


def _signal(line: str, where: str) -> LineSignal:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise RecordingError(f"{where}: not JSON: {error.msg}; {_EXPECTED}") from error
    if not isinstance(entry, dict):
        raise RecordingError(f"{where}: not an object; {_EXPECTED}")
    if entry.get("type", LineSignal.type) != LineSignal.type:
        raise RecordingError(f"{where}: an event of type {entry['type']!r}; {_EXPECTED}")
    for key in entry:
        if key not in _KEYS:
            raise RecordingError(
                f"{where}: unknown key {key!r}{did_you_mean(key, _KEYS)}; {_EXPECTED}"
            )
    t = entry.get("t")
    if isinstance(t, bool) or not isinstance(t, int | float) or not 0 <= t < math.inf:
        raise RecordingError(
            f"{where}: t must be seconds of audio, 0 or more, not {json.dumps(t)}; {_EXPECTED}"
        )
    signal = Signal(_one_of(Signal, "signal", entry.get("signal"), where))
    by = None
    if entry.get("by") is not None:
        by = Party(_one_of(Party, "by", entry["by"], where))
    return LineSignal(t=float(t), signal=signal, by=by)


def _one_of(known: type[Signal] | type[Party], key: str, value: Any, where: str) -> str:
    names = [member.value for member in known]
    if value not in names:
        near = did_you_mean(value, names) if isinstance(value, str) else ""
        raise RecordingError(
            f"{where}: unknown {key} {json.dumps(value)}{near or '; one of ' + ', '.join(names)}"
        )
    return str(value)
