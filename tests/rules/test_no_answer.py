import pytest
from story import (
    AGENT,
    CUSTOMER,
    agent_hangs_up,
    closed,
    cues,
    far_end_hangs_up,
    greeted,
    lift,
    line_hold,
    play,
    record,
    say,
    speak,
    states,
)

from coach.events import Event
from coach.names import Category

# Greeting over at 5 s, and no word from the customer.
CALLED_OUT = say(AGENT, Category.CALL_OUT, 14, 15)
ANNOUNCED = say(AGENT, Category.DISCONNECT_NOTICE, 18, 19.5)


def test_polite_disconnect() -> None:
    out = play(greeted(), CALLED_OUT, ANNOUNCED, agent_hangs_up(21), until=30)
    assert states(out)[2:] == [(19.9, "closing"), (21, "ended")]
    assert cues(out) == [(13, "call_out", "on"), (14.06, "call_out", "off")]
    fields = record(out)
    assert (fields["called_out"], fields["disconnect_notice"]) == (True, True)
    assert (fields["polite_disconnect"], fields["premature_hangup"]) == (True, False)
    assert fields["hung_up_first"] == "agent"


def test_polite_disconnect_whose_notice_is_known_after_the_hook() -> None:
    out = play(greeted(), CALLED_OUT, ANNOUNCED, agent_hangs_up(19.6), until=30)
    assert cues(out) == [(13, "call_out", "on"), (14.06, "call_out", "off")]
    assert record(out)["polite_disconnect"] is True


def test_dial_tone_after_the_hook_is_no_answer() -> None:
    tone = speak(CUSTOMER, 19.7, 25)
    out = play(greeted(), CALLED_OUT, ANNOUNCED, agent_hangs_up(19.65), tone, until=30)
    assert record(out)["polite_disconnect"] is True


def judged(*told: list[Event]) -> tuple[bool, bool]:
    fields = record(play(greeted(), *told, agent_hangs_up(30), until=40))
    return fields["polite_disconnect"], fields["premature_hangup"]


@pytest.mark.parametrize(
    "told",
    [
        ANNOUNCED,
        CALLED_OUT,
        [*CALLED_OUT, *say(AGENT, Category.DISCONNECT_NOTICE, 17.9, 19.5)],
        [*CALLED_OUT, *speak(CUSTOMER, 16, 17), *ANNOUNCED],
        [*CALLED_OUT, *speak(CUSTOMER, 15.1, 15.3), *ANNOUNCED],
        [*CALLED_OUT, *ANNOUNCED, *speak(CUSTOMER, 20, 21)],
        [*speak(CUSTOMER, 6, 12), *say(AGENT, Category.CALL_OUT, 14, 15), *ANNOUNCED],
    ],
    ids=[
        "not called out",
        "not announced",
        "not waited",
        "customer answers",
        "customer answers before the call-out is known",
        "customer answers the notice",
        "customer had just spoken",
    ],
)
def test_not_polite(told: list[Event]) -> None:
    assert judged(told) == (False, True)


def test_premature_cue_after_a_call_out_waits_for_a_late_notice() -> None:
    out = play(greeted(), CALLED_OUT, agent_hangs_up(18), until=30)
    late = [cue for cue in cues(out) if cue[1] == "premature_hang_up"]
    assert late == [(19, "premature_hang_up", "on"), (24, "premature_hang_up", "off")]


def test_customer_who_does_not_hang_up_is_called_asked_and_announced() -> None:
    told = [*closed(10), *say(CUSTOMER, Category.GOODBYE, 13, 13.5)]
    told += say(AGENT, Category.CALL_OUT, 22, 23)
    told += say(AGENT, Category.ASK_TO_HANG_UP, 27, 28)
    told += say(AGENT, Category.DISCONNECT_NOTICE, 32, 33.5)
    out = play(greeted(), told, agent_hangs_up(35), until=45)
    assert cues(out) == [
        (12.9, "wait_for_customer", "on"),
        (21.5, "call_out", "on"),
        (22.06, "call_out", "off"),
        (33.9, "wait_for_customer", "off"),
    ]
    fields = record(out)
    assert (fields["polite_disconnect"], fields["premature_hangup"]) == (True, False)


def test_call_out_is_wanted_until_anyone_speaks() -> None:
    out = play(greeted(), speak(CUSTOMER, 20, 60), until=60)
    assert cues(out) == [(13, "call_out", "on"), (20.06, "call_out", "off")]
    assert record(out)["called_out"] is False


def test_call_out_goes_with_the_call() -> None:
    out = play(greeted(), far_end_hangs_up(20), until=30)
    assert cues(out)[:2] == [(13, "call_out", "on"), (20, "call_out", "off")]


def test_no_call_out_where_the_customer_may_be_speaking_unheard() -> None:
    assert cues(play(greeted(), until=60, customer_heard=False)) == []


def test_no_call_out_on_the_agents_turn_on_hold_or_before_the_answer() -> None:
    assert cues(play(greeted(), speak(CUSTOMER, 6, 8), until=40)) == []
    assert cues(play(greeted(), line_hold(8, 60), until=60)) == []
    assert cues(play(lift(1), speak(AGENT, 2, 3), until=40)) == []


def test_after_a_hold_the_customer_gets_the_whole_time() -> None:
    out = play(greeted(), line_hold(8, 60), until=70)
    assert cues(out) == [(68, "call_out", "on"), (70, "call_out", "off")]


def test_guessed_call_does_not_know_whether_the_customer_is_still_there() -> None:
    told = [*speak(AGENT, 2, 4), *closed(5)]
    assert cues(play(told, until=36, line_known=False)) == []
