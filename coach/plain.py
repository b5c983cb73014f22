"""What a view is, its words, and the view without a terminal: one line per notable event.

Comes in: every event, and meters, LEDs and motor as they are. Goes out: lines on a text stream.
Refuses to know: who makes events, what a cue looks like, any clock but the events' own.
"""

import io
from collections.abc import Mapping
from typing import Protocol, Self, TextIO

from coach.events import (
    AgentBand,
    CallState,
    Cue,
    DeadAir,
    Event,
    Fault,
    KeyPhrase,
    LineSignal,
    TalkOver,
    Tone,
)
from coach.names import CueAction, Leg, Source, State

STATES = {
    State.IDLE: "no call",
    State.RINGING: "ringing",
    State.TALKING: "talking",
    State.ON_HOLD: "customer on hold",
    State.CLOSING: "saying goodbye",
    State.FAR_END_GONE: "the customer has hung up",
    State.ENDED: "ended",
    State.DROPPED: "the line dropped",
}

# how a call state is known
KNOWN = {Source.LINE: "from the line", Source.AUDIO: "worked out from the audio"}


class View(Protocol):
    """Somebody watching a call; entered before the first event, left after the last."""

    def push(self, event: Event) -> None:
        """Take the next event, whatever its type."""

    def frame(
        self, t: float, meter_db: Mapping[Leg, float], leds: Mapping[str, float], motor: float
    ) -> None:
        """Take the state at ``t`` (s of audio): meters in dBov, LEDs and motor 0..1 of full."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...


class PlainView:
    """Writes a line for each notable event as it comes; meters and lights are left out."""

    def __init__(self, stream: TextIO) -> None:
        # a phrase in Korean must not end a replay that is piped into an ASCII log
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
        self._stream = stream

    def push(self, event: Event) -> None:
        """Write the event's line, where it is notable."""
        line = notable(event)
        if line is not None:
            print(line, file=self._stream, flush=True)

    def frame(
        self, t: float, meter_db: Mapping[Leg, float], leds: Mapping[str, float], motor: float
    ) -> None:
        """Write nothing: a plain log shows changes, and those come as events."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass


def notable(event: Event) -> str | None:
    """Return the event as one line of plain words; None for what only meters show."""
    words = _words(event)
    return None if words is None else f"{event.t:6.1f} s  {event.type:<10} {words}"


def _words(event: Event) -> str | None:
    match event:
        case CallState():
            by = f" by {event.by}" if event.by else ""
            late = f", since {event.since:.1f} s" if event.t - event.since >= 0.5 else ""
            return f"{event.state}{by}  (was {event.previous}; known from {event.source}{late})"
        case KeyPhrase():
            gloss = f" = {event.gloss}" if event.gloss else ""
            promise = "" if event.seconds is None else f", promises {event.seconds:.0f} s"
            known = f"({event.source} {event.confidence:.2f}{promise})"
            return f'{event.leg} {event.category}  "{event.phrase}"{gloss}  {known}'
        case Cue():
            shown = ""
            if event.action is CueAction.START:
                vibration = f"vibration {event.vibration}" if event.vibration else None
                shown = ", ".join(part for part in (event.led, vibration) if part)
            parts = (f"{event.cue} {event.action}", shown or event.reason, f"({event.rule})")
            return "  ".join(part for part in parts if part)
        case LineSignal():
            return f"{event.signal}" + (f" by {event.by}" if event.by else "")
        case Tone():
            where = f" ({', '.join(event.countries)})" if event.countries else ""
            since = f", since {event.since:.1f} s" if event.ongoing else " is over"
            return f"{event.leg} {event.tone.replace('_', ' ')}{where}{since}"
        case TalkOver():
            if event.ongoing:
                return f"{event.leg} came in while the {event.leg.other} was speaking"
            return f"over after {event.duration_s:.1f} s; the {event.leg} had come in"
        case DeadAir():
            if event.ongoing:
                return f"nobody has spoken for {event.duration_s:.0f} s"
            return f"over after {event.duration_s:.0f} s"
        case AgentBand():
            return f"your own: {event.low_db:.1f} to {event.high_db:.1f} dBov (by {event.how})"
        case Fault():
            return f"{event.part}: {event.what}" + ("  (works again)" if event.cleared else "")
        case _:
            return None
