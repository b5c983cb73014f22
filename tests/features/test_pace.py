import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from coach.events import BreathGroup, Pace
from coach.features.pace import SyllableNuclei
from coach.settings import load

from .sound import hops, mixed, noise, run, silence, talk, tone


def count(samples: np.ndarray) -> tuple[float, float]:
    nuclei = SyllableNuclei()
    found = [nuclei.push(hop) for hop in hops(np.concatenate((samples, silence(0.5))))]
    return sum(syllables for syllables, _ in found), sum(seconds for _, seconds in found)


@pytest.mark.parametrize("per_s", [2, 3, 4, 5, 6, 7, 8])
def test_counts_syllables_and_speech(per_s: int) -> None:
    syllables, seconds = count(mixed(11, (0.5, talk(10, per_s=per_s))))
    assert syllables == pytest.approx(10 * per_s, abs=1)
    assert seconds == pytest.approx(10, abs=0.4)


def test_tremble_of_slow_speech_is_no_syllable() -> None:
    samples = talk(10, per_s=3)  # with 60 peaks by a fine curve alone
    tremble = 10 ** (2.5 / 20 * np.sin(2 * np.pi * 12 * np.arange(len(samples)) / 16000))
    syllables, _ = count(mixed(11, (0.5, (samples * tremble).astype(np.float32))))
    assert 29 <= syllables < 42


def test_pauses_are_no_speech() -> None:
    syllables, seconds = count(mixed(13, *((at + 0.5, talk(1)) for at in range(0, 12, 2))))
    assert syllables == pytest.approx(30, abs=1)
    assert seconds == pytest.approx(6, abs=0.4)


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(silence(5), id="silence"),
        pytest.param(noise(10, -40), id="noise"),
        pytest.param(tone(10, -20, 440)[: 9 * 16000], id="tone"),
        pytest.param(np.full(80000, 0.3, np.float32), id="offset"),
    ],
)
def test_what_is_no_speech_has_no_syllables(samples: np.ndarray) -> None:
    assert count(samples)[0] <= 2  # where it begins and ends


@how(max_examples=20, deadline=None)
@given(gain_db=st.floats(-20, 20), per_s=st.integers(3, 7))
def test_gain_changes_nothing(gain_db: float, per_s: int) -> None:
    samples = mixed(10, (2.5, talk(3, -35, per_s)), (6.5, talk(3, -32, per_s))) + noise(10, -75)
    syllables, seconds = count(samples)
    louder = count(samples * np.float32(10 ** (gain_db / 20)))
    assert louder == (pytest.approx(syllables, abs=0.2), pytest.approx(seconds, abs=0.03))


# so that what is measured is what is counted
COUNTED = load(files=(), pairs=["pace.per_nucleus=1"]).settings


def test_events_look_back_on_speech_alone() -> None:
    samples = mixed(30, (0, talk(8, per_s=3)), (16, talk(14, per_s=6))) + noise(30, -75)
    paces = [e for e in run(COUNTED, samples) if isinstance(e, Pace)]
    assert not [e for e in paces if 9.5 < e.t < 16.5]
    before = next(e for e in paces if e.t > 7.5)
    assert before.syllables_per_s == pytest.approx(3, abs=0.2)
    assert before.speech_s == pytest.approx(7.9, abs=0.3)
    assert paces[-1].syllables_per_s == pytest.approx(6, abs=0.3)
    assert paces[-1].speech_s == pytest.approx(COUNTED.pace.window_s, abs=0.4)


@pytest.mark.parametrize("language", ["en", "ja", "ko"])
def test_units_are_the_languages(language: str) -> None:
    settings = load(files=(), pairs=[f"unit.language={language}"]).settings
    counted, told = (
        [e.syllables_per_s for e in run(with_, talk(6, per_s=4)) if isinstance(e, Pace)]
        for with_ in (COUNTED, settings)
    )
    assert told == pytest.approx([settings.pace.per_nucleus * sps for sps in counted])


def test_each_breath_group_has_its_own_pace() -> None:
    groups = [(0.5, 3.0, 4), (4.5, 2.0, 6), (7.5, 2.4, 5)]  # pauses of 1 s
    samples = mixed(11, *((at, talk(length, per_s=sps)) for at, length, sps in groups))
    found = [e for e in run(COUNTED, samples) if isinstance(e, BreathGroup)]
    assert len(found) == 3
    for event, (at, length, sps) in zip(found, groups, strict=True):
        assert event.t == pytest.approx(at + length + 0.35, abs=0.15)
        assert event.speech_s == pytest.approx(length, abs=0.15)
        assert event.syllables_per_s * event.speech_s == pytest.approx(length * sps, abs=1)


def test_a_breath_group_lasts_through_a_short_pause_and_a_word_is_none() -> None:
    samples = mixed(8, (0.5, talk(1.5)), (2.15, talk(1.5)), (5, talk(0.8)))
    (only,) = (e for e in run(COUNTED, samples) if isinstance(e, BreathGroup))
    assert only.speech_s == pytest.approx(3.15, abs=0.2)
    assert only.syllables_per_s * only.speech_s == pytest.approx(15, abs=1)


def test_follows_the_pace_of_synthesised_speech(calls: Path) -> None:
    """Korean is written a syllable a letter, so that the truth is known; five speeds."""
    truth, measured = [], []
    for file in sorted((calls / "synth").glob("dev-ko-*.json")):
        spoken = json.loads(file.read_text("utf-8"))
        samples, _ = soundfile.read(file.with_suffix(".flac"), dtype="float32")
        for speed in sorted({u["speed"] for u in spoken["utterances"]}):
            cut = [u for u in spoken["utterances"] if u["speed"] == speed]
            parts = [samples[int(u["start"] * 16000) : int(u["end"] * 16000)] for u in cut]
            syllables, seconds = count(
                np.concatenate([p for part in parts for p in (part, silence(0.5))])
            )
            letters = sum("가" <= letter <= "힣" for u in cut for letter in u["text"])
            truth.append(letters / sum(u["end"] - u["start"] for u in cut))
            measured.append(syllables / seconds)
    assert np.corrcoef(truth, measured)[0, 1] > 0.85
    assert 0.85 < np.polyfit(truth, measured, 1)[0] < 1.2
    assert np.mean(measured) / np.mean(truth) == pytest.approx(1, abs=0.1)
