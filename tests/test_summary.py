"""The summary of a call, as the agent reads it."""

from typing import Any

import pytest

from coach.events import CallRecord
from coach.summary import GOOD, NEXT_TIME, NOTED, Line, lines, summary

WELL = {
    "started_s": 4.0,
    "duration_s": 245.3,
    "talk_s": 215.3,
    "direction": "incoming",
    "source": "line",
    "answered": True,
    "answer_rings": 2,
    "greeting_ok": True,
    "greeting_delay_s": 1.24,
    "drawled_greeting": False,
    "level_db": -22.42,
    "level_outside_s": 3.0,
    "level_drift_db": 1.58,
    "level_speech_s": 61.5,
    "pace_sps": 4.0,
    "pace_outside_s": 0.0,
    "interruptions": 0,
    "dead_air_s": 0.0,
    "dead_air_excused_s": 0.0,
    "noise_floor_db": -61.5,
    "snr_db": 38.0,
    "impulses_per_min": 0.0,
    "clatter": False,
    "holds": 1,
    "hold_s": 30.0,
    "hold_longest_s": 30.0,
    "hold_promised_s": 60.0,
    "hold_over_limit_s": 0.0,
    "check_backs": 0,
    "called_out": False,
    "disconnect_notice": False,
    "anything_else": True,
    "closing_ok": True,
    "hung_up_first": "customer",
    "premature_hangup": False,
    "wait_s": 1.5,
    "polite_disconnect": False,
    "dropped": False,
    "called_back_after_s": None,
}


def call(**fields: Any) -> CallRecord:
    return CallRecord(t=250.0, fields=WELL | fields)


def about(record: CallRecord, *rules: str) -> list[Line]:
    return [line for line in lines(record) if line.rule in rules]


def test_a_call_gone_well_has_nothing_for_next_time() -> None:
    assert {line.verdict for line in lines(call())} == {GOOD, NOTED}


def test_groups_come_in_the_order_of_the_call_without_leftovers() -> None:
    groups = list(dict.fromkeys(line.group for line in lines(call())))
    assert groups == ["the call", "answering", "talking", "hold", "closing"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"level_drift_db": -7.25},
            Line("talking", NOTED, "level against your own: -7.2 dB", "T1"),
        ),
        (
            {"answer_rings": 5},
            Line("answering", NEXT_TIME, "rings: 5, try for the third at most", "A1"),
        ),
        (
            {"greeting_ok": False},
            Line("answering", NEXT_TIME, "no greeting heard in time, first word after 1.2 s", "A3"),
        ),
        (
            {"level_outside_s": 41.0},
            Line(
                "talking",
                NEXT_TIME,
                "volume outside your band for 41 s (level -22.4 dBov)",
                "T1",
            ),
        ),
        (
            {"dead_air_excused_s": 18.0},
            Line("talking", GOOD, "18 s of silence announced", "T5"),
        ),
        (
            {"impulses_per_min": 12.5},
            Line("talking", NOTED, "keys or knocks over the customer: 12.5 a min", "T11"),
        ),
        (
            {"clatter": True},
            Line("closing", NEXT_TIME, "clatter at the end: put the headset down gently", "C4"),
        ),
        ({"interruptions": 2}, Line("talking", NEXT_TIME, "interruptions: 2", "T3")),
        (
            {"dead_air_s": 12.0},
            Line("talking", NEXT_TIME, "12 s of silence: say what you are doing", "T5"),
        ),
        (
            {"hold_over_limit_s": 30.0},
            Line("hold", NEXT_TIME, "30 s over: go back sooner", "H4"),
        ),
        (
            {"closing_ok": False},
            Line("closing", NEXT_TIME, "thanks and goodbye not both heard", "C2"),
        ),
        (
            {"hung_up_first": "agent", "premature_hangup": True},
            Line("closing", NEXT_TIME, "let them hang up first", "C3"),
        ),
        (
            {"hung_up_first": "agent", "polite_disconnect": True},
            Line("closing", GOOD, "ended the call the polite way", "C5"),
        ),
        ({"called_back_after_s": 9.5}, Line("closing", NOTED, "called back after 9.5 s", "D1")),
        ({"dropped": True}, Line("closing", NOTED, "the line dropped: call back at once", "D1")),
    ],
)
def test_what_went_otherwise_is_said_with_its_rule(fields: dict[str, Any], expected: Line) -> None:
    assert expected in lines(call(**fields))


def test_who_hung_up_first_is_said_as_the_agent_would() -> None:
    words = [line.words for line in about(call(hung_up_first="agent"), "C3")]
    assert words[-1] == "hung up first: you, 1.5 s after goodbye"


def test_a_call_without_hold_has_no_hold_lines() -> None:
    none = {"holds": 0, "hold_s": 0.0, "hold_longest_s": 0.0, "hold_promised_s": None}
    assert "hold" not in {line.group for line in lines(call(**none))}


def test_a_dropped_call_is_not_blamed_for_its_missing_goodbye() -> None:
    record = call(dropped=True, anything_else=False, closing_ok=False, wait_s=None)
    assert not about(record, "C1", "C2")


def test_what_was_not_measured_is_not_praised() -> None:
    record = call(level_db=None, level_outside_s=0.0, level_drift_db=None, hung_up_first="unknown")
    assert not about(record, "T1")
    assert [line.verdict for line in about(record, "C3")] == [NOTED]


def test_unknown_fields_are_shown_as_they_are() -> None:
    found = lines(call(echo_db=18.24, hum=True, lamps=[1.0, 2.5]))[-3:]
    assert [line.words for line in found] == ["echo_db: 18.2", "hum: yes", "lamps: 1, 2.5"]


def test_every_field_of_the_record_is_shown_or_known() -> None:
    assert "also" not in {line.group for line in lines(call())}


def test_plain_text_fits_80_columns_and_needs_no_colour() -> None:
    flipped = {name: not value for name, value in WELL.items() if isinstance(value, bool)}
    flipped |= {"answer_rings": 5, "greeting_delay_s": None, "wait_s": 123.4}
    text = summary(call(**flipped, pace_outside_s=120.0)).plain
    assert text.startswith("Your call\n  the call  ")
    assert max(map(len, text.splitlines())) <= 80
    assert "  talking   good       volume in your band (level -22.4 dBov)  (T1)" in text
    assert "            next time  pace outside the band for 120 s (4 syllables/s)  (T2)" in text
