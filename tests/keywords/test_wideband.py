from pathlib import Path

import numpy as np
import pytest
import soundfile

from coach import settings
from coach.frames import FRAME, RATE, Framer
from coach.keywords import wideband
from coach.keywords.wideband import Narrowness, Widener
from speech import telephone

AUDIO = settings.load(files=()).settings.audio


def through_a_telephone(samples: np.ndarray) -> np.ndarray:
    framer = Framer(telephone.LINE_RATE, AUDIO)
    frames = [*framer.push(telephone.to_line(samples)), *framer.flush()]
    return np.concatenate([frame.samples for frame in frames])


@pytest.fixture(scope="module")
def wide(calls: Path) -> np.ndarray:
    """Ten seconds of a rendered voice that the regression was not fitted to."""
    return soundfile.read(calls / "synth/dev-ko-am_onyx.flac", 10 * RATE, dtype="float32")[0]


@pytest.fixture(scope="module")
def narrow(wide: np.ndarray) -> np.ndarray:
    return through_a_telephone(wide)


def narrowness(samples: np.ndarray) -> bool:
    watch = Narrowness()
    for at in range(0, len(samples) - FRAME + 1, FRAME):
        watch.push(samples[at : at + FRAME])
    return watch.narrow


def widened(samples: np.ndarray, step: int = FRAME) -> np.ndarray:
    widener = Widener()
    parts = [widener.push(samples[at : at + step]) for at in range(0, len(samples), step)]
    return np.concatenate([*parts, widener.finish()])


def test_a_telephone_is_told_from_a_headset(wide: np.ndarray, narrow: np.ndarray) -> None:
    assert narrowness(narrow)
    assert not narrowness(wide)


@pytest.mark.parametrize("name", ["Auto_Repairs_40_UTC_caller.wav", "agent1.wav"])
def test_recorded_telephone_legs_are_narrow(calls: Path, name: str) -> None:
    samples, rate = soundfile.read(calls / name, 20 * 8000, dtype="float32")
    framer = Framer(rate, AUDIO)
    assert narrowness(np.concatenate([frame.samples for frame in framer.push(samples)]))


def test_silence_is_not_narrow() -> None:
    assert not narrowness(np.zeros(RATE, np.float32))


def test_what_is_there_stays_as_it_is(narrow: np.ndarray) -> None:
    out = widened(narrow)
    assert out.dtype == np.float32
    assert len(out) == len(narrow)
    spectrum = np.fft.rfft(out - narrow)
    hz = np.fft.rfftfreq(len(narrow), 1 / RATE)
    spectrum[(hz < 500) | (hz > 3200)] = 0
    changed = np.fft.irfft(spectrum)
    assert np.mean(changed**2) < 1e-5 * np.mean(narrow**2)


def test_missing_bands_come_back_about_as_loud_as_they_were(
    wide: np.ndarray, narrow: np.ndarray
) -> None:
    out = widened(narrow)
    hop = wideband.log_powers(wide)[1].mean(axis=1)
    speech = hop > np.median(hop)
    lost = []
    for samples in (narrow, out):
        taken = wideband.log_powers(samples)[1][: len(speech)]
        lost.append((taken - wideband.log_powers(wide)[1])[speech].mean() * 10 / np.log(10))
    assert lost[0] < -20  # dB
    assert abs(lost[1]) < 4


@pytest.mark.parametrize("step", [1, 333, 4000])
def test_how_the_sound_is_cut_changes_nothing(narrow: np.ndarray, step: int) -> None:
    part = narrow[: 2 * RATE] if step > 1 else narrow[:2000]
    assert widened(part, step) == pytest.approx(widened(part), abs=1e-6)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.05, 0.3])
def test_as_much_goes_out_as_came_in(narrow: np.ndarray, seconds: float) -> None:
    part = narrow[: int(seconds * RATE)]
    out = widened(part)
    assert len(out) == len(part)
    assert np.isfinite(out).all()
