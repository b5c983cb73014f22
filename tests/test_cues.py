"""The arbiter: one cue at a time, hold and hang-up over all, soft ones rarely."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.cues import Arbiter
from coach.events import (
    CallState,
    Cue,
    CueWanted,
    Event,
    Fault,
    Tick,
    Voice,
)
from coach.names import CueAction, CueName, Leg, Source, State
from coach.patterns import LOOKS, RANK, Kind
from coach.sections import Cues
from coach.settings import load

SETTINGS: Cues = replace(
    load().settings.cues, cap_per_hour=3, cooldown_s=60.0, quiet_at_start_s=10.0
)


def want(t: float, cue: CueName, early: bool = False) -> CueWanted:
    return CueWanted(t=t, cue=cue, rule="R", wanted=True, early=early)


def done(t: float, cue: CueName) -> CueWanted:
    return CueWanted(t=t, cue=cue, rule="R", wanted=False)


def state(
    t: float, now: State, before: State = State.IDLE, since: float | None = None
) -> CallState:
    since = t if since is None else since
    return CallState(t=t, state=now, previous=before, source=Source.LINE, since=since)


def customer(t: float, active: bool) -> Voice:
    return Voice(t=t, leg=Leg.CUSTOMER, active=active, since=t)


def fault(t: float, part: str = "microphone", cleared: bool = False) -> Fault:
    return Fault(t=t, part=part, what="gone", cleared=cleared)


def brief(cues: list[Cue]) -> list[str]:
    return [f"{c.t:g} {c.action} {c.cue}" for c in cues]


def run(arbiter: Arbiter, *events: Event) -> list[str]:
    """Push the events with a tick every 0.1 s between them; one line for each cue."""
    return brief(list(play(arbiter, *events)))


def play(arbiter: Arbiter, *events: Event) -> list[Cue]:
    cues: list[Cue] = []
    tick = round(events[0].t * 10)
    for event in events:
        while tick / 10 <= event.t:
            cues += arbiter.push(Tick(t=tick / 10))
            tick += 1
        cues += arbiter.push(event)
    return cues


@pytest.fixture
def talking() -> Arbiter:
    """An arbiter 100 s into a call, past the quiet start."""
    arbiter = Arbiter(SETTINGS)
    assert play(arbiter, state(0.0, State.TALKING), Tick(t=100.0)) == []
    return arbiter


def test_a_cue_starts_at_once_with_its_look_and_stops(talking):
    (start,) = talking.push(want(100.0, CueName.PREMATURE_HANG_UP))
    assert start.as_dict() == {
        "t": 100.0,
        "type": "cue",
        "cue": "premature_hang_up",
        "action": "start",
        "led": "red",
        "vibration": "wait",
        "rule": "R",
    }
    assert (talking.active, talking.led, talking.vibration, talking.since) == (
        CueName.PREMATURE_HANG_UP,
        "red",
        "wait",
        100.0,
    )
    (stop,) = talking.push(done(105.0, CueName.PREMATURE_HANG_UP))
    assert stop.as_dict() == {
        "t": 105.0,
        "type": "cue",
        "cue": "premature_hang_up",
        "action": "stop",
        "rule": "R",
    }
    assert (talking.active, talking.led, talking.vibration) == (None, None, None)


def test_wanting_what_is_shown_changes_nothing(talking):
    events = [want(100.0 + i, CueName.WAIT_FOR_CUSTOMER) for i in range(3)]
    assert run(talking, *events) == ["100 start wait_for_customer"]
    assert talking.push(done(104.0, CueName.CALL_OUT)) == []


def test_the_hold_clock_from_green_over_amber_to_red():
    arbiter = Arbiter(SETTINGS)
    lights = []
    events = (
        state(0.0, State.TALKING),
        state(20.0, State.ON_HOLD, State.TALKING),
        want(110.0, CueName.HOLD_LIMIT, early=True),
        want(140.0, CueName.HOLD_LIMIT),
        want(200.0, CueName.CHECK_BACK),
        done(205.0, CueName.CHECK_BACK),
        Tick(t=205.1),
        done(210.0, CueName.HOLD_LIMIT),
        state(210.0, State.TALKING, State.ON_HOLD),
    )
    cues = []
    for event in events:
        cues += arbiter.push(event)
        lights.append((event.t, arbiter.led, arbiter.vibration))
    assert lights == [
        (0.0, None, None),
        (20.0, "green/hold", None),
        (110.0, "amber", None),
        (140.0, "red", "hold"),
        (200.0, "red", "hold"),
        (205.0, None, None),  # never green again once over the limit
        (205.1, "red", None),  # and no second vibration
        (210.0, "green/hold", None),
        (210.0, None, None),
    ]
    assert [(c.t, c.action, c.cue, c.led, c.vibration) for c in cues] == [
        (110.0, "start", "hold_limit", "amber", None),
        (140.0, "start", "hold_limit", "red", "hold"),
        (200.0, "stop", "hold_limit", None, None),
        (200.0, "start", "check_back", "red", "hold"),
        (205.0, "stop", "check_back", None, None),
        (205.1, "start", "hold_limit", "red", None),
        (210.0, "stop", "hold_limit", None, None),
    ]


def test_status_light_begins_with_the_hold_and_again_after_a_cue():
    arbiter = Arbiter(SETTINGS)
    play(arbiter, state(0.0, State.TALKING), state(20.0, State.ON_HOLD, State.TALKING))
    assert arbiter.since == 20.0
    play(arbiter, fault(30.0), fault(33.0, cleared=True))
    assert (arbiter.led, arbiter.since) == ("green/hold", 33.0)


def test_an_escalation_that_was_hidden_vibrates_when_it_shows(talking):
    cues = play(
        talking,
        want(100.0, CueName.HOLD_LIMIT, early=True),
        want(101.0, CueName.PREMATURE_HANG_UP),
        want(102.0, CueName.HOLD_LIMIT),
        done(103.0, CueName.PREMATURE_HANG_UP),
        Tick(t=103.1),
    )
    assert brief(cues)[-2:] == ["103 stop premature_hang_up", "103.1 start hold_limit"]
    assert (cues[-1].led, cues[-1].vibration) == ("red", "hold")


def test_a_higher_cue_takes_over_and_the_lower_one_comes_back_silently(talking):
    cues = play(
        talking,
        want(100.0, CueName.WAIT_FOR_CUSTOMER),
        want(102.0, CueName.PREMATURE_HANG_UP),
        done(107.0, CueName.PREMATURE_HANG_UP),
        Tick(t=107.1),
        done(109.0, CueName.WAIT_FOR_CUSTOMER),
    )
    assert brief(cues) == [
        "100 start wait_for_customer",
        "102 stop wait_for_customer",
        "102 start premature_hang_up",
        "107 stop premature_hang_up",
        "107.1 start wait_for_customer",
        "109 stop wait_for_customer",
    ]
    assert [c.vibration for c in cues if c.action == "start"] == ["wait", "wait", None]


def test_nothing_flashes_up_between_two_cues_of_one_moment(talking):
    assert run(
        talking,
        fault(100.0),
        want(101.0, CueName.WAIT_FOR_CUSTOMER),
        done(105.0, CueName.WAIT_FOR_CUSTOMER),
        want(105.0, CueName.FREE_TO_HANG_UP),
        done(110.0, CueName.FREE_TO_HANG_UP),
        Tick(t=110.1),
    ) == [
        "100 start fault",
        "101 stop fault",
        "101 start wait_for_customer",
        "105 stop wait_for_customer",
        "105 start free_to_hang_up",
        "110 stop free_to_hang_up",
        "110.1 start fault",
    ]


def test_no_soft_cue_at_the_start_of_a_call():
    arbiter = Arbiter(SETTINGS)
    assert run(
        arbiter,
        state(5.0, State.TALKING, State.RINGING, since=4.5),
        want(6.0, CueName.TOO_LOUD),
        Tick(t=20.0),
    ) == ["14.5 start too_loud"]


def test_coming_back_from_hold_is_not_the_start_of_a_call():
    arbiter = Arbiter(SETTINGS)
    assert run(
        arbiter,
        state(0.0, State.TALKING),
        state(20.0, State.ON_HOLD, State.TALKING),
        state(50.0, State.TALKING, State.ON_HOLD),
        want(51.0, CueName.TOO_LOUD),
    ) == ["51 start too_loud"]


def test_a_soft_cue_waits_for_the_customers_pause(talking):
    assert run(
        talking,
        customer(101.0, True),
        want(102.0, CueName.TALK_OVER),
        customer(103.05, False),
        Tick(t=103.1),
        customer(104.0, True),  # once shown it stays
        done(107.0, CueName.TALK_OVER),
    ) == ["103.1 start talk_over", "107 stop talk_over"]


def test_hold_and_hang_up_cues_wait_for_nothing():
    arbiter = Arbiter(replace(SETTINGS, cap_per_hour=0))
    events = [state(0.0, State.TALKING), customer(0.1, True)]
    for i in range(20):
        events += [want(1.0 + i, CueName.HOLD_LIMIT), done(1.5 + i, CueName.HOLD_LIMIT)]
    cues = [c for e in events for c in arbiter.push(e)]
    assert [c.vibration for c in cues if c.action == "start"] == ["hold"] * 20


def test_the_same_soft_cue_cools_down_and_starts_if_still_wanted(talking):
    assert run(
        talking,
        want(100.0, CueName.TOO_LOUD),
        done(110.0, CueName.TOO_LOUD),
        want(120.0, CueName.TOO_LOUD),
        want(121.0, CueName.TOO_FAST),
        done(125.0, CueName.TOO_FAST),
        Tick(t=180.0),
    ) == [
        "100 start too_loud",
        "110 stop too_loud",
        "121 start too_fast",
        "125 stop too_fast",
        "170 start too_loud",
    ]


def test_the_cap_slides_with_the_hour():
    arbiter = Arbiter(replace(SETTINGS, cooldown_s=0.0))
    arbiter.push(state(0.0, State.TALKING))
    cues: list[Cue] = []
    for i in range(5):
        cues += arbiter.push(want(100.0 + i, CueName.TOO_LOUD))
        cues += arbiter.push(done(100.5 + i, CueName.TOO_LOUD))
    assert brief(cues)[-2:] == ["103.5 suppressed too_loud", "104.5 suppressed too_loud"]
    assert [c.reason for c in cues[-2:]] == ["cap", "cap"]
    assert sum(c.action is CueAction.START for c in cues) == 3
    assert arbiter.push(want(3699.9, CueName.TOO_LOUD)) == []
    assert brief(arbiter.push(Tick(t=3700.0))) == ["3700 start too_loud"]


def test_a_cue_never_shown_is_recorded_once_with_what_held_it_back(talking):
    cues = play(
        talking,
        customer(100.0, True),
        want(101.0, CueName.TOO_FAST),
        done(108.0, CueName.TOO_FAST),
        done(109.0, CueName.TOO_FAST),
    )
    assert [c.as_dict() for c in cues] == [
        {
            "t": 108.0,
            "type": "cue",
            "cue": "too_fast",
            "action": "suppressed",
            "rule": "R",
            "reason": "customer_speaks",
        }
    ]


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([], "no_call"),
        ([state(0.0, State.TALKING)], "quiet_at_start"),
        ([state(0.0, State.TALKING, since=-50.0), customer(0.0, True)], "customer_speaks"),
        (
            [
                state(0.0, State.TALKING, since=-50.0),
                want(0.1, CueName.TOO_LOUD),
                done(0.2, CueName.TOO_LOUD),
            ],
            "cooldown",
        ),
        ([want(0.0, CueName.CHECK_BACK)], "other_cue"),
    ],
)
def test_reasons(events, reason):
    arbiter = Arbiter(SETTINGS)
    for event in (*events, want(1.0, CueName.TOO_LOUD)):
        arbiter.push(event)
    (cue,) = arbiter.push(done(2.0, CueName.TOO_LOUD))
    assert (cue.action, cue.reason) == (CueAction.SUPPRESSED, reason)


@pytest.mark.parametrize("over", [State.FAR_END_GONE, State.ENDED, State.DROPPED])
def test_soft_cues_end_with_the_call_and_hang_up_cues_do_not(talking, over):
    assert run(
        talking,
        want(100.0, CueName.TOO_LOUD),
        want(101.0, CueName.TOO_FAST),
        want(101.0, CueName.WAIT_FOR_CUSTOMER),
        state(102.0, over, State.TALKING),
        Tick(t=103.0),
    ) == [
        "100 start too_loud",
        "101 stop too_loud",
        "101 start wait_for_customer",
        "102 suppressed too_fast",
    ]
    assert talking.active is CueName.WAIT_FOR_CUSTOMER


def test_a_shown_soft_cue_stops_when_the_call_is_over(talking):
    assert run(talking, want(100.0, CueName.DEAD_AIR), state(101.0, State.ENDED)) == [
        "100 start dead_air",
        "101 stop dead_air",
    ]


def test_a_fault_is_seen_but_hides_nothing(talking):
    cues = play(
        talking,
        fault(100.0),
        want(101.0, CueName.TOO_LOUD),
        done(103.0, CueName.TOO_LOUD),
        fault(104.0, part="earpiece"),
        fault(105.0, cleared=True),
        fault(106.0, part="earpiece", cleared=True),
        fault(110.0),
    )
    assert brief(cues) == [
        "100 start fault",
        "101 stop fault",
        "101 start too_loud",
        "103 stop too_loud",
        "103.1 start fault",
        "106 stop fault",
        "110 start fault",
    ]
    # once felt, it is not felt again while it comes and goes
    assert [c.vibration for c in cues if c.cue == "fault" and c.action == "start"] == [
        "fault",
        None,
        None,
    ]


def test_a_fault_under_a_hold_cue_stays_hidden(talking):
    assert run(talking, want(100.0, CueName.HOLD_LIMIT), fault(101.0), Tick(t=105.0)) == [
        "100 start hold_limit"
    ]


def test_call_back_stays_while_idle_and_yields():
    arbiter = Arbiter(SETTINGS)
    assert run(
        arbiter,
        state(0.0, State.DROPPED, State.TALKING),
        want(0.0, CueName.CALL_BACK),
        want(5.0, CueName.FREE_TO_HANG_UP),
        done(6.0, CueName.FREE_TO_HANG_UP),
        Tick(t=10.0),
    ) == [
        "0 start call_back",
        "5 stop call_back",
        "5 start free_to_hang_up",
        "6 stop free_to_hang_up",
        "6.1 start call_back",
    ]


def test_close_stops_what_is_shown_and_records_what_was_not(talking):
    play(talking, want(100.0, CueName.HOLD_LIMIT), want(100.0, CueName.TOO_LOUD))
    assert brief(talking.close(101.0)) == ["101 stop hold_limit", "101 suppressed too_loud"]
    assert talking.close(102.0) == []


CUE_NAMES = st.sampled_from([c for c in CueName if c is not CueName.FAULT])
MOVES = st.one_of(
    st.builds(want, st.just(0.0), CUE_NAMES, st.booleans()),
    st.builds(done, st.just(0.0), CUE_NAMES),
    st.builds(state, st.just(0.0), st.sampled_from(State)),
    st.builds(customer, st.just(0.0), st.booleans()),
    st.builds(fault, st.just(0.0), st.sampled_from(["a", "b"]), st.booleans()),
    st.builds(Tick, t=st.just(0.0)),
)


@given(st.lists(st.tuples(st.floats(0.0, 30.0), MOVES), max_size=60))
def test_whatever_comes_one_cue_is_shown_and_the_highest_of_the_urgent_ones(moves):
    arbiter = Arbiter(SETTINGS)
    shown: CueName | None = None
    wanted: set[CueName] = set()
    soft_starts: list[float] = []
    speaking, in_call, t = False, False, 0.0
    for pause, move in moves:
        t += pause
        if isinstance(move, CueWanted):
            (wanted.add if move.wanted else wanted.discard)(move.cue)
        elif isinstance(move, Voice):
            speaking = move.active
        elif isinstance(move, CallState):
            in_call = move.state in (State.TALKING, State.ON_HOLD, State.CLOSING)
        for event in (replace(move, t=t), Tick(t=t)):
            for cue in arbiter.push(event):
                if cue.action is CueAction.STOP:
                    assert cue.cue is shown
                    shown = None
                elif cue.action is CueAction.START:
                    assert shown in (None, cue.cue)  # the same again: an escalation
                    shown = cue.cue
                    if LOOKS[cue.cue].kind is Kind.SOFT:
                        assert in_call
                        assert not speaking
                        soft_starts.append(t)
                else:
                    assert cue.reason
        assert arbiter.active is shown
        urgent = [c for c in wanted if LOOKS[c].kind is Kind.URGENT]
        if urgent:
            assert shown is min(urgent, key=RANK.__getitem__)
        assert sum(start > t - 3600 for start in soft_starts) <= SETTINGS.cap_per_hour
        assert (arbiter.led == "red") <= (shown is not None)
