import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as given_settings
from story import (
    AGENT,
    CUSTOMER,
    agent_hangs_up,
    chat,
    closed,
    entered,
    far_end_hangs_up,
    greeted,
    hang_up,
    lift,
    line_hold,
    phrase,
    play,
    ring,
    say,
    speak,
    states,
)
from strategies import any_call

from coach.call_states import TABLE, document
from coach.events import CallState, Event, LineSignal
from coach.names import Category, Leg, Party, Signal, Source, State

ANSWERED = [(0.0, "ringing"), (3.0, "talking")]


def test_call_in_which_the_customer_hangs_up_first() -> None:
    out = play(greeted(), closed(10), far_end_hangs_up(14), agent_hangs_up(15), until=20)
    assert states(out) == [*ANSWERED, (12.9, "closing"), (14, "far_end_gone"), (15, "ended")]
    assert entered(out, 2).since == 12.5
    assert entered(out, 2).source is Source.AUDIO
    assert entered(out, 3).by is Party.FAR_END
    assert entered(out, 4).by is Party.FAR_END


def test_call_in_which_the_agent_hangs_up_first() -> None:
    out = play(greeted(), closed(10), agent_hangs_up(14), far_end_hangs_up(14.2), until=20)
    assert states(out) == [*ANSWERED, (12.9, "closing"), (14, "ended")]
    assert entered(out, 3).by is Party.AGENT
    assert entered(out, 3).source is Source.LINE


@pytest.mark.parametrize("by", [Party.FAR_END, Party.AGENT, None])
def test_ring_that_ends_with_a_hook(by: Party | None) -> None:
    assert states(play(ring(0), hang_up(2, by), until=5)) == [(0, "ringing"), (2, "idle")]


def test_ring_that_stops() -> None:
    out = play(ring(0), ring(4), until=20)
    assert states(out) == [(0, "ringing"), (10, "idle")]


def test_outgoing_call_has_no_ring_before() -> None:
    out = play(lift(1), lift(5, Party.FAR_END), agent_hangs_up(9), until=12)
    assert states(out) == [(1, "talking"), (9, "ended")]
    assert entered(out, 0).previous is State.IDLE


def test_two_calls_in_a_row() -> None:
    first = [*greeted(), *closed(10), *far_end_hangs_up(14), *agent_hangs_up(15)]
    second = [*ring(16), *lift(18), *agent_hangs_up(30)]
    out = play(first, second, until=40)
    assert states(out)[-4:] == [(15, "ended"), (16, "ringing"), (18, "talking"), (30, "ended")]


def test_line_that_shows_the_next_call_without_the_agents_hook() -> None:
    out = play(greeted(), closed(10), far_end_hangs_up(14), ring(16), until=18)
    gone = [(14, "far_end_gone"), (16, "ended"), (16, "ringing")]
    assert states(out) == [*ANSWERED, (12.9, "closing"), *gone, (18, "idle")]


def test_hook_without_a_name_is_the_agents() -> None:
    out = play(greeted(), hang_up(9, None), until=12)
    assert entered(out, 2).state is State.ENDED
    assert entered(out, 2).by is Party.AGENT


def test_line_hold_is_ended_by_the_line_alone() -> None:
    out = play(greeted(), line_hold(10, 40), speak(AGENT, 20, 22), agent_hangs_up(50), until=52)
    assert states(out) == [*ANSWERED, (10, "on_hold"), (40, "talking"), (50, "ended")]


def test_hold_in_the_closing_returns_to_the_closing() -> None:
    out = play(greeted(), closed(10), line_hold(14, 20), far_end_hangs_up(22), until=24)
    assert states(out)[2:5] == [(12.9, "closing"), (14, "on_hold"), (20, "closing")]
    assert states(out)[5:] == [(22, "far_end_gone"), (24, "ended")]


def test_signals_out_of_place_are_ignored() -> None:
    stray = [
        LineSignal(t=5.5, signal=Signal.HOLD_OFF),
        LineSignal(t=6, signal=Signal.MUTE_ON),
        *ring(7),
        *lift(8),
        *lift(8.5, Party.FAR_END),
    ]
    out = play(hang_up(0.1, None), greeted(5), stray, agent_hangs_up(20), until=22)
    assert states(out) == [(2, "ringing"), (5, "talking"), (20, "ended")]


@pytest.mark.parametrize(
    ("leg", "category", "closes"),
    [
        (AGENT, Category.GOODBYE, True),
        (CUSTOMER, Category.GOODBYE, True),
        (AGENT, Category.DISCONNECT_NOTICE, True),
        (AGENT, Category.ASK_TO_HANG_UP, True),
        (CUSTOMER, Category.ASK_TO_HANG_UP, False),
        (AGENT, Category.THANKS, False),
    ],
)
def test_what_closes_a_call(leg: Leg, category: Category, closes: bool) -> None:
    out = play(greeted(), say(leg, category, 10, 11), until=12)
    assert ("closing" in dict(map(reversed, states(out)))) is closes


def test_long_turn_after_the_goodbye_reopens() -> None:
    out = play(greeted(), closed(10), speak(CUSTOMER, 13, 20), far_end_hangs_up(25), until=27)
    assert states(out)[2:] == [(12.9, "closing"), (17, "talking"), (25, "dropped")]
    assert entered(out, 3).since == 13


def test_short_turns_after_the_goodbye_do_not_reopen() -> None:
    told = [*speak(CUSTOMER, 13, 16), *speak(AGENT, 16.5, 19), *speak(CUSTOMER, 20, 23)]
    out = play(greeted(), closed(10), told, far_end_hangs_up(24), until=25)
    assert states(out)[2:4] == [(12.9, "closing"), (24, "far_end_gone")]


def test_turn_with_breaths_in_it_reopens() -> None:
    told = [*speak(CUSTOMER, 13, 15), *speak(CUSTOMER, 15.4, 18)]
    out = play(greeted(), closed(10), told, until=20)
    assert (states(out)[3], entered(out, 3).since) == ((17, "talking"), 13)


def test_turn_that_runs_on_from_the_goodbye_counts_from_it() -> None:
    told = [*speak(AGENT, 8, 20), *phrase(AGENT, Category.GOODBYE, 9, 10)]
    out = play(greeted(), told, until=20)
    assert states(out)[2:4] == [(10.4, "closing"), (14, "talking")]


@pytest.mark.parametrize(("until", "closes"), [(13, True), (14, False)])
def test_goodbye_known_only_after_its_speaker_went_on_closes_nothing(
    until: float, closes: bool
) -> None:
    # "… by Friday, and then …": heard as "bye" when the utterance was over
    by = dataclasses.replace(phrase(CUSTOMER, Category.GOODBYE, 9, 10)[0], t=until + 0.3)
    out = play(greeted(), speak(CUSTOMER, 8, until), [by], until=20)
    assert ("closing" in dict(map(reversed, states(out)))) is closes


def test_request_said_before_the_goodbye_but_known_after_it_reopens_nothing() -> None:
    late = phrase(AGENT, Category.TRANSFER, 12, 12.6)
    assert states(play(greeted(), closed(10), late, until=20))[2:] == [
        (12.9, "closing"),
        (20, "ended"),
    ]


def test_goodbye_of_the_call_before_closes_nothing() -> None:
    late = phrase(AGENT, Category.GOODBYE, 19, 20)
    out = play(greeted(), late, agent_hangs_up(20), ring(20.1), lift(20.2), until=30)
    assert states(out)[2:] == [(20, "ended"), (20.1, "ringing"), (20.2, "talking"), (30, "ended")]


def test_new_request_reopens() -> None:
    again = say(AGENT, Category.HOLD_REQUEST, 15, 16)
    out = play(greeted(), closed(10), again, until=24)
    assert states(out)[2:5] == [(12.9, "closing"), (16.4, "talking"), (21, "on_hold")]


def test_far_end_hook_without_a_closing_drops_the_call() -> None:
    out = play(greeted(), far_end_hangs_up(10), agent_hangs_up(12), until=15)
    assert states(out) == [*ANSWERED, (10, "dropped")]


def test_customer_gives_up_on_hold() -> None:
    out = play(greeted(), line_hold(10, 90), far_end_hangs_up(40), until=45)
    assert states(out) == [*ANSWERED, (10, "on_hold"), (40, "dropped")]


def test_goodbye_still_on_its_way_at_the_hook() -> None:
    goodbye = say(CUSTOMER, Category.GOODBYE, 19.3, 19.9)
    out = play(greeted(), goodbye, far_end_hangs_up(20), agent_hangs_up(20.1), until=22)
    ends = [(20.3, "closing"), (20.3, "far_end_gone"), (20.3, "ended")]
    assert states(out) == [*ANSWERED, *ends]
    assert [entered(out, i).since for i in (2, 3, 4)] == [19.9, 20, 20.1]
    assert entered(out, 4).by is Party.FAR_END


def test_drop_in_mid_speech_is_judged_once_no_goodbye_can_come() -> None:
    out = play(greeted(), speak(CUSTOMER, 15, 20), far_end_hangs_up(20), until=25)
    assert states(out) == [*ANSWERED, (21, "dropped")]
    assert entered(out, 2).since == 20


def test_goodbye_to_a_dead_line_closes_nothing() -> None:
    late = say(AGENT, Category.GOODBYE, 20.1, 20.5)
    out = play(greeted(), speak(CUSTOMER, 15, 20), far_end_hangs_up(20), late, until=25)
    assert states(out) == [*ANSWERED, (21, "dropped")]


def test_recording_over_before_the_drop_is_judged() -> None:
    out = play(greeted(), speak(CUSTOMER, 15, 20), far_end_hangs_up(20), until=20.5)
    assert states(out) == [*ANSWERED, (20.5, "dropped")]


def test_next_ring_before_the_drop_is_judged() -> None:
    out = play(greeted(), speak(CUSTOMER, 15, 20), far_end_hangs_up(20), ring(20.4), until=21)
    assert states(out)[2:4] == [(20.4, "dropped"), (20.4, "ringing")]


ASKED = say(AGENT, Category.HOLD_REQUEST, 10, 11.5)


def test_spoken_hold_counts_from_the_short_answer() -> None:
    out = play(greeted(), ASKED, speak(CUSTOMER, 12, 12.6), speak(AGENT, 40, 42), until=60)
    assert states(out)[2:4] == [(17.6, "on_hold"), (40.06, "talking")]
    assert (entered(out, 2).since, entered(out, 2).source) == (12.6, Source.AUDIO)
    assert entered(out, 3).since == 40


def test_spoken_hold_counts_from_the_request_where_nobody_answers() -> None:
    assert entered(play(greeted(), ASKED, until=30), 2).since == 11.5


def test_customer_who_talks_into_the_request_has_only_the_rest_of_it_counted() -> None:
    assert entered(play(greeted(), speak(CUSTOMER, 7, 12), ASKED, until=30), 2).since == 12


def test_agent_may_finish_the_sentence_and_say_thanks() -> None:
    told = [*speak(AGENT, 10, 14), *phrase(AGENT, Category.HOLD_REQUEST, 10, 11.5)]
    told += [*speak(CUSTOMER, 14.5, 15), *speak(AGENT, 15.4, 16)]
    assert entered(play(greeted(), told, until=30), 2).since == 16


@pytest.mark.parametrize(
    "told",
    [
        [*ASKED, *speak(CUSTOMER, 12, 14)],
        [*ASKED, *speak(AGENT, 14, 15)],
        [*speak(AGENT, 10, 20), *phrase(AGENT, Category.HOLD_REQUEST, 10, 11.5)],
        say(CUSTOMER, Category.HOLD_REQUEST, 10, 11.5),
        speak(AGENT, 10, 11.5),
    ],
    ids=["long answer", "agent goes on", "agent talks on", "customer asks", "nobody asks"],
)
def test_no_spoken_hold(told: list[Event]) -> None:
    assert "on_hold" not in [state for _, state in states(play(greeted(), told, until=40))]


def test_hold_key_takes_over_a_spoken_hold() -> None:
    out = play(greeted(), ASKED, line_hold(20, 50), speak(AGENT, 30, 31), until=60)
    assert states(out)[2:4] == [(16.5, "on_hold"), (50, "talking")]


def test_call_guessed_from_audio() -> None:
    out = play(speak(AGENT, 2, 4), chat(4.5, 30), closed(30), until=80, line_known=False)
    assert states(out) == [(2.06, "talking"), (32.9, "closing"), (62.5, "ended")]
    assert {e.source for e in out if isinstance(e, CallState)} == {Source.AUDIO}
    assert (entered(out, 0).since, entered(out, 2).since) == (2, 32.5)
    assert entered(out, 2).by is None


def test_silence_on_a_spoken_hold_ends_no_call_but_in_the_end() -> None:
    out = play(speak(AGENT, 2, 4), ASKED, until=700, line_known=False)
    assert states(out) == [(2.06, "talking"), (16.5, "on_hold"), (611.5, "ended")]


def test_without_a_customer_leg_silence_ends_no_call() -> None:
    out = play(speak(AGENT, 2, 4), until=90, line_known=False, customer_heard=False)
    assert states(out) == [(2.06, "talking"), (90, "ended")]


def test_with_line_signals_voice_begins_no_call() -> None:
    assert states(play(chat(1, 60), until=100)) == []


def test_first_hook_signal_replaces_guessing() -> None:
    out = play(speak(AGENT, 2, 4), ring(6), lift(9), until=60, line_known=False)
    told = [(2.06, "talking"), (6, "ended"), (6, "ringing"), (9, "talking"), (60, "ended")]
    assert states(out) == told


def test_hold_key_alone_does_not_end_guessing() -> None:
    out = play(speak(AGENT, 2, 4), line_hold(6, 60), until=100, line_known=False)
    assert states(out) == [(2.06, "talking"), (6, "on_hold"), (60, "talking"), (90, "ended")]


def test_recording_over_ends_an_open_call() -> None:
    out = play(greeted(), until=20)
    assert states(out) == [*ANSWERED, (20, "ended")]
    assert (entered(out, 2).source, entered(out, 2).by) == (Source.AUDIO, None)


@given_settings(max_examples=200, deadline=None)
@given(any_call())
def test_whatever_happens_every_move_is_in_the_table(told: tuple[list[Event], bool]) -> None:
    events, line_known = told
    state = State.IDLE
    for moved in play(events, until=max(e.t for e in events) + 1, line_known=line_known):
        if isinstance(moved, CallState):
            assert moved.previous is state
            assert moved.state in TABLE[state].values()
            assert moved.since <= moved.t
            state = moved.state
    assert state in (State.IDLE, State.ENDED, State.DROPPED)


def test_docs_show_the_table_in_force() -> None:
    page = Path(__file__).parents[1] / "docs" / "call-states.md"
    assert page.read_text("utf-8") == document()
