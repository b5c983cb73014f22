"""``coach replay`` as its user has it: what it prints, writes and refuses."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from coach import cli
from coach.journal_reader import read

RATE = 8000
WORDS = {"words": [{"word": "hello", "start": 0.1, "end": 0.4, "p": 0.9}]}


def tone(path: Path, channels: int = 1, seconds: float = 1.0) -> Path:
    samples = 0.1 * np.sin(2 * np.pi * 440 * np.arange(round(RATE * seconds)) / RATE)
    soundfile.write(path, np.repeat(samples[:, None], channels, axis=1), RATE, subtype="FLOAT")
    return path


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.json"
    path.write_text(json.dumps(WORDS))
    return path


@pytest.fixture
def replay(words: Path) -> Callable[..., int]:
    """Run ``coach replay`` with word times, so that no model is needed."""

    def run(*arguments: object) -> int:
        return cli.main(["replay", "--agent-words", str(words), *map(str, arguments)])

    return run


def test_events_are_json_lines_with_time_and_type(
    replay: Callable[..., int], tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    assert replay("--agent", tone(tmp_path / "a.wav", seconds=6.0), "--events", events) == 0
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    assert {"noise"} <= {line["type"] for line in lines}
    assert all(isinstance(line["t"], float) for line in lines)
    assert not {"tick", "cue_wanted"} & {line["type"] for line in lines}


def test_a_called_line_is_followed_and_journalled(
    replay: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = tmp_path / "line.jsonl"
    signals = [
        {"t": 0.5, "signal": "ring"},
        {"t": 1.5, "signal": "off_hook", "by": "agent"},
        {"t": 3.0, "signal": "hold_on"},
        {"t": 5.0, "signal": "hold_off"},
        {"t": 8.0, "signal": "on_hook", "by": "far_end"},
    ]
    line.write_text("".join(json.dumps(signal) + "\n" for signal in signals))
    agent, customer = tone(tmp_path / "a.wav", seconds=12.0), tone(tmp_path / "c.wav", seconds=12.0)
    journal = tmp_path / "journal"
    status = replay("--agent", agent, "--customer", customer, "--line", line, "--journal", journal)
    assert status == 0
    (page,) = journal.glob("*.jsonl")
    records = read(page).records
    states = [r["state"] for r in records if r["type"] == "call_state"]
    assert states == ["ringing", "talking", "on_hold", "talking", "dropped"]
    (call,) = [r for r in records if r["type"] == "call"]
    assert call["hold_s"] == pytest.approx(2.0, abs=0.02)
    assert call["dropped"] is True
    assert next(r["cue"] for r in records if r["type"] == "cue") == "call_back"
    assert "Your call" in capsys.readouterr().out


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A folder of files that each are wrong in one way."""
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("hello, this is no recording\n" * 20)
    tone(tmp_path / "mono.wav")
    tone(tmp_path / "stereo.wav", channels=2)
    tone(tmp_path / "seven.wav", channels=7)
    samples = np.zeros(RATE, np.float32)
    samples[RATE // 2] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples, RATE, subtype="FLOAT")
    (tmp_path / "line.jsonl").write_text('{"t": 1, "signal": "hold_onn"}\n')
    (tmp_path / "wrong.json").write_text('{"words": 3}')
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "status", "named"),
    [
        ("--agent {d}/mon.wav", 2, ["mon.wav", "mono.wav"]),
        ("--agent {d}/empty.wav", 2, ["empty.wav", "empty"]),
        ("--stereo {d}/mono.wav --agent-channel left", 2, ["mono.wav", "1 channel", "--agent"]),
        ("--stereo {d}/stereo.wav", 2, ["--agent-channel"]),
        ("--stereo {d}/stereo.wav --agent-channel middle", 2, ["middle", "left"]),
        ("--agent {d}/stereo.wav", 2, ["stereo.wav", "2 channels", "--stereo"]),
        ("--agent {d}/seven.wav", 2, ["seven.wav", "7 channels"]),
        ("--agent {d}/nan.wav", 2, ["nan.wav", "0.5"]),
        ("--agent {d}/text.wav", 2, ["text.wav"]),
        ("--agent {d}/mono.wav --line {d}/line.jsonl", 2, ["line.jsonl", "hold_on"]),
        ("--agent {d}/mono.wav --agent-words {d}/wrong.json", 2, ["wrong.json"]),
        ("--agent {d}/mono.wav --lang xx", 2, ["'xx'", "en, ja, ko"]),
        ("--agent {d}/mono.wav --set hold.limt_s=9", 2, ["did you mean 'hold.limit_s'"]),
        ("--agent {d}/mono.wav --set hold.limit_s=long", 2, ["hold.limit_s", "seconds"]),
        ("--agent {d}/mono.wav --speed 0", 2, ["--speed"]),
        ("--agent {d}/mono.wav --events {d}/no/events.jsonl", 2, ["--events", "events.jsonl"]),
        ("--agent {d}/mono.wav --journal {d}/mono.wav", 5, ["journal", "mono.wav"]),
        ("", 2, ["--agent"]),
    ],
)
def test_a_mistake_is_one_line_and_a_status(
    replay: Callable[..., int],
    bad: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    status: int,
    named: list[str],
) -> None:
    before = sorted(bad.iterdir())
    assert replay(*arguments.format(d=bad).split()) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("coach: ")
    assert [name for name in named if name not in line] == []
    assert sorted(bad.iterdir()) == before


def test_a_model_half_unpacked_is_named_with_the_command_to_run(
    bad: Path, korean_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = bad / "models" / "vosk-model-small-ko-0.22"
    (model / "am").mkdir(parents=True)
    (model / "am" / "final.mdl").write_bytes(b"x")
    status = cli.main(
        [
            "replay",
            "--agent",
            str(bad / "mono.wav"),
            "--lang",
            "ko",
            "--set",
            f"models.dir={model.parent}",
        ]
    )
    (line,) = capsys.readouterr().err.splitlines()
    assert status == 3
    assert "vosk-model-small-ko-0.22" in line
    assert "coach models install ko" in line


FULL_DISK = """
import resource, sys
from coach import cli
resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))
sys.exit(cli.main(sys.argv[1:]))
"""


def test_a_full_disk_ends_in_one_line_and_loses_no_line_already_kept(
    tmp_path: Path, words: Path
) -> None:
    line = tmp_path / "line.jsonl"
    line.write_text('{"t": 0.5, "signal": "ring"}\n{"t": 1, "signal": "off_hook", "by": "agent"}\n')
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            FULL_DISK,
            "replay",
            "--agent",
            tone(tmp_path / "a.wav"),
            "--line",
            line,
            "--agent-words",
            words,
            "--journal",
            tmp_path / "journal",
            "--plain",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 5
    (complaint,) = run.stderr.splitlines()
    assert str(tmp_path / "journal") in complaint
    (page,) = (tmp_path / "journal").glob("*.jsonl")
    reading = read(page)
    assert reading.damage == []
    assert reading.records
