import pytest

from coach.events import Noise
from coach.features.noise import dbov
from coach.settings import Settings

from .sound import mixed, noise, run, silence, talk


def noises(settings: Settings, samples) -> list[Noise]:
    return [e for e in run(settings, samples) if isinstance(e, Noise)]


def test_dbov() -> None:
    assert dbov(1.0) == 0
    assert dbov(0.5) == pytest.approx(-3.01, abs=0.01)
    assert dbov(0) == -100


def test_floor_and_snr_under_speech(settings: Settings) -> None:
    speech = mixed(20, *((at, talk(1.6, -26)) for at in range(0, 20, 2)))
    events = noises(settings, speech + noise(20, -60))
    assert [e.t for e in events] == [5, 10, 15, 20]
    assert events[-1].floor_db == pytest.approx(-60, abs=1)
    assert events[-1].snr_db == pytest.approx(34, abs=2)


def test_snr_is_left_out_without_speech(settings: Settings) -> None:
    assert [e.snr_db for e in noises(settings, noise(10, -45))] == [None, None]


def test_follows_a_room_that_gets_louder(settings: Settings) -> None:
    room = noise(40, -65)
    room[20 * 16000 :] *= 10
    assert noises(settings, room)[-1].floor_db == pytest.approx(-45, abs=1)


def test_a_few_lost_samples_are_no_floor(settings: Settings) -> None:
    room = noise(20, -50)
    room[100_000:104_000] = 0
    assert noises(settings, room)[-1].floor_db == pytest.approx(-50, abs=1)


def test_digital_silence(settings: Settings) -> None:
    assert noises(settings, silence(5))[0].floor_db == -100
