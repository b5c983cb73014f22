import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from coach.events import Voice
from coach.features import Features
from coach.features.voice import Change, VoiceDetector
from coach.frames import Framer
from coach.settings import Settings

from .sound import frames, mixed, noise, run, silence, talk


def changes(settings: Settings, samples: np.ndarray) -> list[tuple[float, Change]]:
    detector = VoiceDetector(settings.voice)
    found = ((f.t, detector.push(f, -20.0 if f.samples.any() else -100.0)) for f in frames(samples))
    return [(t, change) for t, change in found if change]


def test_begins_and_stops_when_it_really_did(settings: Settings) -> None:
    (t_on, on), (t_off, off) = changes(settings, mixed(4, (1.0, talk(2))))
    assert on.active
    assert on.since == pytest.approx(1.0, abs=0.06)
    assert t_on == pytest.approx(on.since + settings.voice.onset_s)
    assert not off.active
    assert off.since == pytest.approx(3.0, abs=0.1)
    assert t_off == pytest.approx(off.since + settings.voice.hangover_s)


def test_pause_shorter_than_hangover_is_no_stop(settings: Settings) -> None:
    samples = mixed(4, (0.5, talk(1)), (1.6, talk(1)))
    assert [change.active for _, change in changes(settings, samples)] == [True, False]


def test_under_the_floor_nothing_is_voice(settings: Settings) -> None:
    assert [e for e in run(settings, talk(3, level_db=-65)) if isinstance(e, Voice)] == []


def test_steady_noise_is_soon_no_voice(settings: Settings) -> None:
    features = Features(settings)
    voiced = []
    for frame in frames(noise(20, -40)):
        features.push(frame, None)
        voiced.append(features.voiced["agent"])
    assert sum(voiced[250:]) < 0.05 * len(voiced[250:])


def keystrokes(seconds: float, level_db: float) -> np.ndarray:
    """Bursts of noise of 15 ms, 5 a second, whose loudest are at ``level_db``."""
    decay = np.exp(-np.arange(480) / 80)
    parts = [
        (at, noise(0.03, level_db, seed=int(at * 10)) * decay) for at in np.arange(0, seconds, 0.2)
    ]
    return mixed(seconds, *parts)


def test_keystrokes_are_no_voice(settings: Settings) -> None:
    found = run(settings, keystrokes(10, -15))
    assert [e for e in found if isinstance(e, Voice)] == []


def test_keystrokes_do_not_prolong_speech(settings: Settings) -> None:
    samples = mixed(8, (3.0, talk(2))) + keystrokes(8, -15)
    found = [e for e in run(settings, samples) if isinstance(e, Voice)]
    assert [e.active for e in found] == [True, False]
    assert found[0].since == pytest.approx(3.0, abs=0.1)
    assert found[1].since == pytest.approx(5.0, abs=0.25)


def test_speech_stands_out_from_the_talk_of_an_office(settings: Settings) -> None:
    office = sum(
        np.roll(talk(14, -40, per_s=3 + k / 3, pitch=90 + 23 * k), 1777 * k)[: 13 * 16000]
        for k in range(6)
    )
    found = [e for e in run(settings, mixed(13, (6, talk(3))) + office) if isinstance(e, Voice)]
    later = [(e.active, e.since) for e in found if e.t > 4]
    assert later == [(True, pytest.approx(6, abs=0.1)), (False, pytest.approx(9, abs=0.25))]


def test_drawn_tells_a_drawl_from_speech(settings: Settings) -> None:
    drawl = np.concatenate((silence(0.5), talk(1.2, per_s=1 / 1.2), silence(0.5)))
    brisk = np.concatenate((silence(0.5), talk(1.2), silence(0.5)))
    drawn = [e.drawn_s for s in (drawl, brisk) for e in run(settings, s) if isinstance(e, Voice)]
    assert drawn[0] is None
    assert drawn[2] is None
    assert 0.8 < drawn[1] < 1.2
    assert drawn[3] < 0.25


@pytest.mark.parametrize(("leg", "least"), [("agent", 0.88), ("caller", 0.75)])
def test_agrees_with_word_times_of_a_real_call(
    calls: Path, settings: Settings, leg: str, least: float
) -> None:
    file = calls / f"Auto_Repairs_40_UTC_{leg}.wav"
    samples, rate = soundfile.read(file, dtype="float32")
    detector = VoiceDetector(settings.voice)
    active = []
    for frame in Framer(rate, settings.audio).push(samples):
        power = float(frame.samples @ frame.samples) / len(frame.samples)
        detector.push(frame, 10 * np.log10(power + 1e-10))
        active.append(detector.active)
    said = np.zeros(len(active), bool)
    for word in json.loads(file.with_suffix(".words.json").read_text("utf-8"))["words"]:
        said[int(word["start"] * 50) : int(word["end"] * 50)] = True
    both = (said & active).sum()
    assert 2 * both / (said.sum() + sum(active)) > least
