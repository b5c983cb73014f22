import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from coach.events import Level
from coach.features.level import ActiveLevel
from coach.settings import Settings, load

from .sound import hops, mixed, noise, run, silence, talk, tone

LEVEL = load(files=()).settings.level


def measure(samples: np.ndarray, window_s: float = 60) -> tuple[float, float] | None:
    meter = ActiveLevel(dataclasses.replace(LEVEL, window_s=window_s))
    for hop in hops(samples):
        meter.push(hop, True)
    return meter.measure()


def by_hand(on_s: float, off_s: float) -> float:
    """Active level of tone bursts under their own level, in dB, worked out from P.56.

    The envelope of a burst of level 0 rises as E (1 - (1 + t/T) exp(-t/T)) and falls as
    E (1 + t/T) exp(-t/T), E being the mean of the rectified tone and T 0.03 s; a threshold C is
    active from where the rise passes it to 0.2 s after the fall does.
    """
    mean = 20 * np.log10(2 * np.sqrt(2) / np.pi)
    u = np.linspace(0, 20, 20_000)
    falling = (1 + u) * np.exp(-u)
    for threshold in np.linspace(-24, -10, 1401):
        share = 10 ** ((threshold - mean) / 20)
        fall = 0.03 * u[np.argmax(falling < share)]
        rise = 0.03 * u[np.argmax(1 - falling > share)]
        active = min(1.0, (on_s - rise + fall + 0.2) / (on_s + off_s))
        level = 10 * np.log10(on_s / (on_s + off_s) / active)
        if level - threshold <= 15.9:
            return level
    raise AssertionError("no threshold is 15.9 dB under the level")


@pytest.mark.parametrize(("on_s", "off_s"), [(1, 1), (2, 3), (0.5, 0.5), (3, 7), (0.3, 0.15)])
def test_tone_bursts_as_by_hand(on_s: float, off_s: float) -> None:
    burst = np.concatenate((tone(on_s, -20), silence(off_s)))
    level_db, activity = measure(np.tile(burst, round(60 / (on_s + off_s))))
    assert level_db == pytest.approx(-20 + by_hand(on_s, off_s), abs=0.1)
    assert activity == pytest.approx(
        on_s / (on_s + off_s) / 10 ** (by_hand(on_s, off_s) / 10), abs=0.02
    )


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
