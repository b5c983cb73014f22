import numpy as np
import pytest

pytest.importorskip("platformdirs")
from speech import telephone
from speech.voices import RATE, Samples


def tone(hz: float, seconds: float = 1.0, peak: float = 0.1) -> Samples:
    t = np.arange(int(seconds * RATE)) / RATE
    return (peak * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def middle(samples: Samples) -> Samples:
    quarter = len(samples) // 4
    return samples[quarter:-quarter]


@pytest.mark.parametrize("hz", [500, 1000, 2000, 3000])
def test_the_band_passes(hz: float) -> None:
    line = telephone.to_line(tone(hz))
    assert len(line) == RATE // 2
    assert telephone.level_db(middle(line)) == pytest.approx(-23.01, abs=0.5)


@pytest.mark.parametrize("hz", [60, 150, 3800, 5000])
def test_what_lies_outside_the_band_is_gone(hz: float) -> None:
    assert telephone.level_db(middle(telephone.to_line(tone(hz)))) < -55


def test_nothing_is_delayed() -> None:
    click = np.zeros(RATE, dtype=np.float32)
    click[6000] = 0.9
    assert int(np.argmax(np.abs(telephone.to_line(click)))) == 3000


def test_mu_law_keeps_the_sign_and_comes_near() -> None:
    ramp = np.linspace(-1, 1, 2001, dtype=np.float32)
    back = telephone.mu_law_decode(telephone.mu_law_encode(ramp))
    assert np.all(np.abs(back - ramp) <= 0.0225 * np.abs(ramp) + 0.0002)
    assert back[0] == -1
    assert back[1000] == 0
    assert back[-1] == 1


def test_pauses_do_not_count_in_the_active_level() -> None:
    burst = np.random.default_rng(1).standard_normal(2 * RATE).astype(np.float32) * 0.05
    with_pause = np.concatenate([burst, np.zeros(6 * RATE, dtype=np.float32)])
    assert telephone.active_level_db(burst) == pytest.approx(-26.0, abs=0.3)
    # the hangover and the envelope's decay make 2.3 s active of 2.0
    assert telephone.active_level_db(with_pause) == pytest.approx(-26.6, abs=0.2)
    assert telephone.level_db(with_pause) == pytest.approx(-32.0, abs=0.3)


def test_a_burst_of_peaks_does_not_pass_for_the_level() -> None:
    speech = np.concatenate([tone(300, 0.02, 0.5), tone(300, 2.0, 0.02)])
    assert telephone.active_level_db(speech) < -25


def test_silence_has_no_active_level() -> None:
    with pytest.raises(ValueError, match="no active level"):
        telephone.active_level_db(np.zeros(RATE, dtype=np.float32))


def test_speech_at_a_level_and_too_loud() -> None:
    assert telephone.active_level_db(telephone.at_level(tone(440), -30)) == pytest.approx(
        -30, abs=0.01
    )
    with pytest.raises(ValueError, match="at 0 dBov clips"):
        telephone.at_level(tone(440), 0)


def test_noise_lies_at_its_level_and_repeats_by_seed() -> None:
    room = telephone.noise(RATE, -65, seed=3)
    assert telephone.level_db(room) == pytest.approx(-65, abs=0.01)
    assert np.array_equal(room, telephone.noise(RATE, -65, seed=3))
    assert not np.array_equal(room, telephone.noise(RATE, -65, seed=4))


def test_noise_is_mixed_at_the_snr() -> None:
    speech = tone(440)
    mixed = telephone.mix(speech, telephone.babble([tone(700, 0.3), tone(900, 0.2)], RATE), 15)
    snr = telephone.active_level_db(speech) - telephone.level_db(mixed - speech)
    assert snr == pytest.approx(15, abs=0.01)
    with pytest.raises(ValueError, match="expected as many"):
        telephone.mix(speech, telephone.noise(10, -40), 15)
