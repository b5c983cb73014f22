import dataclasses

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as how
from hypothesis import strategies as st

from coach.frames import FRAME, FRAME_S, Frame, Framer
from coach.settings import load

AUDIO = load(files=()).settings.audio
RATES = [8000, 11025, 16000, 22050, 44100, 48000, 96000, 8001]


def cut(rate: int, samples: np.ndarray, sizes: list[int] | None = None) -> list[Frame]:
    framer = Framer(rate, AUDIO)
    found: list[Frame] = []
    at = 0
    for size in sizes or []:
        found += framer.push(samples[at : at + size])
        at += size
    return found + framer.push(samples[at:]) + framer.flush()


def joined(frames: list[Frame]) -> np.ndarray:
    return np.concatenate([frame.samples for frame in frames])


def tone(rate: int, hz: float, seconds: float = 1.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype("f4")


@how(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from(RATES),
    sizes=st.lists(st.integers(0, 3000), max_size=30),
    seed=st.integers(0, 5),
    hole=st.sampled_from([0.0, np.nan, 3.0]),
)
@example(rate=44100, sizes=[1] * 30, seed=0, hole=np.nan)
def test_the_same_however_it_is_cut(rate: int, sizes: list[int], seed: int, hole: float) -> None:
    samples = np.random.default_rng(seed).normal(0, 0.2, rate // 3).astype("f4")
    samples[rate // 10 : rate // 6] = hole
    whole, pieces = cut(rate, samples), cut(rate, samples, sizes)
    assert np.array_equal(joined(whole), joined(pieces))
    flags = [[(f.index, f.t, f.clipped, f.dropout) for f in found] for found in (whole, pieces)]
    assert flags[0] == flags[1]


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_keeps_its_level_and_its_time(rate: int) -> None:
    found = joined(cut(rate, tone(rate, 1000)))
    assert len(found) == 16000
    assert np.abs(found - tone(16000, 1000))[400:-400].max() < 1e-3


@pytest.mark.parametrize(("rate", "hz"), [(44100, 9100), (48000, 9100), (96000, 12000)])
def test_nothing_folds_down(rate: int, hz: float) -> None:
    found = joined(cut(rate, tone(rate, hz)))[400:-400]
    assert 20 * np.log10(found.std() / tone(rate, hz).std()) < -55


@pytest.mark.parametrize("rate", [7999, 192001, 0])
def test_refuses_other_rates(rate: int) -> None:
    with pytest.raises(ValueError, match="expected 8000 to 192000"):
        Framer(rate, AUDIO)


def test_frames_are_numbered_and_timed() -> None:
    found = cut(8000, np.zeros(1000, np.float32))
    assert [f.index for f in found] == list(range(7))
    assert [f.t for f in found] == pytest.approx([(i + 1) * FRAME_S for i in range(7)])
    assert all(f.samples.dtype == np.float32 and f.samples.shape == (FRAME,) for f in found)


def test_a_frame_is_out_within_two_milliseconds_of_its_last_sample() -> None:
    for rate in (8000, 44100, 48000):
        framer = Framer(rate, AUDIO)
        assert framer.push(np.zeros(rate // 50, np.float32)) == []
        assert len(framer.push(np.zeros(round(0.002 * rate), np.float32))) == 1


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_clipping_is_flagged_in_its_frame(rate: int) -> None:
    samples = tone(rate, 300)
    samples[rate // 2] = 1.0
    assert [f.index for f in cut(rate, samples) if f.clipped] == [25]


@pytest.mark.parametrize("rate", [8000, 44100])
def test_missing_samples_are_silence_and_flagged(rate: int) -> None:
    samples = tone(rate, 300)
    samples[rate // 2 : rate // 2 + 10] = np.nan
    found = cut(rate, samples)
    assert np.isfinite(joined(found)).all()
    assert [f.index for f in found if f.dropout] == [25]


def test_what_is_over_full_scale_is_held_to_it() -> None:
    samples = np.full(9600, 3e38, np.float32)
    samples[::2] = -np.inf
    assert np.abs(joined(cut(48000, samples))).max() <= 1


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize(
    ("seconds", "flagged"),
    [(0.03, False), (0.06, True), (0.5, True), (1.5, False)],
)
def test_digital_zero_in_the_midst_of_sound(rate: int, seconds: float, flagged: bool) -> None:
    samples = tone(rate, 313, 3)
    samples[rate : rate + round(seconds * rate)] = 0
    back = int((1 + seconds) / FRAME_S + 1e-6)
    expected = [back] if flagged else []
    assert [f.index for f in cut(rate, samples) if f.dropout] == expected


def test_zeros_after_a_fade_are_a_pause() -> None:
    samples = tone(16000, 313, 3)
    samples[16000:17600] *= np.linspace(1, 0, 1600, dtype="f4") ** 2
    samples[17600:20800] = 0
    assert not any(f.dropout for f in cut(16000, samples))


def test_a_dropout_shorter_than_a_frame() -> None:
    samples = tone(16000, 313)
    samples[8000:8200] = 0
    framer = Framer(16000, dataclasses.replace(AUDIO, dropout_s=0.01))
    assert [f.index for f in framer.push(samples) if f.dropout] == [25]
