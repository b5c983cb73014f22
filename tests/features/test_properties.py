"""What holds of the features for any gain, cut, rate and damage of the same sound."""

import math
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import assume, given
from hypothesis import settings as how
from hypothesis import strategies as st

from coach.drift import Legs
from coach.events import DeadAir, Event, Level, Noise, Pace, TalkOver, Voice
from coach.features import Features
from coach.frames import RATE, Framer, Samples
from coach.names import Leg
from coach.settings import load

from .sound import mixed, noise, run, silence, talk

SETTINGS = load(files=(), pairs=["dead_air.limit_s=3", "level.window_s=6"]).settings
# Under all that is said here, at any gain. WebRTC's detector and the pace meter have floors as
# well, at about -60 and -80 dBov, which no test crosses.
NO_FLOOR = load(files=(), pairs=["voice.floor_db=-90"]).settings
NEAR_S = 0.04
AGENT_SPEAKS = [(2.5, 3.0), (10.0, 3.0), (18.0, 1.5)]
CUSTOMER_SPEAKS = [(6.0, 2.5), (11.5, 3.0)]


def band_limited(samples: Samples) -> Samples:
    spectrum = np.fft.rfft(samples.astype(np.float64))
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum[(hz < 100) | (hz > 3400)] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


@cache
def legs_of(level_db: float = -30, pitch: float = 120, per_s: int = 5) -> tuple[Samples, Samples]:
    """20 s of two legs: turns, an interruption and a silence, nothing under 100 or over 3400 Hz."""
    agent, customer = (
        mixed(20, *((at, talk(length, level_db, per_s, hz)) for at, length in turns))
        + noise(20, level_db - 35, seed)
        for seed, turns, hz in ((0, AGENT_SPEAKS, pitch), (1, CUSTOMER_SPEAKS, 1.7 * pitch))
    )
    return band_limited(agent), band_limited(customer)


def at_rate(samples: Samples, rate: int) -> Samples:
    """The same sound, which is band-limited, sampled at another rate."""
    count = len(samples) * rate // RATE
    spectrum = np.fft.rfft(samples.astype(np.float64))
    return (np.fft.irfft(spectrum, count) * (rate / RATE)).astype(np.float32)


def heard(legs: tuple[Samples, Samples], rate: int, cuts: Iterable[int] = ()) -> list[Event]:
    """Events of both legs, pushed in step in blocks of ``cuts`` samples, then the rest."""
    features, events = Features(SETTINGS), list[Event]()
    paired = Legs(rate, rate, SETTINGS.audio)
    edges = [0, *np.cumsum(list(cuts), dtype=int).tolist(), len(legs[0])]
    for begin, end in pairwise(edges):
        for leg, samples in zip(Leg, legs, strict=True):
            for pair in paired.push(leg, samples[begin:end]):
                events += features.push(*pair)
    for leg in Leg:
        for pair in paired.end(leg):
            events += features.push(*pair)
    return events


def moments(events: list[Event]) -> list[tuple[tuple[object, ...], float, float]]:
    """What was told of voice, dead air and talk-over, when it began and when it was known."""
    found = []
    for event in events:
        match event:
            case Voice():
                found.append((("voice", event.leg, event.active), event.since, event.t))
            case TalkOver():
                found.append((("over", event.leg, event.ongoing), event.start, event.t))
            case DeadAir():
                found.append((("dead", event.ongoing), event.start, event.t))
    return sorted(found, key=lambda moment: (str(moment[0]), moment[2]))


def assert_near(events: list[Event], reference: list[Event]) -> None:
    found, expected = moments(events), moments(reference)
    assert [what for what, *_ in found] == [what for what, *_ in expected]
    for (what, *times), (_, *others) in zip(found, expected, strict=True):
        assert np.abs(np.subtract(times, others)).max() <= NEAR_S + 1e-6, what


def assert_sound(events: list[Event]) -> None:
    for event in events:
        numbers = [v for v in event.as_dict().values() if isinstance(v, float)]
        assert all(math.isfinite(number) for number in numbers), event


def assert_only_said(events: list[Event]) -> None:
    """No voice begins but where somebody speaks, and nobody is talked over by another."""
    turns = {Leg.AGENT: AGENT_SPEAKS, Leg.CUSTOMER: CUSTOMER_SPEAKS}
    for event in events:
        if isinstance(event, Voice) and event.active:
            assert any(at - 0.1 <= event.since <= at + n for at, n in turns[event.leg]), event
        if isinstance(event, TalkOver):
            assert event.leg is Leg.CUSTOMER
            assert 11.4 <= event.start <= 13


def test_the_conversation_has_all_of_it() -> None:
    events = heard(legs_of(), RATE)
    kinds = {event.type for event in events}
    assert kinds >= {"voice", "level", "pace", "breath_group", "talk_over", "dead_air", "noise"}
    assert_only_said(events)


@how(max_examples=15)
@given(gain_db=st.floats(-20, 20), per_s=st.integers(3, 7))
def test_gain_shifts_levels_and_changes_no_pace(gain_db: float, per_s: int) -> None:
    samples = legs_of(-32, per_s=per_s)[0]
    plain, shifted = (run(NO_FLOOR, samples * np.float32(10 ** (db / 20))) for db in (0.0, gain_db))
    for kind, level in ((Level, "level_db"), (Noise, "floor_db")):
        before, after = ([e for e in events if isinstance(e, kind)] for events in (plain, shifted))
        assert [e.t for e in before] == [e.t for e in after]
        moved = np.array([getattr(e, level) for e in after]) - gain_db
        assert np.abs(moved - [getattr(e, level) for e in before]).max() <= 0.01
    paces, after = ([e for e in events if isinstance(e, Pace)] for events in (plain, shifted))
    assert len(paces) >= 8
    assert [e.t for e in paces] == [e.t for e in after]
    for one, other in zip(paces, after, strict=True):
        assert abs(one.syllables_per_s / other.syllables_per_s - 1) <= 0.01
        assert abs(one.speech_s - other.speech_s) <= 0.021


@how(max_examples=15)
@given(
    rate=st.sampled_from([8000, 16000, 44100, 48000]),
    cuts=st.lists(st.one_of(st.integers(0, 500), st.integers(0, 30000)), max_size=40),
)
def test_any_cut_gives_the_same_events(rate: int, cuts: list[int]) -> None:
    legs = tuple(at_rate(leg[: 15 * RATE], rate) for leg in legs_of())
    assume(sum(cuts) <= len(legs[0]))
    assert heard(legs, rate, cuts) == whole(rate)


@cache
def whole(rate: int) -> list[Event]:
    return heard(tuple(at_rate(leg[: 15 * RATE], rate) for leg in legs_of()), rate)


@how(max_examples=12)
@given(
    level_db=st.sampled_from([-30, -26, -22]),
    pitch=st.floats(90, 180),
    per_s=st.integers(3, 7),
)
def test_any_rate_gives_the_same_moments(level_db: float, pitch: float, per_s: int) -> None:
    legs = legs_of(level_db, pitch, per_s)
    reference = heard(legs, RATE)
    for rate in (8000, 48000):
        assert_near(heard(tuple(at_rate(leg, rate) for leg in legs), rate), reference)


@how(max_examples=10)
@given(offset=st.floats(-1, 1), other=st.floats(-1, 1))
def test_silence_at_any_offset_is_silence(offset: float, other: float) -> None:
    legs = (silence(6) + np.float32(offset), silence(6) + np.float32(other))
    events = heard(legs, RATE)
    assert_sound(events)
    assert moments(events) == []
    assert not [e for e in events if isinstance(e, Level | Pace)]


@how(max_examples=10)
@given(offset=st.floats(-0.7, 0.7))
def test_an_offset_changes_no_moment(offset: float) -> None:
    legs = legs_of(-30)
    events = heard(tuple(leg + np.float32(offset) for leg in legs), RATE)
    assert_sound(events)
    assert_near(events, heard(legs, RATE))


@how(max_examples=10)
@given(drive_db=st.floats(0, 40))
def test_hard_clipping_makes_no_voice_where_there_is_none(drive_db: float) -> None:
    drive = np.float32(10 ** (drive_db / 20))
    events = heard(tuple(np.clip(leg * drive, -1, 1) for leg in legs_of(-30)), RATE)
    assert_sound(events)
    assert_only_said(events)
    begun = {e.leg for e in events if isinstance(e, Voice) and e.active}
    assert begun == set(Leg)


@how(max_examples=15)
@given(
    holes=st.lists(st.tuples(st.floats(0, 20), st.floats(0.0005, 2)), min_size=1, max_size=8),
    damaged=st.sampled_from([(True, True), (True, False), (False, True)]),
)
def test_missing_samples_make_no_voice(
    holes: list[tuple[float, float]], damaged: tuple[bool, bool]
) -> None:
    legs = tuple(leg.copy() for leg in legs_of(-30))
    for leg, hit in zip(legs, damaged, strict=True):
        for at, length in holes if hit else ():
            leg[round(at * RATE) : round((at + length) * RATE)] = np.nan
    events = heard(legs, RATE)
    assert_sound(events)
    assert_only_said(events)


def test_nothing_but_missing_samples() -> None:
    framer, features = Framer(RATE, SETTINGS.audio), Features(SETTINGS)
    frames = framer.push(np.full(6 * RATE, np.nan, np.float32))
    events = [e for frame in frames for e in features.push(frame, frame)]
    assert_sound(events)
    assert moments(events) == []
