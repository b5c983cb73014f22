"""Events: frozen, named once, and written as flat JSON objects without nulls."""

import dataclasses
import inspect
import json

import pytest

from coach import events
from coach.events import (
    CallRecord,
    CallState,
    Cue,
    Event,
    KeyPhrase,
    Level,
    LineSignal,
    Noise,
    TalkOver,
    Voice,
)
from coach.names import Category, CueAction, CueName, Leg, Party, Signal, Source, State, ToneName

KINDS = [
    kind
    for _, kind in inspect.getmembers(events, inspect.isclass)
    if issubclass(kind, Event) and kind is not Event
]

# Names that stay: logs, journals and other programs depend on them.
TYPES = (
    "breath_group "
    "key_phrase call_state voice level pace talk_over dead_air noise line cue fault "
    "tick cue_wanted call tone band"
)
CATEGORIES = (
    "greeting hold_request hold_return apology call_out disconnect_notice ask_to_hang_up "
    "check_understanding read_back back_channel anything_else thanks goodbye transfer "
    "callback_offer curt blunt warning time_promise"
)
CUES = (
    "hold_limit check_back wait_for_customer premature_hang_up free_to_hang_up call_out call_back "
    "too_loud too_quiet too_fast too_slow talk_over dead_air fault"
)
STATES = "idle ringing talking on_hold closing far_end_gone ended dropped"
TONES = "disconnect busy congestion ringback dial music dead_line"
SIGNALS = "ring off_hook on_hook hold_on hold_off mute_on mute_off"


@pytest.mark.parametrize(
    ("names", "stay"),
    [
        ([kind.type for kind in KINDS], TYPES),
        (Category, CATEGORIES),
        (CueName, CUES),
        (State, STATES),
        (Signal, SIGNALS),
        (ToneName, TONES),
        (Leg, "agent customer"),
        (Party, "agent far_end"),
        (CueAction, "start stop suppressed"),
        (Source, "line audio vosk words"),
    ],
)
def test_the_names_that_stay(names: list[str], stay: str) -> None:
    assert sorted(map(str, names)) == sorted(stay.split())


@pytest.mark.parametrize("kind", KINDS)
def test_events_are_frozen_and_documented(kind: type[Event]) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert kind.__doc__
    assert dataclasses.fields(kind)[0].name == "t"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            Level(t=12.34567, leg=Leg.AGENT, level_db=-26.12345, activity=0.5),
            '{"t": 12.346, "type": "level", "leg": "agent", "level_db": -26.123, "activity": 0.5}',
        ),
        (
            Noise(t=5.0, leg=Leg.CUSTOMER, floor_db=-70.0),
            '{"t": 5.0, "type": "noise", "leg": "customer", "floor_db": -70.0}',
        ),
        (
            Voice(t=1.0, leg=Leg.AGENT, active=False, since=0.8, drawn_s=0.31),
            '{"t": 1.0, "type": "voice", "leg": "agent", "active": false, "since": 0.8, '
            '"drawn_s": 0.31}',
        ),
        (
            LineSignal(t=3.0, signal=Signal.ON_HOOK, by=Party.FAR_END),
            '{"t": 3.0, "type": "line", "signal": "on_hook", "by": "far_end"}',
        ),
        (
            CallState(
                t=2.5,
                state=State.TALKING,
                previous=State.RINGING,
                source=Source.LINE,
                since=2.4,
            ),
            '{"t": 2.5, "type": "call_state", "state": "talking", "previous": "ringing", '
            '"source": "line", "since": 2.4}',
        ),
        (
            Cue(t=9.0, cue=CueName.FAULT, action=CueAction.SUPPRESSED, rule="T1"),
            '{"t": 9.0, "type": "cue", "cue": "fault", "action": "suppressed", "rule": "T1"}',
        ),
        (
            TalkOver(t=4.0, leg=Leg.AGENT, start=3.0, duration_s=1.0, ongoing=True),
            '{"t": 4.0, "type": "talk_over", "leg": "agent", "start": 3.0, "duration_s": 1.0, '
            '"ongoing": true}',
        ),
    ],
)
def test_an_event_is_one_flat_json_object(event: Event, line: str) -> None:
    assert json.dumps(event.as_dict()) == line


def test_a_key_phrase_names_its_category_and_source() -> None:
    phrase = KeyPhrase(
        t=7.5,
        leg=Leg.AGENT,
        category=Category.TIME_PROMISE,
        phrase="one minute",
        start=6.5,
        end=7.2,
        confidence=1.0,
        source=Source.WORDS,
        seconds=60.0,
    )
    written = phrase.as_dict()
    assert (written["category"], written["source"]) == ("time_promise", "words")
    assert written["seconds"] == 60.0
    assert "gloss" not in written


def test_the_record_of_a_call_is_flat_too() -> None:
    record = CallRecord(t=99.0, fields={"hold_s": 12.34567, "dropped": False, "wait_s": None})
    assert record.as_dict() == {"t": 99.0, "type": "call", "hold_s": 12.346, "dropped": False}


def test_the_other_leg() -> None:
    assert (Leg.AGENT.other, Leg.CUSTOMER.other) == (Leg.CUSTOMER, Leg.AGENT)


def test_an_event_without_a_time_cannot_be() -> None:
    with pytest.raises(TypeError, match="t"):
        LineSignal(signal=Signal.RING)  # type: ignore[call-arg]
