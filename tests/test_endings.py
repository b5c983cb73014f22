"""Who left first, told by the sound of the line: from events, and from generated audio."""

import pytest
from story import (
    AGENT,
    CUSTOMER,
    agent_hangs_up,
    chat,
    closed,
    cues,
    entered,
    far_end_hangs_up,
    greeted,
    line_hold,
    play,
    record,
    say,
    speak,
    states,
)

from bench.endings import Ending, endings, hung_up_first, told_of
from coach.events import (
    CallState,
    CueWanted,
    Event,
    Tone,
)
from coach.names import Category, Leg, Party, Source, ToneName
from coach.settings import load

# A call without line signals: talk, the goodbye over at 22.5.
HEARD = [*speak(AGENT, 1, 3), *chat(3.5, 18)]
CLOSED = [*HEARD, *closed(20)]


def tone(
    name: ToneName,
    since: float,
    until: float | None = None,
    leg: Leg = CUSTOMER,
    late_s: float = 1.5,
) -> list[Event]:
    told: list[Event] = [Tone(t=since + late_s, leg=leg, tone=name, since=since, ongoing=True)]
    if until is not None:
        told.append(Tone(t=until, leg=leg, tone=name, since=since, ongoing=False))
    return told


def dead(leg: Leg, since: float) -> list[Event]:
    return tone(ToneName.DEAD_LINE, since, leg=leg, late_s=2.0)


def heard(*told: list[Event], until: float = 60) -> list[Event]:
    return play(*told, until=until, line_known=False, far_end_hook=False)


def ends(out: list[Event]) -> list[tuple[float, str]]:
    return [(t, state) for t, state in states(out) if state not in ("talking", "closing")]


@pytest.mark.parametrize("name", [ToneName.BUSY, ToneName.CONGESTION, ToneName.DISCONNECT])
def test_tone_after_the_goodbye_is_a_customer_gone(name: ToneName) -> None:
    out = heard(CLOSED, tone(name, 25, 31))
    assert ends(out) == [(27.2, "far_end_gone"), (31, "ended")]
    gone = entered(out, 2)
    assert (gone.since, gone.by, gone.source) == (25, Party.FAR_END, Source.AUDIO)
    assert [cue for _, cue, _ in cues(out)] == ["free_to_hang_up"] * 2
    fields = record(out)
    assert (fields["hung_up_first"], fields["premature_hangup"]) == ("customer", False)
    assert fields["wait_s"] == 2.5


def test_tone_before_a_goodbye_is_a_line_dropped() -> None:
    out = heard(HEARD, tone(ToneName.BUSY, 20), speak(AGENT, 23, 24))
    assert ends(out) == [(22.2, "dropped")]
    assert cues(out)[0] == (22.2, "call_back", "on")
    assert record(out)["dropped"] is True


def test_next_call_heard_is_taken_for_the_call_back() -> None:
    out = heard(HEARD, tone(ToneName.BUSY, 20, 25), speak(AGENT, 30, 32), until=35)
    assert cues(out) == [(22.2, "call_back", "on"), (30.06, "call_back", "off")]


def test_number_that_is_engaged_is_no_dropped_line() -> None:
    ringing = tone(ToneName.RINGBACK, 2, 8)
    beeps = [*speak(AGENT, 1, 2), *speak(CUSTOMER, 2, 3), *ringing]
    out = heard(beeps, tone(ToneName.BUSY, 8.5))
    assert ends(out) == [(10.7, "ended")]
    assert cues(out) == []


def test_tones_of_another_line_end_no_call() -> None:
    busy = tone(ToneName.BUSY, 35, 40)
    asked = say(AGENT, Category.HOLD_REQUEST, 20, 21)
    assert ends(heard(HEARD, asked, busy, until=42)) == [(26, "on_hold"), (42, "ended")]
    transfer = say(AGENT, Category.TRANSFER, 20, 21)
    assert ends(heard(HEARD, transfer, busy, until=42)) == [(42, "ended")]
    assert ends(heard(HEARD, tone(ToneName.DIAL, 20, 40), until=42)) == [(42, "ended")]


def test_customer_who_left_on_hold_is_missed_at_the_return() -> None:
    asked = say(AGENT, Category.HOLD_REQUEST, 20, 21)
    out = heard(HEARD, asked, tone(ToneName.BUSY, 35), speak(AGENT, 50, 51))
    assert ends(out) == [(26, "on_hold"), (50.1, "dropped")]


def test_music_ends_no_spoken_hold() -> None:
    asked = say(AGENT, Category.HOLD_REQUEST, 20, 21)
    begun, over = speak(CUSTOMER, 22, 22.1)  # what a tune is taken for until it is known
    out = heard(HEARD, asked, [begun, over], tone(ToneName.MUSIC, 22, 50), until=55)
    assert ends(out) == [(27.1, "on_hold"), (55, "ended")]


def test_dial_tone_after_the_goodbye_ends_the_call_and_blames_nobody() -> None:
    out = heard(CLOSED, tone(ToneName.DIAL, 25))
    assert ends(out) == [(27.2, "ended")]
    assert record(out)["hung_up_first"] == "unknown"


@pytest.mark.parametrize(
    ("agent", "customer", "state", "first"),
    [
        (None, 25.0, "far_end_gone", "customer"),
        (27.0, 25.0, "far_end_gone", "customer"),
        (24.5, 25.0, "ended", "agent"),
        (25.1, 25.0, "ended", "unknown"),
        (22.9, 25.0, "far_end_gone", "customer"),  # muted long before
        (24.5, None, None, "unknown"),
    ],
)
def test_dead_legs_after_the_goodbye(
    agent: float | None, customer: float | None, state: str | None, first: str
) -> None:
    legs = [dead(leg, t) for leg, t in ((AGENT, agent), (CUSTOMER, customer)) if t]
    out = heard(CLOSED, *legs, until=40)
    assert ends(out)[0] == ((28.5, state) if state else (40, "ended"))
    assert record(out)["hung_up_first"] == first
    assert record(out)["premature_hangup"] is False


def test_agents_leg_dead_just_before_a_tone_is_an_agent_who_hung_up() -> None:
    out = heard(CLOSED, dead(AGENT, 24.5), tone(ToneName.DIAL, 25))
    assert record(out)["hung_up_first"] == "agent"


def test_dead_line_in_mid_call_may_be_a_mute() -> None:
    lives = Tone(t=36, leg=CUSTOMER, tone=ToneName.DEAD_LINE, since=20, ongoing=False)
    out = heard(HEARD, dead(CUSTOMER, 20), [lives], speak(CUSTOMER, 36, 39), until=40)
    assert ends(out) == [(40, "ended")]
    out = heard(HEARD, dead(CUSTOMER, 20), speak(AGENT, 30, 31), speak(AGENT, 50, 52), until=70)
    assert ends(out) == [(40, "dropped")]


def test_tone_tells_a_unit_with_nothing_but_its_own_hook_switch() -> None:
    out = play(
        greeted(),
        speak(CUSTOMER, 6, 9),
        closed(10),
        tone(ToneName.BUSY, 15, 18),
        agent_hangs_up(18),
        until=30,
        far_end_hook=False,
    )
    assert ends(out) == [(0, "ringing"), (17.2, "far_end_gone"), (18, "ended")]
    assert record(out)["hung_up_first"] == "customer"


def test_dead_leg_is_not_asked_where_the_line_tells() -> None:
    out = play(
        greeted(),
        speak(CUSTOMER, 6, 9),
        line_hold(10, 50),
        dead(CUSTOMER, 11),
        closed(60),
        far_end_hangs_up(75),
        until=80,
    )
    assert ends(out)[1:] == [(10, "on_hold"), (75, "far_end_gone"), (80, "ended")]


@pytest.mark.parametrize(
    "ending",
    [ending for ending in endings() if ending.country in ("US", "DE")],
    ids=lambda e: f"{e.country} {e.kind}, {e.first} first",
)
def test_generated_endings(ending: Ending) -> None:
    out = told_of(ending.legs, load(files=()).settings)
    assert hung_up_first(out) == ending.truth
    gone = [e for e in out if isinstance(e, CallState) and e.state == "far_end_gone"]
    assert bool(gone) is (ending.truth == "customer")
    wanted = {e.cue.value for e in out if isinstance(e, CueWanted) and e.wanted}
    assert "premature_hang_up" not in wanted
    assert ("free_to_hang_up" in wanted) is (ending.truth == "customer")
