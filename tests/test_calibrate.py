"""``coach calibrate`` as its user has it, and what the other commands then make of the level."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from features.sound import mixed, noise, silence, talk
from sound_server import SoundServer, sound_server

from coach import band_file
from coach.cli import main
from coach.journal_reader import read, seal
from coach.names import Learned

__all__ = ["sound_server"]

RATE = 16000


def speech(level_db: float, seconds: float = 30.0) -> np.ndarray:
    starts = np.arange(1, seconds - 3, 4.0)
    return mixed(seconds, *((float(at), talk(3, level_db)) for at in starts)) + noise(seconds, -75)


def recorded(path: Path, *legs: np.ndarray) -> Path:
    soundfile.write(path, np.stack(legs, axis=1), RATE, subtype="FLOAT")
    return path


@pytest.fixture
def unit(tmp_path: Path) -> list[str]:
    """Options of a unit of its own that takes 15 s of speech."""
    chosen = {"unit.state_dir": tmp_path / "state", "level.calibrate_s": 15.0}
    return [word for key, value in chosen.items() for word in ("--set", f"{key}={value}")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / band_file.NAME


def test_a_recording_teaches_the_level(
    unit: list[str], file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = recorded(tmp_path / "own.wav", speech(-26))
    assert main(["calibrate", "--from", str(recording), *unit]) == 0
    own = band_file.read(file, "desk")
    assert own.level_db == pytest.approx(-26.3, abs=0.2)
    assert own.how is Learned.CALIBRATE
    assert own.speech_s == pytest.approx(16, abs=2)
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        f"your level is {own.level_db:.1f} dBov (talk-spurts differ by 0.0 dB)",
        f"your band is {own.level_db - 6:.1f} to {own.level_db + 6:.1f} dBov, kept in {file}",
    ]
    assert output.err.splitlines()[0].startswith("  6 of 15 s of speech, level -26.")


def test_one_channel_of_a_stereo_recording(unit: list[str], file: Path, tmp_path: Path) -> None:
    both = str(recorded(tmp_path / "both.wav", speech(-20), speech(-30)))
    assert main(["calibrate", "--stereo", both, "--agent-channel", "right", *unit]) == 0
    assert band_file.read(file, "desk").level_db == pytest.approx(-30.3, abs=0.2)


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (silence(20), "too quiet: nothing over -100 dBov in 20 s"),
        (speech(-26) + noise(30, -35), "too noisy: noise at -3"),
        (8 * speech(-14), "clipped in "),
        (speech(-26, 12), "only 6 s of speech in 12 s; expected 15 s"),
    ],
)
def test_a_refusal_is_one_line_and_changes_nothing(
    samples: np.ndarray,
    why: str,
    unit: list[str],
    file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    good = recorded(tmp_path / "good.wav", speech(-26))
    assert main(["calibrate", "--from", str(good), *unit]) == 0
    before = file.read_bytes()
    capsys.readouterr()
    bad = recorded(tmp_path / "bad.wav", samples)
    assert main(["calibrate", "--from", str(bad), *unit]) == 6
    output = capsys.readouterr()
    assert output.out == ""
    *progress, refusal = output.err.splitlines()
    assert all("s of speech" in line for line in progress)
    assert refusal.startswith(f"coach: {bad}: {why}")
    assert refusal.endswith("; nothing is changed")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--from", "{both}"], "{both}: 2 channels; use --stereo FILE --agent-channel left|right"),
        (["--stereo", "{both}"], "--stereo: say which leg is where: --agent-channel left|right"),
        (["--stereo", "{both}", "--from", "x"], "--stereo has both legs: leave out --from"),
        (["--from", "none.wav"], "none.wav: no such file"),
    ],
)
def test_what_cannot_be_heard_is_one_line(
    arguments: list[str],
    line: str,
    unit: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    both = str(recorded(tmp_path / "both.wav", speech(-20), speech(-30)))
    assert main(["calibrate", *(word.format(both=both) for word in arguments), *unit]) == 2
    assert capsys.readouterr().err == f"coach: {line.format(both=both)}\n"


def test_a_folder_that_cannot_be_written_is_said_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").touch()
    state = f"unit.state_dir={tmp_path / 'state'}"
    assert main(["calibrate", "--from", "never-opened.wav", "--set", state]) == 5
    assert "cannot be written" in capsys.readouterr().err


def test_config_shows_where_the_band_is_from(
    unit: list[str], file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["calibrate", "--from", str(recorded(tmp_path / "own.wav", speech(-26))), *unit])
    low_db = band_file.read(file, "desk").level_db - 6
    capsys.readouterr()
    assert main(["config", "level", *unit]) == 0
    (line,) = [x for x in capsys.readouterr().out.splitlines() if x.startswith("band_low_db")]
    assert line.split("#")[0].split() == ["band_low_db", "=", f"{low_db:.10g}"]
    assert "# learned by coach calibrate, 20" in line
    assert str(file) in line
    by_hand = ["--set", "level.band_low_db=-40"]
    assert main(["config", "level.band_low_db", *unit, *by_hand]) == 0
    assert capsys.readouterr().out == "-40.0\n"


def test_a_damaged_file_is_one_line_and_the_default_band(
    unit: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.parent.mkdir()
    file.write_bytes(b"\x00" * 200)
    assert main(["config", "level.band_low_db", *unit]) == 0
    output = capsys.readouterr()
    assert output.out == "-38.0\n"
    assert len(output.err.splitlines()) == 1
    assert output.err.startswith(f"{file}: damaged or not written by the coach")
    assert output.err.endswith("; the default band is used\n")


def test_who_set_the_band_by_hand_is_told_that_it_stays(
    unit: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = recorded(tmp_path / "own.wav", speech(-26))
    by_hand = "level.band_high_db=-20"
    assert main(["calibrate", "--from", str(own), *unit, "--set", by_hand]) == 0
    told = capsys.readouterr().err.splitlines()[-1]
    assert told == f"it is not used while the band is set by hand: --set {by_hand}"


@pytest.fixture
def replayed(unit: list[str], tmp_path: Path) -> list[str]:
    """A call 9 dB louder than the level that this unit has learned, ready to be replayed."""
    main(["calibrate", "--from", str(recorded(tmp_path / "own.wav", speech(-30))), *unit])
    (tmp_path / "words.json").write_text(json.dumps({"words": []}))
    (tmp_path / "line.jsonl").write_text(
        '{"t": 0.5, "signal": "off_hook", "by": "agent"}\n'
        '{"t": 38, "signal": "on_hook", "by": "agent"}\n'
    )
    loud = recorded(tmp_path / "loud.wav", speech(-21, 40))
    named = {"--agent": loud, "--line": "line.jsonl", "--agent-words": "words.json"}
    options = [word for key, name in named.items() for word in (key, str(tmp_path / name))]
    return ["replay", *options, "--journal", str(tmp_path / "journal"), *unit]


def test_a_replay_has_the_learned_band_and_tells_drift(
    replayed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(replayed) == 0
    assert "level against your own: 9" in capsys.readouterr().out
    (page,) = (tmp_path / "journal").glob("*.jsonl")
    records = read(page).records
    (band,) = [r for r in records if r["type"] == "band"]
    assert (band["how"], band["high_db"] - band["low_db"]) == ("calibrate", 12.0)
    (call,) = [r for r in records if r["type"] == "call"]
    assert call["level_drift_db"] == pytest.approx(9, abs=0.1)
    assert "too_loud" in [r["cue"] for r in records if r["type"] == "cue"]


def test_a_replay_of_somebody_else_has_not(replayed: list[str], tmp_path: Path) -> None:
    assert main([*replayed, "--other-agent"]) == 0
    (page,) = (tmp_path / "journal").glob("*.jsonl")
    records = read(page).records
    assert "band" not in [r["type"] for r in records]
    assert "too_loud" not in [r.get("cue") for r in records]
    (call,) = [r for r in records if r["type"] == "call"]
    assert "level_drift_db" not in call


def journalled(folder: Path, *levels_db: float, wall: str = "2999-01-01T12:00:00.000Z") -> None:
    folder.mkdir()
    lines = [
        seal({"v": 1, "type": "call", "wall": wall, "level_db": db, "level_speech_s": 60.0})
        for db in levels_db
    ]
    (folder / "page.jsonl").write_bytes(b"".join(lines))


@pytest.mark.parametrize(
    ("levels_db", "verdict", "said"),
    [
        ((), "ok", "-30.2 dBov, learned by calibrate on 20"),
        ((-50, -31, -32, -30, -29, -30), "ok", "; the last 5 calls 0.2 dB louder"),
        ((-38, -37, -36, -38, -38), "warning", "; the last 5 calls 7.8 dB quieter: look at the"),
        ((-38, -38), "ok", "; the last 2 calls 7.8 dB quieter"),
    ],
)
def test_check_tells_drift(
    levels_db: tuple[float, ...],
    verdict: str,
    said: str,
    unit: list[str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    main(["calibrate", "--from", str(recorded(tmp_path / "own.wav", speech(-30))), *unit])
    journalled(tmp_path / "journal", *levels_db)
    capfd.readouterr()
    main(["check", *unit, "--set", f"journal.dir={tmp_path / 'journal'}"])
    (line,) = [x for x in capfd.readouterr().out.splitlines() if " own level: " in x]
    assert line.startswith(verdict)
    assert said in line


def test_calls_before_the_calibration_are_no_drift(
    unit: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main(["calibrate", "--from", str(recorded(tmp_path / "own.wav", speech(-30))), *unit])
    journalled(tmp_path / "journal", *[-38] * 5, wall="2001-01-01T12:00:00.000Z")
    main(["check", *unit, "--set", f"journal.dir={tmp_path / 'journal'}"])
    assert "quieter" not in capfd.readouterr().out


def test_check_without_a_level_says_how_to_get_one(
    unit: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main(["check", *unit, "--set", f"journal.dir={tmp_path}"])
    out = capfd.readouterr().out
    assert "own level: not known yet: 0 of 5 calls; sooner with coach calibrate" in out


def test_live_from_the_microphone(
    file: Path,
    sound_server: SoundServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    sound_server.play("agent", recorded(tmp_path / "own.wav", speech(-26, 60)))
    pairs = [f"unit.state_dir={file.parent}", "level.calibrate_s=5"]
    pairs += ["audio.agent_device=agent", "audio.customer_device=customer"]
    assert main(["calibrate", *[word for pair in pairs for word in ("--set", pair)]]) == 0
    assert "Speak as in a call, 5 s in all." in capfd.readouterr().out
    assert band_file.read(file, "desk").level_db == pytest.approx(-26.3, abs=0.3)
