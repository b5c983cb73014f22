from collections.abc import Iterable

import pytest
from story import (
    AGENT,
    CUSTOMER,
    agent_hangs_up,
    closed,
    cues,
    greeted,
    line_hold,
    play,
    record,
    say,
    settings,
    speak,
)

from coach.events import (
    BreathGroup,
    DeadAir,
    Event,
    Level,
    Pace,
    TalkOver,
)
from coach.names import Category, Leg


def levels(times: Iterable[int], level_db: float, activity: float = 0.5) -> list[Event]:
    return [Level(t=t, leg=AGENT, level_db=level_db, activity=activity) for t in times]


def paces(times: Iterable[int], sps: float, speech_s: float = 10.0) -> list[Event]:
    return [Pace(t=t, leg=AGENT, syllables_per_s=sps, speech_s=speech_s) for t in times]


def talk_over(t: float, leg: Leg = AGENT) -> list[Event]:
    over = {"leg": leg, "start": t - 0.8}
    begun = TalkOver(t=t, duration_s=0.8, ongoing=True, **over)
    return [begun, TalkOver(t=t + 0.5, duration_s=1.3, ongoing=False, **over)]


def dead_air(start: float, end: float) -> list[Event]:
    begun = DeadAir(t=start + 10, start=start, duration_s=10.0, ongoing=True)
    return [begun, DeadAir(t=end + 0.06, start=start, duration_s=end - start, ongoing=False)]


SPEAKS = speak(AGENT, 10, 60)


@pytest.mark.parametrize(("level_db", "cue"), [(-10.0, "too_loud"), (-40.0, "too_quiet")])
def test_volume_outside_the_band(level_db: float, cue: str) -> None:
    told = [*levels(range(11, 16), -24), *levels(range(16, 30), level_db)]
    told += levels(range(30, 40), -24)
    out = play(greeted(), SPEAKS, told, until=60)
    assert cues(out) == [(23, cue, "on"), (30, cue, "off")]
    assert record(out)["level_outside_s"] == 14


def test_volume_back_in_the_band_in_time() -> None:
    told = [e for t in range(11, 50) for e in levels([t], -24 if t % 7 == 0 else -10)]
    assert cues(play(greeted(), SPEAKS, told, until=60)) == []


def test_volume_of_a_moment_ago_is_no_news() -> None:
    told = [*speak(AGENT, 10, 14), *levels(range(11, 29), -10), *speak(CUSTOMER, 15, 60)]
    out = play(greeted(), told, until=60)
    assert cues(out) == []
    assert record(out)["level_outside_s"] == 4


def test_volume_cue_goes_once_the_agent_has_long_been_silent() -> None:
    told = [*speak(AGENT, 10, 20), *levels(range(11, 21), -10)]
    out = play(greeted(), told, speak(CUSTOMER, 20.5, 50), until=60)
    assert cues(out) == [(18, "too_loud", "on"), (35, "too_loud", "off")]


def test_volume_cue_goes_with_hold_and_with_the_call() -> None:
    told = [*SPEAKS, *levels(range(11, 60), -10), *line_hold(20.5, 30.5)]
    out = play(greeted(), told, agent_hangs_up(45), until=70)
    loud = [(t, how) for t, cue, how in cues(out) if cue == "too_loud"]
    assert loud == [(18, "on"), (20.5, "off"), (38, "on"), (45, "off")]


def test_level_is_the_energy_mean_weighted_by_speech() -> None:
    told = [*levels([11], -20, activity=0.9), *levels([12], -30, activity=0.1)]
    # 10 lg (0.9 * 10^-2 + 0.1 * 10^-3)
    assert record(play(greeted(), SPEAKS, told, until=60))["level_db"] == pytest.approx(-20.41)


# English: 3.1 to 6.8 syllables a second, a cue beyond 2.8 and 7.5


@pytest.mark.parametrize(("sps", "cue"), [(7.6, "too_fast"), (2.7, "too_slow")])
def test_pace_outside_the_band(sps: float, cue: str) -> None:
    told = [*paces(range(11, 25), sps), *paces(range(25, 40), 4.5)]
    out = play(greeted(), SPEAKS, told, until=60)
    assert cues(out) == [(18, cue, "on"), (25, cue, "off")]
    assert record(out)["pace_outside_s"] == 14


@pytest.mark.parametrize("sps", [7.4, 2.9])
def test_pace_just_outside_the_band_is_no_cue_but_counts(sps: float) -> None:
    out = play(greeted(), SPEAKS, paces(range(11, 41), sps), until=60)
    assert cues(out) == []
    assert record(out)["pace_outside_s"] == 30


def test_pace_must_be_far_outside_without_a_break() -> None:
    told = [e for t in range(11, 50) for e in paces([t], 7.4 if t % 8 == 2 else 8.0)]
    assert cues(play(greeted(), SPEAKS, told, until=60)) == []


def test_pace_cue_lasts_until_back_inside() -> None:
    told = [*paces(range(11, 20), 8.0), *paces(range(20, 30), 7.0), *paces(range(30, 35), 6.7)]
    told += paces(range(35, 45), 7.4)
    out = play(greeted(), SPEAKS, told, until=60)
    assert cues(out) == [(18, "too_fast", "on"), (30, "too_fast", "off")]


def test_pace_without_a_hold_still_needs_the_change() -> None:
    to = settings("pace.hold_for_s=0")
    assert cues(play(greeted(), SPEAKS, paces(range(11, 20), 7.4), until=60, to=to)) == []
    out = play(greeted(), SPEAKS, paces(range(11, 20), 7.6), until=20, to=to)
    assert cues(out)[0] == (11, "too_fast", "on")


def test_breath_groups_are_counted_and_the_fastest_told() -> None:
    told = [
        BreathGroup(t=t, leg=leg, syllables_per_s=sps, speech_s=2.0)
        for t, leg, sps in [(2, AGENT, 9.0), (12, AGENT, 5.0), (15, AGENT, 6.5), (18, CUSTOMER, 8)]
    ]
    fields = record(play(greeted(), SPEAKS, told, until=60))
    assert (fields["breath_groups"], fields["pace_fastest_sps"]) == (2, 6.5)


def test_pace_is_the_mean_weighted_by_speech() -> None:
    told = [*paces([11], 4.0, speech_s=9.0), *paces([12], 6.0, speech_s=1.0)]
    assert record(play(greeted(), SPEAKS, told, until=60))["pace_sps"] == 4.2


def test_pace_of_the_customer_is_not_coached() -> None:
    told = [Pace(t=t, leg=CUSTOMER, syllables_per_s=9.0, speech_s=9.0) for t in range(11, 50)]
    assert cues(play(greeted(), SPEAKS, told, until=60)) == []


def test_third_interruption_within_two_minutes() -> None:
    told = [*talk_over(20), *talk_over(70), *talk_over(139), *talk_over(300)]
    out = play(greeted(), speak(AGENT, 5.5, 400), told, until=400)
    assert cues(out) == [(139, "talk_over", "on"), (144, "talk_over", "off")]
    assert record(out)["interruptions"] == 4


def test_interruptions_too_far_apart_or_not_the_agents() -> None:
    told = [*talk_over(20), *talk_over(90), *talk_over(141), *talk_over(100, CUSTOMER)]
    out = play(greeted(), speak(AGENT, 5.5, 200), told, until=200)
    assert cues(out) == []
    assert record(out)["interruptions"] == 3


def test_dead_air_while_the_agent_owes_an_answer() -> None:
    told = [*speak(CUSTOMER, 6, 8), *dead_air(8, 25), *speak(AGENT, 25, 30)]
    out = play(greeted(), told, speak(CUSTOMER, 31, 60), until=60)
    assert cues(out) == [(18, "dead_air", "on"), (25.06, "dead_air", "off")]
    assert record(out)["dead_air_s"] == 17


def test_dead_air_of_the_customer_is_the_call_outs_matter() -> None:
    told = [*dead_air(5, 25), *speak(CUSTOMER, 25, 60)]
    out = play(greeted(), told, until=60)
    assert cues(out) == [(13, "call_out", "on"), (25.06, "call_out", "off")]
    assert record(out)["dead_air_s"] == 20


def test_silence_after_the_goodbyes_is_no_debt_of_the_agents() -> None:
    told = [*closed(6), *say(CUSTOMER, Category.GOODBYE, 9, 10), *dead_air(10, 30)]
    out = play(greeted(), told, until=30)
    assert "dead_air" not in [cue for _, cue, _ in cues(out)]


def test_silence_on_hold_is_no_dead_air_and_counts_anew_after_it() -> None:
    told = [*speak(AGENT, 6, 9), *speak(CUSTOMER, 9.5, 10), *line_hold(12, 50)]
    told += [*dead_air(10, 65), *speak(AGENT, 65, 90)]
    out = play(greeted(), told, until=90)
    assert [cue for cue in cues(out) if cue[1] == "dead_air"] == [
        (60, "dead_air", "on"),
        (65.06, "dead_air", "off"),
    ]
    assert record(out)["dead_air_s"] == 15


def test_without_a_customer_leg_there_is_no_silence_to_judge() -> None:
    fields = record(play(greeted(), dead_air(6, 40), until=50, customer_heard=False))
    assert "dead_air_s" not in fields
    assert "interruptions" not in fields
