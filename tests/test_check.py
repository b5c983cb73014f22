"""``coach check``: each thing found right, odd and wrong, and the status that follows."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sound_server import SoundServer, sound_server

from coach.blocks import Samples
from coach.cli import main
from coach.cli.check import Heard, Verdict, disk, level, listen
from coach.names import Leg
from coach.recordings import Recording
from coach.settings import Settings, load

__all__ = ["sound_server"]

LINE = re.compile(r"(ok|warning|FAIL) +([a-z ]+): (.+)")


def settings(*pairs: str) -> Settings:
    return load(files=(), pairs=pairs).settings


def printed(text: str) -> list[tuple[str, str, str]]:
    """Return verdict, thing and text of each line."""
    matches = [LINE.fullmatch(line) for line in text.splitlines()]
    return [(match[1], match[2], match[3]) for match in matches if match]


@pytest.fixture
def pairs(tmp_path: Path) -> list[str]:
    """A unit with nothing on it but a journal."""
    (tmp_path / "models").mkdir()
    (tmp_path / "journal").mkdir()
    chosen = {
        "models.dir": tmp_path / "models",
        "models.compiled_dir": tmp_path / "compiled",
        "journal.dir": tmp_path / "journal",
    }
    return [word for key, value in chosen.items() for word in ("--set", f"{key}='{value}'")]


def recorded(path: Path, samples: Samples) -> Path:
    soundfile.write(path, samples, 8000, subtype="FLOAT")
    return path


def test_level_of_each_leg_is_that_of_its_first_seconds(tmp_path: Path) -> None:
    square = np.tile(np.float32([0.5, -0.5]), 16000)
    square[24000:] = 1.0  # after the 3 s that are listened to
    agent = recorded(tmp_path / "a.wav", square)
    customer = recorded(tmp_path / "c.wav", np.zeros(8000, np.float32))
    with Recording(agent, customer) as recording:
        heard = listen(recording, 3.0)
    assert heard[Leg.AGENT].seconds == pytest.approx(3.0)
    assert heard[Leg.AGENT].rms_db == pytest.approx(20 * math.log10(0.5))
    assert heard[Leg.AGENT].peak_db == pytest.approx(20 * math.log10(0.5))
    assert heard[Leg.CUSTOMER] == Heard(1.0, -math.inf, -math.inf, 0)


@pytest.mark.parametrize(
    ("leg", "heard", "verdict", "said"),
    [
        (Leg.AGENT, Heard(3, -26.4, -10.0, 0), Verdict.OK, "-26 dBov, peak -10 dBov in 3 s"),
        (Leg.AGENT, Heard(3, -math.inf, -math.inf, 0), Verdict.WARNING, "microphone muted?"),
        (Leg.CUSTOMER, Heard(3, -math.inf, -math.inf, 0), Verdict.WARNING, "digital silence"),
        (Leg.AGENT, Heard(3, -3.0, 0.0, 0), Verdict.WARNING, "clipped"),
        (Leg.AGENT, Heard(3, -26.0, -10.0, 480), Verdict.WARNING, "480 samples lost"),
        (Leg.AGENT, Heard(0, -math.inf, -math.inf, 0), Verdict.FAIL, "gives no audio"),
    ],
)
def test_levels_are_judged(leg: Leg, heard: Heard, verdict: Verdict, said: str) -> None:
    item = level(leg, heard, clip_level=0.999)
    assert item.verdict is verdict
    assert item.what == f"{leg} level"
    assert said in item.text


def test_disk_with_room_for_a_folder_still_to_be_made(tmp_path: Path) -> None:
    item = disk(settings(f"journal.dir='{tmp_path / 'a' / 'b'}'"))
    assert item.verdict is Verdict.OK


def test_disk_without_room(tmp_path: Path) -> None:
    item = disk(settings(f"journal.dir='{tmp_path}'", "journal.min_free_mb=1000000000"))
    assert item.verdict is Verdict.FAIL
    assert "journal.min_free_mb is 1000000000" in item.text


def test_journal_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "journal").touch()
    item = disk(settings(f"journal.dir='{tmp_path / 'journal'}'"))
    assert item.verdict is Verdict.FAIL
    assert "cannot be written" in item.text


def test_unit_without_pyaudio_and_model_fails_in_plain_words(
    pairs: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "pyaudio.py").write_text('raise ModuleNotFoundError("gone", name="pyaudio")\n')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert main(["check", "--set", "unit.language=en", *pairs]) == 4
    output = capsys.readouterr()
    assert output.err == ""
    lines = printed(output.out)
    assert len(lines) == len(output.out.splitlines())
    found = {what: (verdict, text) for verdict, what, text in lines}
    assert found["audio"] == ("FAIL", "PyAudio is not installed: pip install headset-coach[unit]")
    assert found["model"][0] == "FAIL"
    assert "coach models install en" in found["model"][1]
    assert found["disk"][0] == "ok"
    assert {"pins", "phrases", "clock"} <= set(found)


def test_both_sound_cards_are_found_and_heard(
    pairs: list[str],
    sound_server: SoundServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    tone = 0.1 * np.sin(np.arange(320000) / 3).astype(np.float32)
    sound_server.play("agent", recorded(tmp_path / "a.wav", tone))
    devices = ["audio.agent_device=agent", "audio.customer_device=customer"]
    main(["check", *[word for pair in devices for word in ("--set", pair)], *pairs])
    output = capfd.readouterr()
    assert output.err == ""
    lines = printed(output.out)
    assert ("ok", "audio", "'agent', 16000 Hz mono") in lines
    assert ("ok", "agent", "uses 'agent'") in lines
    assert ("ok", "customer", "uses 'customer'") in lines
    levels = {what: (verdict, text) for verdict, what, text in lines if "level" in what}
    assert levels["agent level"][0] == "ok"
    assert "peak -20 dBov in 3 s" in levels["agent level"][1]
    assert levels["customer level"][0] == "warning"
    assert "digital silence for 3 s" in levels["customer level"][1]


def test_pattern_that_matches_nothing_lists_what_there_is(
    pairs: list[str], sound_server: SoundServer, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--set", "audio.agent_device=jabra", *pairs]) == 4
    failed = [text for verdict, what, text in printed(capfd.readouterr().out) if verdict == "FAIL"]
    assert any("audio.customer_device is not set" in text for text in failed)
    pair = "audio.customer_device=customer"
    assert main(["check", "--set", "audio.agent_device=jabra", "--set", pair, *pairs]) == 4
    failed = [text for verdict, what, text in printed(capfd.readouterr().out) if verdict == "FAIL"]
    assert any("no capture device matches 'jabra'" in t and "'customer'" in t for t in failed)
