import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from bench.sv56 import sv56
from coach.events import Level, Noise, Voice
from coach.features.level import ActiveLevel
from coach.settings import Settings, load

from .sound import hops, mixed, noise, run, silence, speech_noise, talk, tone

LEVEL = load(files=()).settings.level


def measure(samples: np.ndarray, window_s: float = 60) -> tuple[float, float] | None:
    meter = ActiveLevel(dataclasses.replace(LEVEL, window_s=window_s))
    for hop in hops(samples):
        meter.push(hop, True)
    return meter.measure()


def rises(t: np.ndarray) -> np.ndarray:
    """Envelope of a tone of mean 1 that begins at 0: what P.56's two averages make of a step."""
    u = np.maximum(t, 0) / 0.03
    return 1 - (1 + u) * np.exp(-u)


def by_hand(on_s: float, off_s: float, mean: float) -> float:
    """Active level of tone bursts over their own level, in dB, worked out from P.56.

    ``mean``: of the rectified tone over its root mean square. The envelope is the sum of what the
    bursts so far have left; a threshold is active where it lies under the envelope and for 0.2 s
    after; the threshold sought lies 15.9 dB under the level that follows from it. An endless
    ``off_s`` is a single burst, whose activity is in seconds.
    """
    period = min(on_s + off_s, on_s + 2)
    t = np.arange(0, period, 1e-4)
    back = range(1 if np.isinf(off_s) else 40)
    envelope = mean * sum(rises(t + n * period) - rises(t + n * period - on_s) for n in back)
    twice = np.concatenate((envelope, envelope)) if np.isfinite(off_s) else envelope

    def level_db(threshold_db: float) -> float:
        over = twice >= 10 ** (threshold_db / 20)
        since = np.arange(len(over)) - np.maximum.accumulate(
            np.where(over, np.arange(len(over)), -(10**6))
        )
        active_s = np.count_nonzero(since[-len(t) :] <= 2000) * 1e-4
        return 10 * np.log10(on_s / active_s) if active_s else np.inf

    lower, upper = -40.0, 0.0
    while upper - lower > 1e-3:
        middle = (lower + upper) / 2
        if level_db(middle) - middle > 15.9:
            lower = middle
        else:
            upper = middle
    return level_db(lower)


# shorter and longer than the hangover of 0.2 s, both the bursts and the gaps between them
BURSTS = [
    (1, 1),
    (2, 3),
    (0.5, 0.5),
    (3, 7),
    (0.3, 0.15),
    (0.1, 0.1),
    (0.1, 0.9),
    (0.15, 0.35),
    (0.05, 0.15),
    (0.6, 0.2),
    (0.4, 2.6),
    (9, 1),
]


@pytest.mark.parametrize(("on_s", "off_s"), BURSTS)
@pytest.mark.parametrize(("level_db", "hz"), [(-20, 1000), (-45, 310), (-6, 2730)])
def test_tone_bursts_as_by_hand(on_s: float, off_s: float, level_db: float, hz: float) -> None:
    sound = tone(on_s, level_db, hz)
    mean = float(np.abs(sound).mean() / np.sqrt((sound**2).mean()))
    bursts = np.tile(np.concatenate((sound, silence(off_s))), round(60 / (on_s + off_s)))
    measured_db, activity = measure(bursts)
    expected_db = level_db + by_hand(on_s, off_s, mean)
    assert measured_db == pytest.approx(expected_db, abs=0.1)
    share = on_s / (on_s + off_s) * 10 ** ((level_db - expected_db) / 10)
    assert activity == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("on_s", [0.3, 0.34, 0.5, 1.0, 4.0, 12.0])
@pytest.mark.parametrize(("level_db", "hz"), [(-20, 1000), (-45, 310), (-6, 2730)])
@pytest.mark.parametrize("late_s", [0.0, 0.16])
def test_single_burst_as_by_hand(on_s: float, level_db: float, hz: float, late_s: float) -> None:
    sound = tone(on_s, level_db, hz)
    mean = float(np.abs(sound).mean() / np.sqrt((sound**2).mean()))
    meter = ActiveLevel(LEVEL)
    for hop in hops(mixed(14, (1, sound))):
        meter.push(hop, True)
    # a voice detector is late by some frames at both ends: that makes no difference
    measured_db = meter.spurt_over(-90, 1 + late_s / 8, 1 + on_s + late_s)
    assert measured_db == pytest.approx(level_db + by_hand(on_s, np.inf, mean), abs=0.1)


def test_peer_has_the_same_of_bursts_of_talk() -> None:
    samples = np.tile(np.concatenate((talk(2, -26), silence(1.3), talk(0.6, -22))), 8)
    assert measure(samples)[0] == pytest.approx(sv56(samples), abs=0.1)


def test_every_talk_spurt_has_its_level(settings: Settings) -> None:
    spurts = [talk(2, -20), talk(1, -32, pitch=190), talk(5, -26), talk(0.4, -20)]
    starts = (3, 6, 8, 14)
    samples = mixed(17, *zip(starts, spurts, strict=True)) + noise(17, -70)
    ends = [e for e in run(settings, samples) if isinstance(e, Voice) and not e.active]
    alone = [sv56(np.concatenate((spurt, silence(1))), 1e-6) for spurt in spurts]
    assert [e.level_db for e in ends] == pytest.approx(alone, abs=0.1)


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(mixed(8, (4, talk(0.2, -20))) + noise(8, -70), id="a word"),
        pytest.param(mixed(8, (4, talk(2, -26))) + noise(8, -41), id="15 dB over noise"),
    ],
)
def test_spurt_without_a_level(settings: Settings, samples: np.ndarray) -> None:
    voices = [e for e in run(settings, samples) if isinstance(e, Voice)]
    assert [e.level_db for e in voices] == [None] * len(voices)


def test_spurt_not_yet_taken_in_has_no_level() -> None:
    meter = ActiveLevel(LEVEL)
    for hop in hops(talk(2, -20)):
        meter.push(hop, True)
    assert meter.spurt_over(-90, 0.5, 2.0) is not None
    assert meter.spurt_over(-90, 0.5, 2.02) is None


def test_spurt_longer_than_the_window_is_that_of_its_end() -> None:
    meter = ActiveLevel(dataclasses.replace(LEVEL, window_s=5))
    for hop in hops(np.concatenate((talk(6, -10), talk(6, -30)))):
        meter.push(hop, True)
    assert meter.spurt_over(-90, 0.0, 12.0) == pytest.approx(-30, abs=0.5)


def test_steady_tone_is_its_own_level() -> None:
    assert measure(tone(10, -26)) == (pytest.approx(-26, abs=0.02), pytest.approx(1, abs=0.01))


def test_offset_of_the_card_is_no_level(settings: Settings) -> None:
    samples = mixed(12, (1, talk(3, -30)), (5, talk(4, -27))) + noise(12, -75)
    plain, offset = (
        [(e.t, e.level_db) for e in run(settings, s) if isinstance(e, Level)]
        for s in (samples, samples + np.float32(0.3))
    )
    assert plain
    assert offset == [(t, pytest.approx(level_db, abs=0.01)) for t, level_db in plain]


@how(max_examples=25, deadline=None)
@given(gain_db=st.floats(-20, 20), seed=st.integers(0, 9))
def test_gain_moves_the_level_and_nothing_else(gain_db: float, seed: int) -> None:
    samples = mixed(12, (1, talk(3, -35)), (5, talk(4, -32))) + noise(12, -70, seed)
    level_db, activity = measure(samples)
    louder_db, same = measure(samples * np.float32(10 ** (gain_db / 20)))
    assert louder_db == pytest.approx(level_db + gain_db, abs=0.01)
    assert same == pytest.approx(activity, abs=0.001)


@how(max_examples=25, deadline=None)
@given(gain_db=st.floats(-20, 20), seconds=st.floats(0.5, 4))
def test_gain_moves_the_level_of_a_spurt(gain_db: float, seconds: float) -> None:
    spurt = mixed(6, (1, talk(seconds, -35)))

    def level_db(samples: np.ndarray) -> float:
        meter = ActiveLevel(LEVEL)
        for hop in hops(samples):
            meter.push(hop, True)
        return meter.spurt_over(-100, 1.0, 1 + seconds)

    louder = spurt * np.float32(10 ** (gain_db / 20))
    assert level_db(louder) == pytest.approx(level_db(spurt) + gain_db, abs=0.01)


def test_window_forgets() -> None:
    samples = np.concatenate((talk(20, -10), talk(20, -30)))
    assert measure(samples, 15)[0] == pytest.approx(measure(talk(15, -30), 15)[0], abs=0.2)


def test_silence_has_no_level() -> None:
    assert measure(silence(5)) is None


def test_events_come_at_the_interval_once_there_is_speech(settings: Settings) -> None:
    samples = mixed(12, (3, talk(6, -26))) + noise(12, -70)
    levels = [e for e in run(settings, samples) if isinstance(e, Level)]
    assert [round(e.t, 3) for e in levels] == [5, 6, 7, 8, 9, 10, 11, 12]
    assert levels[-1].level_db == pytest.approx(-26, abs=0.7)
    assert levels[-1].activity == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(noise(20, -30), id="noise alone"),
        pytest.param(mixed(20, (0, talk(20, -26))) + noise(20, -36), id="10 dB over noise"),
        pytest.param(mixed(20, (5, talk(0.6, -26))), id="one word"),
    ],
)
def test_refuses_what_cannot_be_told(settings: Settings, samples: np.ndarray) -> None:
    assert [e for e in run(settings, samples) if isinstance(e, Level) and e.t > 5] == []


@pytest.mark.parametrize("snr_db", [12, 8, 4, 0, -6])
@pytest.mark.parametrize("seed", [0, 1])
def test_refuses_speech_near_speech_shaped_noise(
    settings: Settings, snr_db: float, seed: int
) -> None:
    """``snr_db``: of the speech while it is spoken to the noise."""
    speech = mixed(30, *((at, talk(2, -26)) for at in range(1, 28, 3)))
    samples = speech + speech_noise(30, -26 - snr_db, seed)
    events = run(settings, samples)
    assert [e for e in events if isinstance(e, Level)] == []
    assert [e.level_db for e in events if isinstance(e, Voice) and e.level_db is not None] == []
    assert [e.snr_db for e in events if isinstance(e, Noise) and e.snr_db is not None] == []


@pytest.mark.parametrize("snr_db", [24, 30, 40])
def test_level_is_that_of_the_speech_where_noise_is_far(settings: Settings, snr_db: float) -> None:
    speech = mixed(30, *((at, talk(2, -26)) for at in range(1, 28, 3)))
    heard = [*run(settings, speech + speech_noise(30, -26 - snr_db))]
    levels = [e.level_db for e in heard if isinstance(e, Level) and e.t > 20]
    assert levels == pytest.approx([sv56(speech[-16000 * 15 :])] * len(levels), abs=0.3)
    assert len(levels) == 10


@pytest.mark.parametrize(("gust_db", "known"), [(-36, False), (-50, True)])
def test_refuses_where_noise_that_comes_and_goes_is_active(gust_db: float, known: bool) -> None:
    """Its floor is low; it is told by how much is active that was not heard as speech."""
    speech = mixed(16, *((at, talk(2, -26)) for at in range(0, 16, 4)))
    gusts = mixed(16, *((at, speech_noise(0.4, gust_db, at)) for at in range(16)))
    meter = ActiveLevel(LEVEL)
    for at, hop in enumerate(hops(speech + gusts)):
        meter.push(hop, at % 40 < 22)
    assert (meter.measure_over(-80) is not None) == known
