"""The live view: what a reader must see on 80 x 24, with and without colour."""

import io
import pty
from dataclasses import replace
from itertools import product
from os import close, fdopen

import pytest
from rich.console import Console

from coach.events import (
    CallState,
    Cue,
    Fault,
    KeyPhrase,
    Level,
    LineSignal,
    Voice,
)
from coach.names import Category, CueAction, CueName, Leg, Signal, Source, State
from coach.plain import PlainView
from coach.rules.parts import HoldClock
from coach.settings import load
from coach.view import LiveView, hold_limit, open_view

SETTINGS = load(files=()).settings
DARK = dict.fromkeys(("red", "amber", "green", "blue"), 0.0)
QUIET = {Leg.AGENT: -70.0, Leg.CUSTOMER: -70.0}


def console(height: int = 24, width: int = 80) -> Console:
    return Console(
        record=True,
        width=width,
        height=height,
        force_terminal=True,
        color_system="truecolor",
        file=io.StringIO(),
    )


def live() -> LiveView:
    return LiveView(SETTINGS, "demo call", console())


def seen(view: LiveView, styles: bool = False, height: int = 24) -> str:
    screen = console(height)
    screen.print(view.picture())
    return screen.export_text(styles=styles)


def row(view: LiveView, name: str) -> str:
    """Return the picture's row of that name without frame and padding."""
    (found,) = [line for line in seen(view).splitlines() if line.startswith(f"│ {name} ")]
    return found.strip("│ ").removeprefix(name).strip()


def at(view: LiveView, t: float) -> LiveView:
    view.frame(t, QUIET, DARK, 0.0)
    return view


def state(t: float, new: State, source: Source = Source.LINE) -> CallState:
    return CallState(t=t, state=new, previous=State.TALKING, source=source, since=t)


def promise(end: float, seconds: float, leg: Leg = Leg.AGENT) -> KeyPhrase:
    return KeyPhrase(
        t=end + 0.4,
        leg=leg,
        category=Category.TIME_PROMISE,
        phrase="일 분만 기다려 주세요",
        start=end - 1.0,
        end=end,
        confidence=0.9,
        source=Source.VOSK,
        seconds=seconds,
        gloss="one minute, please",
    )


def cue(name: CueName, action: CueAction = CueAction.START, led: str | None = "red") -> Cue:
    return Cue(t=5.0, cue=name, action=action, led=led, rule="H4")


def test_before_the_call_every_row_says_so_in_words() -> None:
    view = live()
    assert row(view, "Call") == "no call"
    assert row(view, "Hold") == "nobody on hold"
    assert row(view, "Cue") == "none"
    assert row(view, "Heard") == "no key-phrase yet"
    assert " ".join(row(view, "LEDs").split()) == "○ red off ○ amber off ○ green off ○ blue off"
    assert row(view, "Motor").endswith("still")


@pytest.mark.parametrize(
    ("source", "known"),
    [(Source.LINE, "from the line"), (Source.AUDIO, "worked out from the audio")],
)
def test_call_state_says_how_it_is_known(source: Source, known: str) -> None:
    view = live()
    view.push(state(33.0, State.ON_HOLD, source))
    assert row(view, "Call") == f"customer on hold  since 33.0 s, {known}"


def test_meters_show_level_now_speech_level_and_who_speaks() -> None:
    view = live()
    view.push(Voice(t=1.0, leg=Leg.AGENT, active=True, since=0.9))
    view.push(Level(t=1.0, leg=Leg.AGENT, level_db=-22.4, activity=0.5))
    view.frame(1.0, {Leg.AGENT: -30.0, Leg.CUSTOMER: float("-inf")}, DARK, 0.0)
    agent, customer = row(view, "Agent"), row(view, "Customer")
    assert agent.startswith("█" * 15 + "····┃")
    assert agent.endswith("speaks   -30  speech -22.4 dBov")
    assert customer.startswith("·" * 30)
    assert "silent   -99  speech level unknown" in customer
    view.push(Voice(t=2.0, leg=Leg.AGENT, active=False, since=1.9))
    assert "silent" in row(view, "Agent")


def test_meter_is_full_not_broken_over_full_scale() -> None:
    view = live()
    view.push(Level(t=1.0, leg=Leg.AGENT, level_db=3.0, activity=0.5))
    view.frame(1.0, {Leg.AGENT: 6.0, Leg.CUSTOMER: 0.0}, DARK, 0.0)
    assert row(view, "Agent").startswith("█" * 29 + "┃ ")
    assert row(view, "Customer").startswith("█" * 30 + " ")


@pytest.mark.parametrize(
    ("t", "words", "ink"),
    [
        (100.0, "0 of 120 s  green: 120 s left", 32),
        (189.9, "89 of 120 s  green: 31 s left", 32),
        (190.0, "90 of 120 s  amber: 30 s left", 33),
        (219.9, "119 of 120 s  amber: 1 s left", 33),
        (220.0, "120 of 120 s  red: 0 s over", 31),
        (250.5, "150 of 120 s  red: 30 s over", 31),
    ],
)
def test_hold_clock_turns_amber_then_red(t: float, words: str, ink: int) -> None:
    view = live()
    view.push(state(100.0, State.ON_HOLD))
    assert row(at(view, t), "Hold").endswith(words)
    colour = words.split("  ")[1]
    assert f"\x1b[1;{ink}m{colour}" in seen(view, styles=True)


def test_hold_clock_fills_and_stops_at_full() -> None:
    view = live()
    view.push(state(100.0, State.ON_HOLD))
    assert row(at(view, 160.0), "Hold").startswith("█" * 12 + "·" * 12 + " 60")
    assert row(at(view, 900.0), "Hold").startswith("█" * 24 + " 800")


def test_hold_clock_runs_against_the_agents_promise() -> None:
    view = live()
    view.push(promise(30.0, 60.0))
    view.push(promise(31.0, 10.0, leg=Leg.CUSTOMER))
    view.push(state(33.0, State.ON_HOLD))
    view.push(promise(70.0, 180.0))  # deep in the hold, to nobody
    assert "40 of 60 s promised  green: 20 s left" in row(at(view, 73.0), "Hold")


def test_hold_clock_is_gone_with_the_hold() -> None:
    view = live()
    view.push(state(33.0, State.ON_HOLD))
    view.push(state(60.0, State.TALKING))
    assert row(at(view, 61.0), "Hold") == "nobody on hold"


def test_hold_limit_is_the_one_the_rules_go_by() -> None:
    times = (-25.0, -15.1, -15.0, -1.0, 0.0, 3.0, 5.0, 5.1, 8.0)
    for offset, seconds in product(times, (30.0, 60.0, 180.0, 600.0)):
        said = promise(100.0 + offset, seconds)
        clock = HoldClock().promise(seconds, said.start, said.end).begin(100.0)
        assert hold_limit(SETTINGS.hold, said, 100.0) == clock.limit_s(SETTINGS.hold)
    assert hold_limit(SETTINGS.hold, None, 100.0) == SETTINGS.hold.limit_s


def test_leds_are_dots_with_brightness_and_words() -> None:
    view = live()
    view.frame(1.0, QUIET, DARK | {"red": 0.6, "blue": 1.0}, 0.0)
    assert " ".join(row(view, "LEDs").split()) == "● red 60% ○ amber off ○ green off ● blue 100%"
    styled = seen(view, styles=True)
    assert "\x1b[38;2;80;150;255m●" in styled
    # 60 % of the light is 79 % of the screen's scale
    assert "\x1b[38;2;202;48;40m●" in styled


def test_motor_buzzes_while_it_turns() -> None:
    view = live()
    view.frame(1.0, QUIET, DARK, 0.8)
    assert row(view, "Motor") == "((≈≈≈)) buzzing at 80%"
    assert row(at(view, 1.2), "Motor").endswith("still")


def test_active_cue_is_advice_until_it_stops() -> None:
    view = live()
    view.push(cue(CueName.WAIT_FOR_CUSTOMER, led="amber"))
    assert row(view, "Cue") == "Wait: let the customer hang up first  (H4)"
    view.push(cue(CueName.TALK_OVER, CueAction.SUPPRESSED))
    view.push(cue(CueName.DEAD_AIR, CueAction.STOP))
    assert row(view, "Cue").startswith("Wait:")
    view.push(cue(CueName.WAIT_FOR_CUSTOMER, CueAction.STOP, led=None))
    assert row(view, "Cue") == "none"


def test_hold_cue_in_amber_is_only_a_warning() -> None:
    view = live()
    view.push(cue(CueName.HOLD_LIMIT, led="amber"))
    assert row(view, "Cue").startswith("Hold: time is nearly up")
    view.push(cue(CueName.HOLD_LIMIT, led="red"))
    assert row(view, "Cue").startswith("Hold: time is up, go back")


def test_last_phrase_with_leg_source_and_gloss() -> None:
    view = live()
    view.push(promise(30.0, 60.0))
    assert row(view, "Heard") == "agent, time_promise, at 29.0 s, by vosk"
    assert '"일 분만 기다려 주세요" = one minute, please' in seen(view)


def test_phrases_with_brackets_are_shown_as_they_are() -> None:
    view = LiveView(SETTINGS, "[red]call[/red]", console())
    view.push(replace(promise(30.0, 60.0), phrase="[bold]hello[/nothing]"))
    text = seen(view)
    assert '"[bold]hello[/nothing]"' in text
    assert "[red]call[/red]" in text


@pytest.mark.parametrize("height", [24, 18, 15])
def test_picture_fits_the_terminal_however_much_happens(height: int) -> None:
    screen = console(height)
    view = LiveView(SETTINGS, "demo call", screen)
    for n in range(40):
        view.push(LineSignal(t=float(n), signal=Signal.RING))
    view.push(Fault(t=40.0, part="microphone", what="gone, " * 40))
    screen.print(view.picture())
    text = screen.export_text().splitlines()
    assert len(text) < height
    assert {len(line) for line in text} == {80}
    assert "fault" in text[-2]


def test_live_view_leaves_the_last_state_standing() -> None:
    screen = console()
    with LiveView(SETTINGS, "demo call", screen) as view:
        for n in range(50):  # faster than it redraws
            view.push(Fault(t=n / 10, part="pins", what=f"number {n}"))
            view.frame(n / 10, QUIET, DARK, 0.0)
    last = screen.export_text().rpartition("headset coach")[2]
    assert "4.9 s" in last
    assert "number 49" in last


def test_plain_view_where_there_is_no_terminal() -> None:
    assert isinstance(open_view(SETTINGS, "call", io.StringIO()), PlainView)


@pytest.mark.parametrize(
    ("term", "encoding", "plain", "kind"),
    [
        ("xterm-256color", "utf-8", False, LiveView),
        ("xterm-256color", "utf-8", True, PlainView),
        ("xterm-256color", "ascii", False, PlainView),
        ("dumb", "utf-8", False, PlainView),
    ],
)
def test_live_view_only_on_a_terminal_that_can_draw_it(
    term: str, encoding: str, plain: bool, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    far, near = pty.openpty()
    with fdopen(near, "w", encoding=encoding) as stream:
        assert isinstance(open_view(SETTINGS, "call", stream, plain), kind)
    close(far)
