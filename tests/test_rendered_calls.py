"""Rendered Korean calls through the whole pipeline with real Vosk: the cues and the record."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from bench.hearing import events_of, vosk_spotters
from coach import settings
from coach.cli.spotting import compiled
from coach.events import CallRecord, Cue, Event
from coach.keywords.engine import Model
from coach.keywords.pack import load_pack
from coach.line import LineFile
from coach.names import Leg
from coach.pipeline import Line as LineSignals
from coach.recordings import Recording
from speech.build import Line, Pause, Say, build

KOREAN = settings.load(pairs=["unit.language='ko'"]).settings
# A cue comes within a tick of the moment it is due.
TICK_S = 0.1

Script = list[Say | Line | Pause]
Play = Callable[[Script], list[Event]]


def agent(text: str, **timing: float) -> Say:
    return Say(leg="agent", text=text, lang="ko", voice="jf_alpha", **timing)


def customer(text: str, **timing: float) -> Say:
    return Say(leg="customer", text=text, lang="ko", voice="jm_kumo", **timing)


ANSWER: Script = [
    Line(signal="ring", at=0.5),
    Line(signal="off_hook", by="agent", at=2.0),
    agent("전화 주셔서 감사합니다 무엇을 도와드릴까요", after=0.5),
    customer("지난달보다 전기 요금이 조금 더 나왔습니다"),
]
GOODBYE: Script = [
    agent("이용해 주셔서 감사합니다"),
    agent("좋은 하루 되세요", after=0.6),
]


@pytest.fixture(scope="module")
def play(korean_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Play:
    network = compiled(load_pack("ko"), KOREAN, print)
    model = Model(network.folder)

    def played(script: Script) -> list[Event]:
        folder = tmp_path_factory.mktemp("call")
        build(script, tail_s=8.0).write(folder, "call")
        recording = Recording(folder / "call-agent.flac", folder / "call-customer.flac")
        line = LineSignals(LineFile(folder / "call-line.jsonl"), hook=True, far_end=True)
        return events_of(recording, vosk_spotters(network, model, KOREAN, list(Leg)), KOREAN, line)

    return played


def cues(events: Iterable[Event]) -> list[tuple[Any, ...]]:
    return [(str(e.cue), str(e.action), e.led, e.vibration) for e in events if isinstance(e, Cue)]


def times(events: Iterable[Event]) -> list[float]:
    return [e.t for e in events if isinstance(e, Cue)]


def record(events: Iterable[Event]) -> dict[str, Any]:
    (call,) = [e for e in events if isinstance(e, CallRecord)]
    return call.fields


def has(fields: dict[str, Any], **expected: Any) -> None:
    assert {name: fields.get(name) for name in expected} == expected


def signalled(script: Script, events: list[Event], signal: str) -> float:
    return next(e.t for e in events if e.type == "line" and e.signal == signal)  # type: ignore[attr-defined]


def test_a_hold_of_150_s_against_the_limit_of_120(play: Play) -> None:
    events = play(
        [
            *ANSWER,
            Line(signal="hold_on", after=1.0),
            Line(signal="hold_off", after=150.0),
            agent("기다려 주셔서 감사합니다", after=0.3),
            *GOODBYE,
            Line(signal="on_hook", by="far_end", after=1.5),
            Line(signal="on_hook", by="agent", after=1.0),
        ]
    )
    assert cues(events) == [
        ("hold_limit", "start", "amber", None),
        ("hold_limit", "start", "red", "hold"),
        ("hold_limit", "stop", None, None),
        ("wait_for_customer", "start", "amber", "wait"),
        ("wait_for_customer", "stop", None, None),
        ("free_to_hang_up", "start", "green", None),
        ("free_to_hang_up", "stop", None, None),
    ]
    began = signalled([], events, "hold_on")
    due = [began + 90.0, began + 120.0, began + 150.0]
    assert times(events)[:3] == pytest.approx(due, abs=TICK_S + 0.02)
    fields = record(events)
    has(fields, holds=1, check_backs=0, greeting_ok=True, closing_ok=True, premature_hangup=False)
    assert fields["hold_s"] == pytest.approx(150.0, abs=0.1)
    assert fields["hold_over_limit_s"] == pytest.approx(30.0, abs=0.1)


def test_a_promise_of_one_minute_is_the_limit(play: Play) -> None:
    events = play(
        [
            *ANSWER,
            agent("일 분만 기다려 주시겠습니까"),
            customer("네"),
            Line(signal="hold_on", after=1.0),
            Line(signal="hold_off", after=75.0),
            agent("기다려 주셔서 감사합니다", after=0.3),
            *GOODBYE,
            Line(signal="on_hook", by="far_end", after=1.5),
            Line(signal="on_hook", by="agent", after=1.0),
        ]
    )
    assert cues(events)[:3] == [
        ("hold_limit", "start", "amber", None),
        ("hold_limit", "start", "red", "hold"),
        ("hold_limit", "stop", None, None),
    ]
    began = signalled([], events, "hold_on")
    due = [began + 45.0, began + 60.0, began + 75.0]
    assert times(events)[:3] == pytest.approx(due, abs=TICK_S + 0.02)
    fields = record(events)
    has(fields, hold_promised_s=60, holds=1)
    assert fields["hold_over_limit_s"] == pytest.approx(15.0, abs=0.1)


def test_the_agent_hangs_up_first(play: Play) -> None:
    events = play([*ANSWER, *GOODBYE, Line(signal="on_hook", by="agent", after=1.5)])
    assert cues(events) == [
        ("wait_for_customer", "start", "amber", "wait"),
        ("wait_for_customer", "stop", None, None),
        ("premature_hang_up", "start", "red", "wait"),
        ("premature_hang_up", "stop", None, None),
    ]
    has(record(events), premature_hangup=True, hung_up_first="agent", closing_ok=True)


def test_the_customer_hangs_up_first(play: Play) -> None:
    events = play(
        [
            *ANSWER,
            agent("다른 문의 사항은 없으십니까"),
            *GOODBYE,
            Line(signal="on_hook", by="far_end", after=2.0),
            Line(signal="on_hook", by="agent", after=1.0),
        ]
    )
    assert cues(events) == [
        ("wait_for_customer", "start", "amber", "wait"),
        ("wait_for_customer", "stop", None, None),
        ("free_to_hang_up", "start", "green", None),
        ("free_to_hang_up", "stop", None, None),
    ]
    fields = record(events)
    has(fields, premature_hangup=False, hung_up_first="customer", anything_else=True)
    assert fields["wait_s"] == pytest.approx(2.0, abs=0.7)


def test_a_customer_who_does_not_hang_up_is_left_politely(play: Play) -> None:
    silent_s = KOREAN.no_answer.silent_s
    events = play(
        [
            *ANSWER,
            *GOODBYE,
            agent("여보세요 제 말씀 들리십니까", after=silent_s + 2.0),
            agent("응답이 없으셔서 전화를 종료하겠습니다", after=KOREAN.no_answer.wait_s + 2.0),
            Line(signal="on_hook", by="agent", after=1.0),
        ]
    )
    # both lights are amber: the call-out is the wait's way out, and recorded as held back by it
    assert cues(events) == [
        ("wait_for_customer", "start", "amber", "wait"),
        ("call_out", "suppressed", None, None),
        ("wait_for_customer", "stop", None, None),
    ]
    has(
        record(events),
        called_out=True,
        disconnect_notice=True,
        polite_disconnect=True,
        premature_hangup=False,
        hung_up_first="agent",
    )
