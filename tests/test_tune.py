from pathlib import Path

import numpy as np
import pytest
import soundfile

from coach import settings
from coach.cli import main, tune
from coach.errors import PhraseError
from coach.keywords.operating_point import NEUTRAL, OperatingPoint, read_point
from coach.keywords.pack import load_pack

KOREAN = settings.load(pairs=["unit.language='ko'"]).settings


def test_recordings_are_found_below_a_folder(tmp_path: Path) -> None:
    (tmp_path / "monday").mkdir()
    for name in ("b.wav", "monday/a.FLAC", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in tune.recordings(tmp_path)] == ["b.wav", "a.FLAC"]


@pytest.mark.parametrize(("name", "why"), [("none", "expected a folder"), ("", "no WAV or FLAC")])
def test_without_recordings_there_is_nothing_to_tune(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(PhraseError, match=why):
        tune.recordings(tmp_path / name)


def test_the_telephone_band_alone_is_left() -> None:
    at = np.arange(16000) / 16000
    parts = [np.sin(2 * np.pi * hz * at).astype(np.float32) for hz in (100, 1000, 5000)]
    assert tune.in_telephone_band(sum(parts)) == pytest.approx(parts[1], abs=1e-3)


def test_what_is_heard_becomes_dearer_until_it_is_not(
    korean_model: Path, calls: Path, tmp_path: Path
) -> None:
    """A rendered set is full of phrases: taken for ordinary speech, they must all become dear."""
    samples, rate = soundfile.read(
        calls / "synth/dev-ko-am_onyx.flac", 16000 * 4, 16000 * 12, dtype="float32"
    )
    speech = tmp_path / "said.wav"
    soundfile.write(speech, samples[:, None], rate)
    pack, said = load_pack("ko"), []
    heard, hours = tune.heard_in([speech], pack, NEUTRAL, KOREAN, "once")
    assert heard.total() > 0
    assert 0 < hours < 2 * 4 / 3600
    point = tune.tuned(pack, NEUTRAL, [speech], 0.0, KOREAN, said.append)
    assert set(point.phrases) >= set(heard)
    assert all(cost >= tune.STEP for cost in point.phrases.values())
    assert tune.heard_in([speech], pack, point, KOREAN, "again")[0].total() == 0
    assert point.origin["heard"] == 0
    assert len(said) > 1


def test_a_point_that_is_good_enough_stays(
    korean_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], calls: Path
) -> None:
    samples, rate = soundfile.read(calls / "korean/speeches.flac", 16000 * 6, dtype="float32")
    soundfile.write(tmp_path / "speech.wav", samples, rate)
    out = tmp_path / "points" / "ko.toml"
    arguments = ["phrases", "tune", "ko", "--speech", str(tmp_path), "--out", str(out)]
    assert main(arguments) == 0
    assert "0 phrases made dearer" in capsys.readouterr().out
    point = read_point(out)
    assert point.origin["recordings"] == 1
    assert point.origin["wanted_per_hour"] == 0.5
    assert isinstance(point, OperatingPoint)


def test_silence_is_refused(
    korean_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(16000), 16000)
    assert main(["phrases", "tune", "ko", "--speech", str(tmp_path)]) == 2
    assert "no speech in the recordings" in capsys.readouterr().err
