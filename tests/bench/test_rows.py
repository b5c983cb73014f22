"""The rows of the lightest benches, on a few seconds of sound in place of the recorded calls."""

import importlib
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.endings import talk
from bench.figures import REAL
from bench.noises import babble, noisy
from bench.sound import Speech, frames, heard, runs
from coach.frames import FRAME, RATE


@pytest.fixture
def short_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for seed, name in enumerate(REAL):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        samples = 0.01 * np.random.default_rng(seed).standard_normal(18 * RATE)
        samples[RATE : 17 * RATE] += talk(np.random.default_rng(seed), 16)
        soundfile.write(file, samples, RATE)
    monkeypatch.setenv("COACH_CALLS", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["level", "features"])
@pytest.mark.usefixtures("short_calls")
def test_rows_are_finite(name: str) -> None:
    rows = list(importlib.import_module(f"bench.{name}").rows())
    assert rows
    assert all(math.isfinite(row.ours) for row in rows)
    assert all(row.peer is None or math.isfinite(row.peer) for row in rows)


def test_noise_stands_under_the_speech_while_it_is_spoken() -> None:
    samples = np.zeros(4 * RATE, np.float32)
    samples[RATE : 3 * RATE] = 0.1
    speech = Speech(samples, [(1.0, 3.0)])
    noise = np.ones(4 * RATE, np.float32)
    mixed = noisy(speech, noise, 20)
    np.testing.assert_allclose(mixed.samples - samples, 0.01, rtol=1e-3)
    assert mixed.said == speech.said


def test_an_office_needs_the_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_CALLS", "/no/such/folder")
    with pytest.raises(SystemExit, match="no recorded calls at /no/such/folder"):
        babble(RATE, np.random.default_rng(0))


def test_frames_are_whole_and_end_where_they_say() -> None:
    found = list(frames(np.arange(3 * FRAME + 7, dtype=np.float32)))
    assert [frame.index for frame in found] == [0, 1, 2]
    assert [round(frame.t, 3) for frame in found] == [0.02, 0.04, 0.06]
    assert found[2].samples[0] == 2 * FRAME


def test_words_make_a_run_until_a_gap() -> None:
    words = [{"start": s, "end": e} for s, e in ((0.0, 0.4), (0.6, 1.0), (1.3, 1.5))]
    assert [len(run) for run in runs(words, 0.3)] == [2, 1]
    assert runs([], 0.3) == []


def test_a_leg_is_heard_to_its_last_sample(short_calls: Path) -> None:
    samples = talk(np.random.default_rng(1), 2)[: 2 * RATE - 5]
    soundfile.write(short_calls / "odd.wav", samples, RATE, subtype="FLOAT")
    np.testing.assert_array_equal(heard("odd.wav"), samples)
    assert len(heard("odd.wav", 1.0)) == RATE
    soundfile.write(short_calls / "narrow.wav", samples, 8000, subtype="FLOAT")
    assert len(heard("narrow.wav")) == 2 * len(samples)
