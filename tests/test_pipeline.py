"""The arrow as a whole: what passes between the rooms, with sources and sinks of the test's own."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import numpy as np
import pytest

from coach import settings as coach_settings
from coach.blocks import Back, Block, Item, Lost, Over
from coach.events import CallState, DeadAir, Event, Fault, KeyPhrase, LineSignal
from coach.frames import FRAME, Frame, silent_frame
from coach.names import Category, Leg, Party, Signal, Source, State
from coach.pins import Panel, simulated_panel
from coach.pipeline import PASSING, Line, Pipeline, play

RATE = 16000
SETTINGS = coach_settings.load(pairs=["cues.quiet_at_start_s=0"]).settings
HUM = (0.2 * np.sin(2 * np.pi * 50 * np.arange(FRAME) / RATE)).astype(np.float32)


class Signals:
    """Line signals at given times."""

    def __init__(self, *signals: tuple[float, Signal, Party | None]) -> None:
        self._signals = list(signals)

    def until(self, t: float) -> list[LineSignal]:
        due = [s for s in self._signals if s[0] <= t]
        self._signals = self._signals[len(due) :]
        return [LineSignal(t=t, signal=signal, by=by) for _, signal, by in due]


class Spotter:
    """Takes down what it is given; says one phrase at ``say_at``."""

    def __init__(self, say_at: float = -1.0) -> None:
        self.calls = 0
        self.listened: list[bool] = []
        self._say_at = say_at

    def new_call(self) -> None:
        self.calls += 1

    def push(self, frame: Frame, voiced: bool) -> list[KeyPhrase]:
        self.listened.append(voiced)
        return [self._phrase(frame.t)] if abs(frame.t - self._say_at) < 0.01 else []

    def finish(self, t: float) -> list[KeyPhrase]:
        return []

    def _phrase(self, t: float) -> KeyPhrase:
        return KeyPhrase(
            t=t,
            leg=Leg.AGENT,
            category=Category.GOODBYE,
            phrase="goodbye",
            start=t - 0.5,
            end=t,
            confidence=1.0,
            source=Source.WORDS,
        )


@pytest.fixture
def panel() -> Iterator[Panel]:
    with simulated_panel(SETTINGS.pins, 1.0) as panel:
        yield panel


def pipeline_of(
    panel: Panel, events: list[Event], spotter: Spotter, *signals: Any, hook: bool = True
) -> Pipeline:
    line = Line(Signals(*signals), hook=hook, far_end=True)
    return Pipeline(SETTINGS, dict.fromkeys(Leg, spotter), line, panel, [events.append])


def run(pipeline: Pipeline, seconds: float) -> None:
    for index in range(round(seconds * RATE / FRAME)):
        pipeline.push(silent_frame(index), silent_frame(index))
    pipeline.finish()


def states(events: list[Event]) -> list[State]:
    return [event.state for event in events if isinstance(event, CallState)]


OFF = (1.0, Signal.OFF_HOOK, Party.AGENT)


def test_a_goodbye_makes_the_light_wait_for_the_customer(panel: Panel) -> None:
    events: list[Event] = []
    pipeline = pipeline_of(panel, events, Spotter(say_at=3.0), OFF)
    for index in range(200):
        pipeline.push(silent_frame(index), silent_frame(index))
    lit = {name for name, level in panel.reading().items() if level}
    assert states(events) == [State.TALKING, State.CLOSING]
    assert lit <= {"amber", "motor"}
    assert [e.as_dict()["cue"] for e in events if e.type == "cue"] == ["wait_for_customer"]
    pipeline.finish()
    assert not any(panel.reading().values())


def test_what_passes_between_rooms_alone_reaches_sinks_but_is_marked(panel: Panel) -> None:
    events: list[Event] = []
    run(pipeline_of(panel, events, Spotter(say_at=3.0), OFF), 5.0)
    kinds = {type(event) for event in events}
    assert set(PASSING) <= kinds


def test_nobody_listens_between_calls(panel: Panel) -> None:
    spotter = Spotter()
    pipeline = pipeline_of(panel, [], spotter, OFF, (2.0, Signal.ON_HOOK, Party.AGENT))
    pipeline.features.voiced = dict.fromkeys(Leg, True)
    for index in range(200):
        pipeline.push(Frame(index, (index + 1) * 0.02, HUM), silent_frame(index))
    assert spotter.calls == 2  # one call, both legs
    settled = int((2.0 + SETTINGS.call.settle_s + 0.1) / 0.02) * 2
    assert not any(spotter.listened[settled:])


def test_silence_on_hold_is_no_dead_air(panel: Panel) -> None:
    limit_s = SETTINGS.dead_air.limit_s

    def silences(*signals: Any) -> list[Event]:
        events: list[Event] = []
        pipeline = pipeline_of(panel, events, Spotter(), OFF, *signals)
        count = round((limit_s + 4.0) * 50)
        voice = np.random.default_rng(1).normal(0, 0.1, FRAME).astype(np.float32)
        buzz = HUM * 0 + np.sign(np.sin(2 * np.pi * 150 * np.arange(FRAME) / RATE)) * 0.2 + voice
        for index in range(count):
            loud = 60 <= index < 120 or index > count - 60
            frame = Frame(index, (index + 1) * 0.02, buzz.astype(np.float32))
            pipeline.push(frame if loud else silent_frame(index), silent_frame(index))
        pipeline.finish()
        return [event for event in events if isinstance(event, DeadAir)]

    assert [silence.type for silence in silences()] == ["dead_air", "dead_air"]
    assert silences((3.0, Signal.HOLD_ON, None)) == []


def test_a_sinks_fault_is_shown_and_told(panel: Panel) -> None:
    events: list[Event] = []

    def full(event: Event) -> Fault | None:
        if isinstance(event, CallState):
            return Fault(t=event.t, part="journal", what="No space left on device")
        return None

    line = Line(Signals(OFF), hook=True, far_end=True)
    spotters = {leg: Spotter() for leg in Leg}
    pipeline = Pipeline(SETTINGS, spotters, line, panel, [events.append, full])
    run(pipeline, 2.0)
    assert {e.part for e in events if isinstance(e, Fault)} == {"journal"}
    assert "fault" in {e.as_dict().get("cue") for e in events if e.type == "cue"}


class Tape:
    """A source that yields the items it was given."""

    rates = dict.fromkeys(Leg, RATE)

    def __init__(self, *items: Item) -> None:
        self._items = items

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close nothing."""

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)


def second(leg: Leg, dropped: int = 0) -> Block:
    return Block(leg, np.zeros(RATE, np.float32), RATE, dropped=dropped)


def test_a_lost_device_is_a_fault_until_it_is_back(panel: Panel) -> None:
    events: list[Event] = []
    pipeline = pipeline_of(panel, events, Spotter())
    tape = Tape(
        second(Leg.AGENT),
        second(Leg.CUSTOMER),
        Lost(Leg.AGENT, "USB headset", "no audio for 1 s"),
        Back(Leg.AGENT, "USB headset"),
        Over(Leg.AGENT),
        Over(Leg.CUSTOMER),
    )
    with tape:
        play(tape, pipeline, SETTINGS, lambda: None)
    faults = [event for event in events if isinstance(event, Fault)]
    assert [(f.part, f.cleared) for f in faults] == [("microphone", False), ("microphone", True)]
    assert faults[0].t == pytest.approx(1.0, abs=0.03)
    assert "USB headset" in faults[0].what


def test_dropped_samples_keep_their_time_and_are_counted(panel: Panel) -> None:
    events: list[Event] = []
    pipeline = pipeline_of(panel, events, Spotter())
    tape = Tape(
        second(Leg.AGENT, dropped=RATE // 2),
        second(Leg.CUSTOMER),
        Over(Leg.AGENT),
        Over(Leg.CUSTOMER),
    )
    passes = []
    play(tape, pipeline, SETTINGS, lambda: passes.append(pipeline.t))
    assert passes[-1] == pytest.approx(1.5)
    assert next(f.what for f in events if isinstance(f, Fault)) == "8000 samples dropped"
