import pytest
from story import (
    AGENT,
    CUSTOMER,
    agent_hangs_up,
    chat,
    closed,
    cues,
    far_end_hangs_up,
    greeted,
    lift,
    line_hold,
    phrase,
    play,
    record,
    records,
    ring,
    say,
    settings,
    speak,
)

from coach.events import Event, Noise
from coach.names import Category

HELLO = speak(CUSTOMER, 6, 9)
TALKED = [*greeted(), *HELLO]


def test_customer_hangs_up_first() -> None:
    out = play(TALKED, closed(10), far_end_hangs_up(15), agent_hangs_up(17), until=30)
    assert cues(out) == [
        (12.9, "wait_for_customer", "on"),
        (15, "wait_for_customer", "off"),
        (15, "free_to_hang_up", "on"),
        (17, "free_to_hang_up", "off"),
    ]
    fields = record(out)
    assert (fields["hung_up_first"], fields["premature_hangup"]) == ("customer", False)
    assert fields["wait_s"] == 2.5


def test_green_light_does_not_stay_for_ever_and_may_wait() -> None:
    to = settings("closing.free_after_s=1")
    out = play(TALKED, closed(10), far_end_hangs_up(15), agent_hangs_up(40), until=50, to=to)
    assert cues(out)[2:] == [(16, "free_to_hang_up", "on"), (21, "free_to_hang_up", "off")]


def test_agent_hangs_up_first_after_the_goodbye() -> None:
    out = play(TALKED, closed(10), agent_hangs_up(15), until=30)
    assert cues(out) == [
        (12.9, "wait_for_customer", "on"),
        (15, "wait_for_customer", "off"),
        (15, "premature_hang_up", "on"),
        (20, "premature_hang_up", "off"),
    ]
    fields = record(out)
    assert (fields["hung_up_first"], fields["premature_hangup"]) == ("agent", True)
    assert (fields["wait_s"], fields["polite_disconnect"]) == (2.5, False)


def test_premature_cue_goes_with_the_next_call() -> None:
    out = play(TALKED, closed(10), agent_hangs_up(15), ring(16), lift(17), until=20)
    assert cues(out)[2:] == [(15, "premature_hang_up", "on"), (16, "premature_hang_up", "off")]


def test_agent_hangs_up_in_mid_call() -> None:
    fields = record(play(TALKED, agent_hangs_up(12), until=20))
    assert (fields["premature_hangup"], "wait_s" in fields) == (True, False)


def test_reopened_call_waits_no_longer() -> None:
    out = play(TALKED, closed(10), speak(CUSTOMER, 13, 20), until=21)
    assert cues(out) == [(12.9, "wait_for_customer", "on"), (17, "wait_for_customer", "off")]


def test_without_line_signals_nobody_is_blamed() -> None:
    out = play(speak(AGENT, 2, 4), chat(4.5, 20), closed(20), until=80, line_known=False)
    assert cues(out) == []
    assert record(out)["hung_up_first"] == "unknown"


def test_a_hook_switch_alone_blames_nobody() -> None:
    out = play(TALKED, closed(10), agent_hangs_up(15), until=30, far_end_hook=False)
    assert cues(out) == []
    fields = record(out)
    assert (fields["hung_up_first"], fields["premature_hangup"]) == ("unknown", False)


def test_hook_after_an_announced_transfer_hands_the_customer_on() -> None:
    transfer = say(AGENT, Category.TRANSFER, 12, 14)
    out = play(TALKED, transfer, line_hold(15, 60), agent_hangs_up(30), until=40)
    assert cues(out) == []
    assert record(out)["premature_hangup"] is False


def test_transfer_that_came_to_nothing_excuses_no_hook() -> None:
    transfer = say(AGENT, Category.TRANSFER, 10, 12)
    fields = record(play(TALKED, transfer, closed(40), agent_hangs_up(45), until=50))
    assert fields["premature_hangup"] is True


def test_hold_in_the_closing_does_not_begin_the_wait_anew() -> None:
    out = play(TALKED, closed(10), line_hold(14, 20), far_end_hangs_up(22.5), until=25)
    assert record(out)["wait_s"] == 10


def test_hook_after_a_warning_frees_the_line() -> None:
    warned = say(AGENT, Category.WARNING, 12, 14)
    assert record(play(TALKED, warned, agent_hangs_up(17), until=20))["premature_hangup"] is False


def test_dropped_line_wants_a_call_back() -> None:
    out = play(TALKED, far_end_hangs_up(12), lift(60), speak(CUSTOMER, 65, 80), until=80)
    assert cues(out) == [(12, "call_back", "on"), (60, "call_back", "off")]
    first, second = records(out)
    assert (first["dropped"], first["hung_up_first"]) == (True, "unknown")
    assert (second["dropped"], second["called_back_after_s"]) == (False, 48)


def test_incoming_call_is_no_call_back() -> None:
    out = play(TALKED, far_end_hangs_up(12), ring(20), lift(22), HELLO, until=24)
    assert cues(out) == [(12, "call_back", "on"), (24, "call_back", "off")]
    assert "called_back_after_s" not in records(out)[1]


def test_call_back_is_given_up_in_the_end() -> None:
    to = settings("closing.call_back_s=30")
    out = play(TALKED, far_end_hangs_up(12), lift(60), until=61, to=to)
    assert cues(out) == [(12, "call_back", "on"), (42, "call_back", "off")]
    assert "called_back_after_s" not in records(out)[1]


def test_number_that_nobody_answered_is_no_dropped_line() -> None:
    out = play(lift(1), far_end_hangs_up(20), until=30)
    assert cues(out) == []
    assert record(out)["dropped"] is False


def test_anything_else() -> None:
    asked = say(AGENT, Category.ANYTHING_ELSE, 10, 12)
    assert record(play(TALKED, asked, until=20))["anything_else"] is True
    assert record(play(TALKED, until=20))["anything_else"] is False


def closing_ok(*told: list[Event]) -> bool:
    return bool(record(play(TALKED, *told, until=120))["closing_ok"])


def test_closing_needs_thanks_and_goodbye_of_the_agent_together() -> None:
    thanks = phrase(AGENT, Category.THANKS, 10, 11)
    goodbye = Category.GOODBYE
    assert closing_ok(thanks, phrase(AGENT, goodbye, 40, 41))
    assert not closing_ok(thanks, phrase(AGENT, goodbye, 40.5, 41))
    assert closing_ok(phrase(AGENT, goodbye, 9, 9.8), thanks)
    assert not closing_ok(thanks)
    assert not closing_ok(thanks, phrase(CUSTOMER, goodbye, 12, 13))


def knock(at: float) -> list[Event]:
    return [Noise(t=at + 0.7, leg=AGENT, floor_db=-60, impulses=(at,))]


@pytest.mark.parametrize(
    ("at", "clatter"), [(12.0, False), (13.1, True), (14.95, True), (15.3, False)]
)
def test_clatter_is_a_knock_in_the_last_two_seconds_of_the_line(at: float, clatter: bool) -> None:
    out = play(TALKED, closed(9), knock(at), agent_hangs_up(15), until=30)
    assert record(out)["clatter"] is clatter


def test_the_headset_may_clatter_once_the_customer_is_gone() -> None:
    told = [*far_end_hangs_up(13), *knock(16.5), *agent_hangs_up(17)]
    assert record(play(TALKED, closed(9), told, until=30))["clatter"] is False


def test_no_clatter_is_known_of_a_call_that_faded() -> None:
    out = play(HELLO, speak(AGENT, 10, 12), knock(11.9), until=60, line_known=False)
    assert "clatter" not in record(out)
