from hypothesis import given
from hypothesis import settings as given_settings
from story import (
    agent_hangs_up,
    chat,
    closed,
    cues,
    far_end_hangs_up,
    greeted,
    lift,
    line_hold,
    play,
    records,
    ring,
    settings,
    with_ticks,
)
from strategies import any_call

from coach.call import Call
from coach.events import CallState, CueWanted, Event
from coach.names import CueName, State
from coach.rules import Rules

OVER = (State.IDLE, State.ENDED, State.DROPPED)
LINGER = {CueName.PREMATURE_HANG_UP, CueName.CALL_BACK}


def test_two_calls_in_a_row_are_two_records() -> None:
    first = [*greeted(), *chat(6, 16), *line_hold(18, 160), *closed(161)]
    first += [*far_end_hangs_up(165), *agent_hangs_up(166)]
    second = [*ring(166.5), *lift(168), *chat(169, 190), *agent_hangs_up(191)]
    out = play(first, second, until=200)
    assert [name for _, name, _ in cues(out)] == [
        *["hold_limit"] * 3,
        *["wait_for_customer"] * 2,
        *["free_to_hang_up"] * 2,
        *["premature_hang_up"] * 2,
    ]
    one, two = records(out)
    assert (one["t"], one["hold_s"], one["premature_hangup"]) == (166.5, 142, False)
    assert (two["t"], two["hold_s"], two["premature_hangup"]) == (192, 0, True)


def test_recording_over_lowers_every_cue() -> None:
    out = play(greeted(), line_hold(10, 500), until=300)
    assert cues(out)[-1] == (300, "hold_limit", "off")
    assert len(records(out)) == 1


@given_settings(max_examples=200, deadline=None)
@given(any_call())
def test_whatever_happens_no_cue_outlives_its_call(told: tuple[list[Event], bool]) -> None:
    events, line_known = told
    to = settings("call.audio_end_s=6", "hold.limit_s=4", "hold.check_back_s=3")
    call, rules = Call(to.call, line_known), Rules(to)
    until = events[-1].t + 20
    state, on, calls, made = State.IDLE, set(), 0, 0
    story = with_ticks(events, until)
    for event in [*story, *call.finish(until)]:
        for each in (event, *call.push(event)):
            answers = rules.push(each)
            if isinstance(each, CallState):
                calls += each.state in (State.ENDED, State.DROPPED)
                state = each.state
            for answer in answers:
                if isinstance(answer, CueWanted) and answer.wanted:
                    on.add(answer.cue)
                elif isinstance(answer, CueWanted):
                    on.remove(answer.cue)
                else:
                    made += 1
            if state in OVER:
                assert on <= LINGER
    for answer in rules.finish(until):
        if isinstance(answer, CueWanted):
            on.remove(answer.cue)
        else:
            made += 1
    assert on == set()
    assert made == calls
