import dataclasses
from collections.abc import Iterable

import pytest
from story import (
    AGENT,
    CUSTOMER,
    agent_hangs_up,
    closed,
    cues,
    greeted,
    lift,
    line_hold,
    phrase,
    play,
    record,
    records,
    say,
    settings,
    speak,
)

from coach.events import (
    AgentBand,
    BreathGroup,
    DeadAir,
    Event,
    Level,
    Noise,
    Pace,
    TalkOver,
    Voice,
)
from coach.names import Category, Learned, Leg


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


def own_band(t: float, level_db: float) -> list[Event]:
    band = {"low_db": level_db - 6, "high_db": level_db + 6}
    return [AgentBand(t=t, how=Learned.CALIBRATE, level_db=level_db, **band)]


@pytest.mark.parametrize(("level_db", "cue"), [(-23.9, "too_loud"), (-36.1, "too_quiet")])
def test_volume_outside_the_agents_own_band(level_db: float, cue: str) -> None:
    told = [*own_band(0.1, -30), *levels(range(11, 30), level_db)]
    out = play(greeted(), SPEAKS, told, levels(range(30, 60), -25), until=60)
    assert cues(out) == [(18, cue, "on"), (30, cue, "off")]


def test_own_band_holds_for_every_call_after_and_never_moves() -> None:
    calls = [[*greeted(t + 3), *speak(AGENT, t + 6, t + 50)] for t in (0, 100)]
    ends = [*agent_hangs_up(55), *agent_hangs_up(155)]
    told = [*own_band(60, -30), *levels(range(10, 50), -20), *levels(range(110, 150), -20)]
    first, second = records(play(*calls, ends, told, until=170))
    assert "level_drift_db" not in first
    assert (first["level_outside_s"], second["level_outside_s"]) == (0, 40)
    assert second["level_drift_db"] == 10


def test_drift_is_that_of_the_calls_mean() -> None:
    told = [*own_band(0.1, -26), *levels([11], -20, 0.9), *levels([12], -30, 0.1)]
    drift_db = record(play(greeted(), SPEAKS, told, until=60))["level_drift_db"]
    assert drift_db == pytest.approx(-20.41 + 26, abs=0.001)


def spurt(start: float, end: float, level_db: float | None, leg: Leg = AGENT) -> list[Event]:
    begun, stopped = speak(leg, start, end)
    assert isinstance(stopped, Voice)
    return [begun, dataclasses.replace(stopped, level_db=level_db)]


def test_speech_counts_whose_level_could_be_told_in_the_call() -> None:
    told = [
        *spurt(1, 2, -20),  # while it rings
        *spurt(6, 9, -20),
        *spurt(10, 14, None),
        *spurt(15, 17.5, -30),
        *spurt(18, 30, -20, CUSTOMER),
        *line_hold(31, 40),
        *spurt(33, 35, -20),  # to a colleague
        *levels([16], -20),
    ]
    assert record(play(greeted(), told, until=60))["level_speech_s"] == 5.5


def test_no_level_no_speech_told() -> None:
    fields = record(play(greeted(), spurt(6, 9, -20), own_band(0.1, -26), until=60))
    assert not {"level_db", "level_drift_db", "level_speech_s"} & fields.keys()


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


def back_channel(start: float, end: float) -> list[Event]:
    return phrase(AGENT, Category.BACK_CHANNEL, start, end)


def test_a_listed_back_channel_is_no_interruption_in_whichever_order_it_is_known() -> None:
    early = [*talk_over(15), *back_channel(14.2, 14.5)]  # known at 14.9, before it counts
    late = [*talk_over(70), *back_channel(69.2, 70.3)]
    told = [*early, *late, *talk_over(100), *talk_over(139)]
    out = play(greeted(), speak(AGENT, 5.5, 200), told, until=200)
    assert cues(out) == []
    # the first went on for longer than its "I see"
    assert record(out)["interruptions"] == 3


def test_listed_back_channels_one_after_another_are_none_either() -> None:
    told = [*talk_over(70), *back_channel(69.2, 69.7), *back_channel(69.8, 70.4)]
    assert record(play(greeted(), SPEAKS, told, until=90))["interruptions"] == 0


def test_a_cue_for_what_turns_out_to_be_listed_goes() -> None:
    told = [*talk_over(20), *talk_over(70), *talk_over(139), *back_channel(138.2, 139.4)]
    out = play(greeted(), speak(AGENT, 5.5, 200), told, until=200)
    assert cues(out) == [(139, "talk_over", "on"), (139.8, "talk_over", "off")]
    assert record(out)["interruptions"] == 2


def test_the_customers_back_channel_excuses_nobody() -> None:
    told = [*talk_over(70), *phrase(CUSTOMER, Category.BACK_CHANNEL, 69, 70.4)]
    assert record(play(greeted(), SPEAKS, told, until=90))["interruptions"] == 1


ANNOUNCED = say(AGENT, Category.TIME_PROMISE, 9, 10)


@pytest.mark.parametrize("what", [Category.TIME_PROMISE, Category.READ_BACK])
def test_announced_silence_is_excused(what: Category) -> None:
    told = [*phrase(AGENT, what, 9, 10), *speak(AGENT, 9, 12), *dead_air(12, 30)]
    out = play(greeted(), told, speak(AGENT, 30, 40), until=60)
    fields = record(out)
    assert (fields["dead_air_s"], fields["dead_air_excused_s"]) == (0, 18)
    assert "dead_air" not in [cue for _, cue, _ in cues(out)]


def test_nobody_is_called_out_to_while_the_agent_looks_something_up() -> None:
    out = play(greeted(), ANNOUNCED, dead_air(10, 35), speak(AGENT, 35, 40), until=60)
    assert [t for t, cue, _ in cues(out) if cue == "call_out"] == [48, 60]


def test_the_excuse_ends() -> None:
    out = play(greeted(), ANNOUNCED, dead_air(10, 55), speak(AGENT, 55, 70), until=70)
    assert [(round(t), how) for t, cue, how in cues(out) if cue == "dead_air"] == [
        (40, "on"),
        (55, "off"),
    ]
    fields = record(out)
    assert (fields["dead_air_s"], fields["dead_air_excused_s"]) == (15, 30)


def test_an_announcement_long_ago_excuses_nothing() -> None:
    told = [*phrase(AGENT, Category.TIME_PROMISE, 9, 10), *speak(AGENT, 9, 20)]
    told += [*speak(CUSTOMER, 21, 22), *dead_air(22, 40), *speak(AGENT, 40, 60)]
    out = play(greeted(), told, until=60)
    fields = record(out)
    assert (fields["dead_air_s"], fields["dead_air_excused_s"]) == (18, 0)
    assert [t for t, cue, _ in cues(out) if cue == "dead_air"] == [32, 40.06]


def noise(t: float, *impulses: float, floor_db: float = -60, snr_db: float | None = 40) -> Event:
    return Noise(t=t, leg=AGENT, floor_db=floor_db, snr_db=snr_db, impulses=impulses)


def test_floor_and_ratio_are_averages_over_the_talk() -> None:
    told = [noise(10), noise(15, floor_db=-50, snr_db=20), noise(16, floor_db=-50, snr_db=None)]
    told += [noise(30, floor_db=-20), *line_hold(20.5, 40)]
    fields = record(play(greeted(), SPEAKS, told, until=60))
    # 5 s at -60, 6 s at -50 dBov: 10 lg ((5 * 10^-6 + 6 * 10^-5) / 11)
    assert fields["noise_floor_db"] == pytest.approx(-52.28, abs=0.01)
    assert fields["snr_db"] == 30


def test_knocks_while_the_customer_speaks() -> None:
    told = [*speak(CUSTOMER, 10, 20), *speak(CUSTOMER, 22, 32)]
    told += [noise(12.9, 12.2, 12.5), noise(20.8, 20.1), noise(23, 21.0), noise(35, 33.5, 34.0)]
    told += [*line_hold(40, 50), noise(45, 44.0), *speak(CUSTOMER, 43, 45)]
    fields = record(play(greeted(), told, until=60))
    assert fields["impulses_per_min"] == pytest.approx(9)  # three in 20 s


def test_who_answers_our_call_speaks_from_the_first_word() -> None:
    told = [*speak(CUSTOMER, 5, 15), noise(10, 9.5)]
    fields = record(play(lift(2), told, agent_hangs_up(20), until=30))
    assert fields["impulses_per_min"] == pytest.approx(6)


def test_no_knocks_a_minute_of_a_customer_who_never_spoke() -> None:
    assert "impulses_per_min" not in record(play(greeted(), [noise(12, 11.5)], until=60))


def test_without_a_customer_leg_there_is_no_silence_to_judge() -> None:
    fields = record(play(greeted(), dead_air(6, 40), until=50, customer_heard=False))
    assert "dead_air_s" not in fields
    assert "dead_air_excused_s" not in fields
    assert "interruptions" not in fields
