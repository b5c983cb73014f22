import dataclasses

import numpy as np
import pytest

from coach.features.calibration import Calibration
from coach.frames import Framer
from coach.settings import Settings

from .sound import mixed, noise, silence, talk


def calibrated(settings: Settings, samples: np.ndarray, needed_s: float = 20) -> Calibration:
    level = dataclasses.replace(settings.level, calibrate_s=needed_s)
    calibration = Calibration(dataclasses.replace(settings, level=level))
    for frame in Framer(16000, settings.audio).push(samples):
        calibration.push(frame)
        if calibration.done:
            break
    return calibration


def speech(level_db: float, seconds: float = 40, spoken_s: float = 2.0) -> np.ndarray:
    """Talk of so many seconds, one second of pause, and so on; a little noise."""
    starts = np.arange(1, seconds - spoken_s, spoken_s + 1)
    parts = [(float(start), talk(spoken_s, level_db)) for start in starts]
    return mixed(seconds, *parts) + noise(seconds, -75)


def test_level_of_normal_speech(settings: Settings) -> None:
    calibration = calibrated(settings, speech(-26))
    heard = calibration.heard
    assert calibration.refusal() is None
    assert calibration.done
    # ended as the tenth talk-spurt of 2 s did, 3 s after the one before
    assert heard.told_s == pytest.approx(20, abs=2)
    assert heard.audio_s < 34
    assert heard.told_s == heard.speech_s
    # 2 s of 2.3 s that are active
    assert heard.level_db == pytest.approx(-26.4, abs=0.2)
    assert heard.spread_db < 0.1
    assert heard.floor_db == pytest.approx(-75, abs=1)
    assert heard.clipped == 0


def test_spread_is_that_of_the_talk_spurts(settings: Settings) -> None:
    starts = range(1, 34, 3)
    parts = [(at, talk(2, -26 + (3 if at % 2 else -3))) for at in starts]
    heard = calibrated(settings, mixed(36, *parts) + noise(36, -75)).heard
    assert heard.spread_db == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        pytest.param(silence(30), "too quiet: nothing over -100 dBov in 30 s", id="muted"),
        pytest.param(noise(30, -70), "too quiet: nothing over -", id="far too soft"),
        pytest.param(speech(-48), "too quiet: nothing over -45 dBov in 40 s", id="soft"),
        pytest.param(speech(-39), "too quiet: -39.", id="rather soft"),
        pytest.param(noise(30, -35), "too noisy: noise at -3", id="nothing but noise"),
        pytest.param(speech(-26) + noise(40, -38), "too noisy: noise at -3", id="12 dB"),
        pytest.param(speech(-26) + noise(40, -32), "too noisy: noise at -3", id="6 dB"),
        pytest.param(speech(-26, 16), "only 10 s of speech in 16 s; expected 20 s", id="brief"),
        pytest.param(speech(-26, 60, 0.2), "only 0 s of speech in 60 s", id="single words"),
        pytest.param(8 * speech(-14), "clipped in ", id="clipped"),
    ],
)
def test_refusals_say_why(settings: Settings, samples: np.ndarray, why: str) -> None:
    refusal = calibrated(settings, samples).refusal()
    assert refusal is not None
    assert refusal.startswith(why)
    assert "\n" not in refusal


def test_too_loud(settings: Settings) -> None:
    level = dataclasses.replace(settings.level, band_high_db=-28.0)
    refusal = calibrated(dataclasses.replace(settings, level=level), speech(-26)).refusal()
    assert refusal == "too loud: -26.4 dBov; expected -38 to -28; turn the capture level down"


def test_a_pause_is_not_waited_for_for_ever(settings: Settings) -> None:
    assert not calibrated(settings, silence(9.9), needed_s=2).done
    assert calibrated(settings, silence(11), needed_s=2).done
