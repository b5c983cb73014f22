"""The call as it happens, on a terminal of 80 x 24: meters, call state, hold clock, cue, lights.

Comes in: every event, and meters, LEDs and motor as they are. Goes out: a picture that is redrawn
in place. Refuses to know: rules and patterns; it shows what the wearer is shown, and says beside
every colour in words what the colour means. The wall clock only thins out redraws.
"""

import time
from collections import deque
from collections.abc import Mapping
from math import ceil
from typing import Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from coach.events import (
    CallState,
    Cue,
    Event,
    KeyPhrase,
    Level,
    Voice,
)
from coach.names import CueAction, CueName, Leg, State
from coach.patterns import EARLY_LED, EARLY_SAYS, LOOKS
from coach.plain import KNOWN, STATES, PlainView, View, notable
from coach.rules.parts import PROMISE_AFTER_S, HoldClock
from coach.sections import Hold
from coach.settings import Settings

REDRAW_S = 1 / 15
METER_CELLS = 30
HOLD_CELLS = 24
METER_FLOOR_DB = -60.0
FRAME_ROWS = 14  # rows that are not the list of events, with one for the cursor below
LATELY = 9

# sRGB of each LED at full brightness
HUES = {
    "red": (255, 60, 50),
    "amber": (255, 170, 0),
    "green": (40, 220, 90),
    "blue": (80, 150, 255),
}
# words in those colours, by names that 16-colour terminals have too
INKS = {"red": "bold red", "amber": "bold yellow", "green": "bold green", "blue": "bold blue"}


def open_view(settings: Settings, title: str, stream: TextIO, plain: bool = False) -> View:
    """Return the live view if ``stream`` is a terminal that can draw it, else the plain one."""
    console = Console(file=stream)
    if plain or not stream.isatty() or console.is_dumb_terminal or console.options.ascii_only:
        return PlainView(stream)
    return LiveView(settings, title, console)


def hold_limit(hold: Hold, promise: KeyPhrase | None, since: float) -> float:
    """Return the seconds a hold that began at ``since`` may last, as rules H3 and H4 have it.

    The agent's last ``promise`` counts if it was made within ``promise_within_s`` before the hold
    or as it began.
    """
    clock = HoldClock(since=since)
    if promise is not None and promise.seconds:
        clock = HoldClock(since=since, offer_s=promise.seconds, offered=promise.end)
    return clock.limit_s(hold)


class LiveView:
    """The live picture; a context manager that leaves the last one standing."""

    def __init__(self, settings: Settings, title: str, console: Console | None = None) -> None:
        self._settings = settings
        self._title = title
        self._console = console or Console()
        # a refresh thread of its own would draw from half-taken events
        self._live = Live(console=self._console, auto_refresh=False)
        self._drawn = float("-inf")
        self._t = 0.0
        self._meter_db: Mapping[Leg, float] = {}
        self._leds: Mapping[str, float] = {}
        self._motor = 0.0
        self._speaking = dict.fromkeys(Leg, False)
        self._level: dict[Leg, Level] = {}
        self._call: CallState | None = None
        self._promise: KeyPhrase | None = None
        self._phrase: KeyPhrase | None = None
        self._cue: Cue | None = None
        self._lately: deque[str] = deque(maxlen=LATELY)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._live.update(self.picture(), refresh=True)
        self._live.stop()

    def push(self, event: Event) -> None:
        """Take the next event; it is seen with the next frame."""
        match event:
            case Voice():
                self._speaking[event.leg] = event.active
            case Level():
                self._level[event.leg] = event
            case CallState():
                self._call = event
            case KeyPhrase():
                self._phrase = event
                if event.leg is Leg.AGENT and event.seconds and not self._deep_in_hold(event.start):
                    self._promise = event
            case Cue(action=CueAction.START):
                self._cue = event
            case Cue(action=CueAction.STOP) if self._cue and self._cue.cue is event.cue:
                self._cue = None
        line = notable(event)
        if line is not None:
            self._lately.append(line)

    def frame(
        self, t: float, meter_db: Mapping[Leg, float], leds: Mapping[str, float], motor: float
    ) -> None:
        """Take the state at ``t`` (s of audio): meters in dBov, LEDs and motor 0..1 of full."""
        self._t, self._motor = t, motor
        self._meter_db, self._leds = dict(meter_db), dict(leds)
        now = time.monotonic()
        if now - self._drawn >= REDRAW_S:
            self._drawn = now
            self._live.update(self.picture(), refresh=True)

    def picture(self) -> Panel:
        """Return the picture at the last frame, as high as the terminal allows."""
        room = max(1, min(LATELY, self._console.height - FRAME_ROWS))
        lately = [*self._lately][-room:]
        lines = (
            self._state_line(),
            *(self._meter_line(leg) for leg in Leg),
            self._scale_line(),
            self._hold_line(),
            self._led_line(),
            self._motor_line(),
            self._cue_line(),
            *self._phrase_lines(),
        )
        past = [Text(text) for text in lately + [""] * (room - len(lately))]
        for line in (*lines, *past):
            line.no_wrap, line.overflow = True, "ellipsis"
        title = Text(f" headset coach: {self._title} · {self._t:6.1f} s ", style="bold")
        return Panel(Group(*lines, Rule("lately", style="dim"), *past), title=title)

    def _deep_in_hold(self, t: float) -> bool:
        call = self._call
        return call is not None and call.state is State.ON_HOLD and t > call.since + PROMISE_AFTER_S

    def _state_line(self) -> Text:
        if self._call is None:
            return _row("Call", (STATES[State.IDLE], "bold"))
        since = f"  since {self._call.since:.1f} s, {KNOWN[self._call.source]}"
        return _row("Call", (STATES[self._call.state], "bold"), since)

    def _meter_line(self, leg: Leg) -> Text:
        now_db = self._meter_db.get(leg, float("-inf"))
        filled = _cell(now_db)
        bar = Text("█" * filled, "green") + Text("·" * (METER_CELLS - filled), "dim")
        active = self._level.get(leg)
        level = "speech level unknown"
        if active is not None:
            mark = _mark(active.level_db)
            bar = bar[:mark] + Text("┃", "bold white") + bar[mark + 1 :]
            level = f"speech {active.level_db:5.1f} dBov"
        word = ("speaks", "bold green") if self._speaking[leg] else ("silent", "dim")
        return _row(leg.capitalize(), bar, " ", word, f"  {max(now_db, -99.0):4.0f}  {level}")

    def _scale_line(self) -> Text:
        cells = list("-60".ljust(METER_CELLS - 1) + "0")
        band = self._settings.level
        cells[_mark(band.band_low_db)], cells[_mark(band.band_high_db)] = "[]"
        return _row("dBov", ("".join(cells), "dim"), (" ┃ speech level  [ ] your band", "dim"))

    def _hold_line(self) -> Text:
        hold = self._settings.hold
        if self._call is None or self._call.state is not State.ON_HOLD:
            return _row("Hold", ("nobody on hold", "dim"))
        limit = hold_limit(hold, self._promise, self._call.since)
        spent = max(0.0, self._t - self._call.since)
        if spent >= limit:
            colour, words = "red", f"red: {int(spent - limit)} s over"
        elif spent >= limit * hold.warn_share:
            colour, words = "amber", f"amber: {ceil(limit - spent)} s left"
        else:
            colour, words = "green", f"green: {ceil(limit - spent)} s left"
        style = INKS[colour]
        filled = round(min(1.0, spent / limit) * HOLD_CELLS)
        bar = Text("█" * filled, style) + Text("·" * (HOLD_CELLS - filled), "dim")
        promised = "" if limit == hold.limit_s else " promised"
        return _row("Hold", bar, f" {int(spent)} of {limit:.0f} s{promised}  ", (words, style))

    def _led_line(self) -> Text:
        line = _row("LEDs")
        for name, hue in HUES.items():
            duty = min(max(self._leds.get(name, 0.0), 0.0), 1.0)
            # PWM is linear in light, a screen is not (sRGB, about gamma 2.2)
            lit = "#" + "".join(f"{round(part * duty ** (1 / 2.2)):02x}" for part in hue)
            dot = ("●", lit) if duty else ("○", "dim")
            line.append(*dot).append(f" {name} {f'{duty:.0%}' if duty else 'off':<6}")
        return line

    def _motor_line(self) -> Text:
        if self._motor > 0:
            return _row("Motor", ("((≈≈≈)) buzzing", "bold"), f" at {self._motor:.0%}")
        return _row("Motor", ("( --- ) still", "dim"))

    def _cue_line(self) -> Text:
        cue = self._cue
        if cue is None:
            return _row("Cue", ("none", "dim"))
        colour = (cue.led or "").partition("/")[0]
        # the first warning of the hold clock is the same cue in amber
        early = cue.cue is CueName.HOLD_LIMIT and colour == EARLY_LED
        advice = EARLY_SAYS if early else LOOKS[cue.cue].says
        return _row("Cue", (advice, INKS.get(colour, "bold")), f"  ({cue.rule})")

    def _phrase_lines(self) -> list[Text]:
        heard = self._phrase
        if heard is None:
            return [_row("Heard", ("no key-phrase yet", "dim")), _row("")]
        who = Text(f"{heard.leg}, {heard.category}, at {heard.start:.1f} s, by {heard.source}")
        gloss = f" = {heard.gloss}" if heard.gloss else ""
        return [_row("Heard", who), _row("", (f'"{heard.phrase}"', "bold"), gloss)]


def _row(name: str, *parts: str | Text | tuple[str, str]) -> Text:
    return Text.assemble((f"{name:<9} ", "cyan"), *parts)


def _cell(db: float) -> int:
    """Return how many cells of a meter a level in dBov fills, 0 to ``METER_CELLS``."""
    share = (max(db, METER_FLOOR_DB) - METER_FLOOR_DB) / -METER_FLOOR_DB
    return min(METER_CELLS, round(share * METER_CELLS))


def _mark(db: float) -> int:
    """Return the cell of a meter that a level in dBov lies in."""
    return min(_cell(db), METER_CELLS - 1)
