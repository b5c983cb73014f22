"""``coach run`` on a real sound server, against ``coach replay`` of the same call."""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from sound_server import SoundServer, sound_server

from coach.band_file import OwnLevel, write
from coach.journal_reader import read
from coach.names import Learned

__all__ = ["sound_server"]

COACH = (sys.executable, "-m", "coach.cli")
KOREAN = ("--set", "unit.language=ko")
DEVICES = ("--set", "audio.agent_device=agent", "--set", "audio.customer_device=customer")
HOME = os.environ["HOME"]  # where the models are; the sound server has a home of its own
LEAD_S = 3.0  # s of silence before each clip: both coaches know the noise floor when it begins
AGREE_S = 0.1  # the live coach tells the same as a replay within this


def clip(source: Path, target: Path, begin_s: float, seconds: float) -> Path:
    with soundfile.SoundFile(source) as file:
        file.seek(round(begin_s * file.samplerate))
        samples = file.read(round(seconds * file.samplerate))
        lead = np.zeros(round(LEAD_S * file.samplerate))
        soundfile.write(target, np.concatenate([lead, samples]), file.samplerate)
    return target


def events_in(path: Path, *types: str) -> list[dict[str, Any]]:
    events = map(json.loads, path.read_text("utf-8").splitlines())
    return [event for event in events if event["type"] in types]


class Supervisor:
    """What systemd is to the coach: a socket that hears READY=1 and WATCHDOG=1."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.settimeout(60)

    def await_word(self, word: str) -> None:
        while self._socket.recv(64).decode() != word:
            pass


def test_live_and_replay_hear_the_same(
    calls: Path, korean_model: Path, sound_server: SoundServer, tmp_path: Path
) -> None:
    agent = clip(calls / "synth/dev-ko-am_onyx.flac", tmp_path / "agent.wav", 0.0, 26.0)
    customer = clip(
        calls / "Auto_Repairs_40_UTC_caller.wav", tmp_path / "customer.wav", 170.0, 20.0
    )
    legs = ["--agent", str(agent), "--customer", str(customer)]
    replayed = [*COACH, "replay", *legs, "--plain", "--events", str(tmp_path / "replay.jsonl")]
    home = {**os.environ, "HOME": HOME}
    subprocess.run([*replayed, *KOREAN], env=home, check=True, capture_output=True)

    types = ("voice", "key_phrase")
    expected = events_in(tmp_path / "replay.jsonl", *types)

    supervisor = Supervisor(Path(sound_server.environment["XDG_RUNTIME_DIR"]))
    command = [*COACH, "run", "--simulate-pins", "--events", str(tmp_path / "run.jsonl")]
    command += ["--set", f"journal.dir={tmp_path / 'journal'}", *DEVICES, *KOREAN]
    environment = {**home, "NOTIFY_SOCKET": str(supervisor.path)}
    live = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        supervisor.await_word("READY=1")
        supervisor.await_word("WATCHDOG=1")  # a second of audio went through the whole pipeline
        players = [sound_server.play("agent", agent), sound_server.play("customer", customer)]
        assert [player.wait() for player in players] == [0, 0]
        # the live coach may be behind on a busy machine: it is told to stop once it has caught up
        for _ in range(20):
            if len(events_in(tmp_path / "run.jsonl", *types)) >= len(expected):
                break
            supervisor.await_word("WATCHDOG=1")
        live.send_signal(signal.SIGTERM)
        output, _ = live.communicate(timeout=30)
    finally:
        live.kill()
    assert (live.returncode, output) == (0, "")  # nothing that was said gets into a log

    heard = events_in(tmp_path / "run.jsonl", *types)

    def what(event: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(event.get(key) for key in ("type", "leg", "active", "category", "state"))

    def of(leg: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [e for e in events if e.get("leg") == leg]

    assert {e["category"] for e in heard if e["type"] == "key_phrase"} >= {
        "hold_request",
        "thanks",
        "hold_return",
    }
    late = []
    for leg in ("agent", "customer"):
        assert [what(e) for e in of(leg, heard)] == [what(e) for e in of(leg, expected)]
        late += [h["t"] - e["t"] for h, e in zip(of(leg, heard), of(leg, expected), strict=True)]
    begin = statistics.median(late)
    assert max(abs(one - begin) for one in late) <= AGREE_S

    (page,) = (tmp_path / "journal").glob("*.jsonl")
    reading = read(page)
    assert reading.damage == []
    assert [r["category"] for r in reading.records if r["type"] == "key_phrase"] == [
        e["category"] for e in heard if e["type"] == "key_phrase"
    ]


def test_a_device_that_is_not_there_is_one_line(sound_server: SoundServer, tmp_path: Path) -> None:
    devices = (*DEVICES, "--set", "audio.agent_device=jabra")
    journal = ("--set", f"journal.dir={tmp_path}")
    run = subprocess.run(
        [*COACH, "run", "--simulate-pins", *journal, *devices, *KOREAN],
        env={**os.environ, "HOME": HOME},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 4
    assert len(run.stderr.splitlines()) == 1
    assert "audio.agent_device" in run.stderr
    assert "'agent'" in run.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(
    number: signal.Signals,
    korean_model: Path,
    sound_server: SoundServer,
    tmp_path: Path,
) -> None:
    supervisor = Supervisor(Path(sound_server.environment["XDG_RUNTIME_DIR"]))
    journal = ("--set", f"journal.dir={tmp_path}")
    live = subprocess.Popen(
        [*COACH, "run", "--simulate-pins", *journal, *DEVICES, *KOREAN],
        env={**os.environ, "HOME": HOME, "NOTIFY_SOCKET": str(supervisor.path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        supervisor.await_word("READY=1")
        live.send_signal(number)
        _, complaint = live.communicate(timeout=30)
    finally:
        live.kill()
    assert (live.returncode, complaint) == (0, "")


def started_and_ended(sound_server: SoundServer, folder: Path) -> str:
    """Run the coach with its state in ``folder`` for a second of audio; return its stderr."""
    supervisor = Supervisor(Path(sound_server.environment["XDG_RUNTIME_DIR"]))
    unit = [f"journal.dir={folder / 'journal'}", f"unit.state_dir={folder}"]
    pairs = [word for pair in unit for word in ("--set", pair)]
    live = subprocess.Popen(
        [*COACH, "run", "--simulate-pins", *pairs, *DEVICES, *KOREAN],
        env={**os.environ, "HOME": HOME, "NOTIFY_SOCKET": str(supervisor.path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        supervisor.await_word("READY=1")
        supervisor.await_word("WATCHDOG=1")
        live.send_signal(signal.SIGTERM)
        _, complaint = live.communicate(timeout=30)
    finally:
        live.kill()
    assert live.returncode == 0
    return complaint


def test_a_damaged_level_file_is_one_line_and_the_coach_goes_on(
    korean_model: Path, sound_server: SoundServer, tmp_path: Path
) -> None:
    (tmp_path / "level.json").write_bytes(bytes(100))
    (line,) = started_and_ended(sound_server, tmp_path).splitlines()
    assert line.startswith(f"{tmp_path / 'level.json'}: damaged or not written by the coach")
    assert line.endswith("; the default band is used")


def test_a_learned_level_is_in_the_journal(
    korean_model: Path, sound_server: SoundServer, tmp_path: Path
) -> None:
    own = OwnLevel(
        unit="desk",
        how=Learned.CALIBRATE,
        at=datetime(2026, 11, 23, tzinfo=UTC),
        synced=True,
        level_db=-24.0,
        spread_db=2.0,
        speech_s=60.0,
    )
    write(tmp_path / "level.json", own)
    assert started_and_ended(sound_server, tmp_path) == ""
    (page,) = (tmp_path / "journal").glob("*.jsonl")
    (band,) = [r for r in read(page).records if r["type"] == "band"]
    assert (band["how"], band["low_db"], band["high_db"]) == ("calibrate", -30.0, -18.0)
