"""The journal: whole lines whatever happens, no closed call lost, no word kept."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.clock import WallClock
from coach.errors import JournalError
from coach.events import (
    AgentBand,
    CallRecord,
    CallState,
    Cue,
    DeadAir,
    Fault,
    KeyPhrase,
    Level,
    LineSignal,
    Noise,
    Pace,
    TalkOver,
    Tick,
    Voice,
)
from coach.journal import WAITING_MAX, Journal
from coach.journal_reader import Damage, read, seal, unseal
from coach.names import Category, CueAction, CueName, Learned, Leg, Party, Signal, Source, State
from coach.sections import JournalKeeping

NOON = 1_795_435_200.0  # 2026-11-23T12:00:00Z
KEEPING = JournalKeeping(dir="unused", sync_s=5.0, min_free_mb=0)
DOCS = Path(__file__).parents[1] / "docs" / "journal.md"


class Clock(WallClock):
    """Clocks that stand still until told."""

    def __init__(self, wall: float = NOON, synced: bool = True, boot: str = "b00t") -> None:
        self.now, self.up, self.set, self.boot = wall, 100.0, synced, boot

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.up

    def synced(self) -> bool:
        return self.set

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.up += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def syncs(monkeypatch) -> list[int]:
    """Sizes of the file at each fdatasync."""
    sizes: list[int] = []
    real = os.fdatasync

    def counted(file: int) -> None:
        sizes.append(os.fstat(file).st_size)
        real(file)

    monkeypatch.setattr("os.fdatasync", counted)
    return sizes


def state(t: float, now: State, before: State) -> CallState:
    return CallState(t=t, state=now, previous=before, source=Source.LINE, since=t)


def call(t: float, **fields: object) -> CallRecord:
    return CallRecord(t=t, fields={"hung_up_first": "customer", "wait_s": 1.5, **fields})


def cue(t: float, action: CueAction = CueAction.START) -> Cue:
    return Cue(t=t, cue=CueName.HOLD_LIMIT, action=action, led="red", vibration="hold", rule="H4")


def phrase(t: float) -> KeyPhrase:
    return KeyPhrase(
        t=t,
        leg=Leg.AGENT,
        category=Category.HOLD_REQUEST,
        phrase="잠시만 기다려 주세요",
        start=t - 1.0,
        end=t - 0.2,
        confidence=0.9,
        source=Source.VOSK,
        seconds=60.0,
        gloss="please wait a moment",
    )


def one_call(t: float) -> list:
    return [
        state(t, State.TALKING, State.IDLE),
        phrase(t + 2.0),
        cue(t + 3.0),
        state(t + 9.0, State.ENDED, State.TALKING),
        call(t + 9.0),
    ]


def write(folder: Path, *events, clock: Clock | None = None) -> Path:
    """Write the events and return the one file of the folder."""
    with Journal(folder, KEEPING, "desk-7", clock or Clock()) as journal:
        for event in events:
            assert journal.write(event) is None
    (file,) = folder.glob("*.jsonl")
    return file


def types(records: list[dict]) -> list[str]:
    return [record["type"] for record in records]


def test_a_line_is_stamped_with_every_clock(tmp_path):
    file = write(tmp_path, cue(12.3456))
    assert file.name == "2026-11-23.jsonl"
    header, line = read(file).records
    stamp = {
        "wall": "2026-11-23T12:00:00.000Z",
        "mono": 100.0,
        "boot": "b00t",
        "synced": True,
        "v": 1,
    }
    assert header == {"seq": 1, "t": 0.0, **stamp, "type": "journal", "unit": "desk-7"}
    assert line == {
        "seq": 2,
        "t": 12.346,
        **stamp,
        "type": "cue",
        "cue": "hold_limit",
        "action": "start",
        "led": "red",
        "vibration": "hold",
        "rule": "H4",
    }
    text = file.read_text("utf-8").splitlines()[1]
    assert text.startswith('{"seq":2,"t":12.346,"wall":"2026-11-23T12:00:00.000Z","mono":100.0,')
    assert re.search(r',"crc":"[0-9a-f]{8}"}$', text)
    assert list(json.loads(text))[:8] == ["seq", "t", "wall", "mono", "boot", "synced", "v", "type"]


def test_the_docs_list_the_fields_that_lines_begin_with(tmp_path):
    line = write(tmp_path, cue(1.0)).read_text().splitlines()[1]
    own = ["cue", "action", "led", "vibration", "rule"]
    names = [name for name in json.loads(line) if name not in own]
    schema = DOCS.read_text("utf-8").split("## Schema 1")[1].split("| type | own")[0]
    assert re.findall(r"^\| `(\w+)` \|", schema, re.MULTILINE) == names


def test_the_script_in_the_docs_checks_a_file(tmp_path):
    file = write(tmp_path, *one_call(0.0))
    script = DOCS.read_text("utf-8").split("```sh\n")[1].split("```")[0].replace("FILE", str(file))
    script = script.replace("python3", sys.executable)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    data = bytearray(file.read_bytes())
    data[data.index(b"hold_request")] ^= 1
    file.write_bytes(data)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "line 3 is damaged\n"


def test_only_the_kept_types_are_written(tmp_path):
    kept = [
        LineSignal(t=1.0, signal=Signal.OFF_HOOK, by=Party.AGENT),
        state(1.0, State.TALKING, State.IDLE),
        TalkOver(t=2.0, leg=Leg.AGENT, start=1.0, duration_s=1.0, ongoing=True),
        DeadAir(t=3.0, start=2.0, duration_s=10.0, ongoing=False),
        phrase(4.0),
        cue(5.0),
        Fault(t=6.0, part="microphone", what="unplugged"),
        AgentBand(t=6.5, how=Learned.CALLS, level_db=-24.0, low_db=-30.0, high_db=-18.0),
        call(7.0),
    ]
    left_out = [
        Tick(t=1.0),
        Voice(t=1.0, leg=Leg.AGENT, active=True, since=0.9),
        Level(t=1.0, leg=Leg.AGENT, level_db=-26.0, activity=0.5),
        Pace(t=1.0, leg=Leg.AGENT, syllables_per_s=4.0, speech_s=10.0),
        Noise(t=1.0, leg=Leg.AGENT, floor_db=-70.0),
    ]
    records = read(write(tmp_path, *left_out, *kept, *left_out)).records
    assert types(records) == ["journal", *(event.type for event in kept)]
    assert [r["seq"] for r in records] == list(range(1, 11))


def test_of_a_key_phrase_no_word_is_kept(tmp_path):
    file = write(tmp_path, phrase(4.0))
    line = read(file).records[1]
    own = {k: v for k, v in line.items() if k not in ("seq", "wall", "mono", "boot", "synced", "v")}
    assert own == {"t": 4.0, "type": "key_phrase", "leg": "agent", "category": "hold_request"}
    data = file.read_bytes()
    for word in ("잠시만", "기다려", "주세요", "please", "moment"):
        assert word.encode() not in data
        assert json.dumps(word)[1:-1].encode() not in data


def test_a_record_cannot_overwrite_the_journals_own_fields(tmp_path):
    record = read(write(tmp_path, call(1.0, seq=99, boot="x", v=7, wait_s=2.0))).records[1]
    assert (record["seq"], record["boot"], record["v"], record["wait_s"]) == (2, "b00t", 1, 2.0)


def test_numbers_of_numpy_are_numbers(tmp_path):
    fields = {"level_db": np.float32(-26.5), "n": np.int64(3), "ok": np.bool_(True)}
    record = read(write(tmp_path, call(1.0, **fields))).records[1]
    assert (record["level_db"], record["n"], record["ok"]) == (-26.5, 3, True)
    assert read(write(tmp_path, call(1.0, level_db=float("nan")))).records[-1]["level_db"] is None


def test_synced_at_the_end_of_a_call_and_every_few_seconds(tmp_path, clock, syncs):
    with Journal(tmp_path, KEEPING, "desk", clock) as journal:
        page = tmp_path / "2026-11-23.jsonl"
        journal.write(state(0.0, State.TALKING, State.IDLE))
        assert syncs == []
        clock.passes(5.0)
        journal.write(Tick(t=5.0))
        assert syncs == [page.stat().st_size]
        clock.passes(60.0)
        journal.write(Tick(t=65.0))
        assert len(syncs) == 1  # nothing new to sync
        journal.write(cue(65.0))
        assert len(syncs) == 2
        clock.passes(1.0)
        journal.write(cue(66.0))
        assert len(syncs) == 2
        journal.write(call(66.0))
        assert len(syncs) == 3
        assert syncs[-1] == page.stat().st_size


def test_each_line_is_one_write(tmp_path, clock, monkeypatch):
    real, writes = os.write, []
    monkeypatch.setattr("os.write", lambda f, data: writes.append(bytes(data)) or real(f, data))
    with Journal(tmp_path, KEEPING, "desk", clock) as journal:
        for t in (1.0, 2.0):
            journal.write(cue(t))
    assert [w.count(b"\n") for w in writes] == [2, 1]
    assert all(w.endswith(b'"}\n') for w in writes)


def test_without_a_synced_clock_the_boot_names_the_file(tmp_path):
    file = write(tmp_path, cue(1.0), clock=Clock(wall=3.0, synced=False, boot="4711"))
    assert file.name == "boot-4711.jsonl"
    assert [r["synced"] for r in read(file).records] == [False, False]


def test_a_call_over_midnight_stays_in_one_file(tmp_path):
    clock = Clock(wall=NOON + 12 * 3600 - 5)
    with Journal(tmp_path, KEEPING, "desk", clock) as journal:
        for event in one_call(0.0):
            journal.write(event)
            clock.passes(3.0)
        journal.write(LineSignal(t=20.0, signal=Signal.RING))
    first = read(tmp_path / "2026-11-23.jsonl").records
    second = read(tmp_path / "2026-11-24.jsonl").records
    assert types(first)[-1] == "call"
    assert types(second) == ["journal", "line"]
    assert [r["seq"] for r in first + second] == list(range(1, 9))


def test_a_record_that_comes_in_the_next_call_does_not_split_it(tmp_path):
    clock = Clock(wall=NOON + 12 * 3600 - 5)
    with Journal(tmp_path, KEEPING, "desk", clock) as journal:
        journal.write(state(0.0, State.ENDED, State.TALKING))
        journal.write(state(1.0, State.TALKING, State.ENDED))
        journal.write(call(1.0))
        clock.passes(10.0)
        journal.write(state(11.0, State.ENDED, State.TALKING))
        journal.write(call(13.0))
    assert types(read(tmp_path / "2026-11-23.jsonl").records) == [
        "journal",
        *["call_state"] * 2,
        "call",
        "call_state",
        "call",
    ]


def test_a_clock_set_in_a_call_renames_nothing_until_it_is_over(tmp_path):
    clock = Clock(wall=10.0, synced=False)
    with Journal(tmp_path, KEEPING, "desk", clock) as journal:
        journal.write(state(0.0, State.TALKING, State.IDLE))
        clock.now, clock.set = NOON, True
        clock.up += 30.0
        journal.write(state(30.0, State.ENDED, State.TALKING))
        journal.write(call(30.0))
        journal.write(state(31.0, State.IDLE, State.ENDED))
    first = read(tmp_path / "boot-b00t.jsonl").records
    assert [(r["type"], r["mono"], r["synced"]) for r in first] == [
        ("journal", 100.0, False),
        ("call_state", 100.0, False),
        ("call_state", 130.0, True),
        ("call", 130.0, True),
    ]
    assert types(read(tmp_path / "2026-11-23.jsonl").records) == ["journal", "call_state"]


def test_numbers_go_on_after_a_restart_in_any_file(tmp_path):
    write(tmp_path, cue(1.0), cue(2.0), clock=Clock(synced=False))
    for boot in ("b", "c"):
        with Journal(tmp_path, KEEPING, "desk", Clock(boot=boot)) as journal:
            journal.write(cue(1.0))
    records = read(tmp_path / "2026-11-23.jsonl").records
    assert [(r["seq"], r["boot"]) for r in records] == [(4, "b"), (5, "b"), (6, "c"), (7, "c")]


def test_cut_at_every_byte_no_closed_call_is_lost(tmp_path, monkeypatch):
    for sync in ("os.fsync", "os.fdatasync"):  # no power is cut here, and a disk is slow
        monkeypatch.setattr(sync, lambda _: None)
    whole = write(tmp_path / "whole", *one_call(0.0), *one_call(20.0)).read_bytes()
    ends = [i + 1 for i, byte in enumerate(whole) if byte == ord("\n")]
    lines = whole.splitlines()
    for cut in range(len(whole) + 1):
        folder = tmp_path / f"{cut}"
        folder.mkdir()
        file = folder / "2026-11-23.jsonl"
        file.write_bytes(whole[:cut])
        # a line is whole without its newline as well
        kept = sum(cut >= end - 1 for end in ends)
        torn = cut - max([0, *(end for end in ends if cut >= end)])
        before = read(file)
        assert len(before.records) == kept
        with Journal(folder, KEEPING, "desk", Clock(boot="next")) as journal:
            assert journal.write(cue(1.0)) is None
        after = read(file)
        assert after.damage == []
        assert file.read_bytes().splitlines()[:kept] == lines[:kept]
        assert [r["seq"] for r in after.records] == list(range(1, len(after.records) + 1))
        cut_off = [] if torn == 0 or cut + 1 in ends else ["fault"]
        assert types(after.records[kept:]) == ["journal", *cut_off, "cue"]
        if cut_off:
            what = f"2026-11-23.jsonl: torn last line of {torn} bytes cut off"
            fault = after.records[-2]
            assert (fault["part"], fault["what"], fault["cleared"]) == ("journal", what, True)
        shutil.rmtree(folder)


def test_blocks_of_zeros_after_a_power_cut_are_cut_off(tmp_path):
    file = write(tmp_path, cue(1.0))
    with file.open("ab") as page:
        page.write(bytes(4096))
    assert read(file).damage == [Damage(3, "not a whole line")]
    write(tmp_path, cue(2.0))
    assert read(file).damage == []


def test_damage_is_listed_with_its_line(tmp_path):
    file = write(tmp_path, cue(1.0), cue(2.0), cue(3.0))
    lines = file.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"red", b"bed")
    lines[2] = b"\n"
    file.write_bytes(b"".join(lines) + b'{"seq":')
    reading = read(file)
    assert [r["seq"] for r in reading.records] == [1, 4]
    assert reading.damage == [
        Damage(2, "checksum does not match"),
        Damage(3, "not a whole line"),
        Damage(5, "not a whole line"),
    ]


PAGE = b"".join(
    seal({"seq": seq, "t": seq / 2, "v": 1, "type": "call", "wait_s": 1.5}) for seq in range(1, 8)
)


@settings(deadline=None)
@given(at=st.integers(0, len(PAGE) - 1), flip=st.integers(1, 255))
def test_a_flipped_byte_costs_the_lines_it_touches(tmp_path_factory, at, flip):
    data = bytearray(PAGE)
    data[at] ^= flip
    file = tmp_path_factory.mktemp("flip") / "2026-11-23.jsonl"
    file.write_bytes(data)
    touched = {PAGE[:at].count(b"\n") + 1}
    if PAGE[at : at + 1] == b"\n" and at != len(PAGE) - 1:
        touched.add(max(touched) + 1)  # two lines run into one
    reading = read(file)
    assert [r["seq"] for r in reading.records] == [s for s in range(1, 8) if s not in touched]
    assert reading.damage
    write(file.parent, cue(1.0))
    assert types(read(file).records)[-1] == "cue"


@given(st.binary(max_size=200))
def test_whatever_a_line_holds_it_is_a_record_or_told(line):
    assert isinstance(unseal(line), (dict, str))


def test_a_sealed_line_comes_back_whole():
    record = {"seq": 1, "v": 1, "what": 'quote " and ,"crc":" and 한국어'}
    line = seal(record)
    assert line.count(b"\n") == 1
    assert unseal(line[:-1]) == record
    assert zlib.crc32(line[:-19]) == int(line[-11:-3], 16)


def test_a_newer_schema_and_a_missing_file_are_refused(tmp_path):
    file = tmp_path / "x.jsonl"
    with pytest.raises(JournalError, match=r"x.jsonl: cannot be read: No such file"):
        read(file)
    file.write_bytes(seal({"seq": 1, "v": 2}))
    message = r"x.jsonl: line 1: journal schema 2; this coach reads up to 1"
    with pytest.raises(JournalError, match=message):
        read(file)


def test_a_folder_that_cannot_be_written_is_named(tmp_path, clock):
    (tmp_path / "file").write_text("x")
    with pytest.raises(JournalError, match=rf"^journal {tmp_path}/file: not a folder$"):
        Journal(tmp_path / "file", KEEPING, "desk", clock)
    with pytest.raises(JournalError, match=r"^journal /proc/coach: No such file or directory$"):
        Journal(Path("/proc/coach"), KEEPING, "desk", clock)


def test_two_coaches_do_not_share_a_folder(tmp_path, clock):
    with (
        Journal(tmp_path, KEEPING, "desk", clock),
        pytest.raises(JournalError, match=rf"^journal {tmp_path}: another coach writes there$"),
    ):
        Journal(tmp_path, KEEPING, "desk", clock)
    write(tmp_path, cue(1.0))


def test_too_little_room_is_one_fault_and_loses_nothing(tmp_path, clock):
    file_system = shutil.disk_usage(tmp_path)
    keeping = JournalKeeping("unused", sync_s=5.0, min_free_mb=file_system.total // 1_000_000 + 1)
    journal = Journal(tmp_path, keeping, "desk", clock)
    what = f"{tmp_path}: less than {keeping.min_free_mb} MB free"
    assert journal.write(cue(1.0)) == Fault(t=1.0, part="journal", what=what)
    clock.passes(6.0)
    assert journal.write(cue(7.0)) is None
    with pytest.raises(JournalError, match=rf"^journal {what}; 2 lines not written$"):
        journal.close()


def test_what_waits_too_long_is_counted(tmp_path, clock, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    journal = Journal(tmp_path, KEEPING, "desk", clock)
    with monkeypatch.context() as patched:
        patched.setattr("os.write", full)
        assert journal.write(cue(0.0)) is not None
        for i in range(WAITING_MAX + 1):
            assert journal.write(cue(i / 10)) is None
    clock.passes(5.0)
    fault = journal.write(Tick(t=2000.0))
    what = f"{tmp_path}: written again, 2 lines lost"
    assert fault == Fault(t=2000.0, part="journal", what=what, cleared=True)
    assert journal.write(fault) is None
    journal.close()
    records = read(tmp_path / "2026-11-23.jsonl").records
    assert types(records) == ["journal", *["cue"] * WAITING_MAX, "fault"]


def test_half_a_line_that_could_not_be_cut_back_is_cut_back_later(tmp_path, clock, monkeypatch):
    def refuses(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    real = os.write
    with Journal(tmp_path, KEEPING, "desk", clock) as journal:
        journal.write(cue(1.0))
        with monkeypatch.context() as patched:
            patched.setattr("os.write", lambda file, data: real(file, data[:40]))
            patched.setattr("os.ftruncate", refuses)
            assert journal.write(cue(2.0)) is not None
        clock.passes(5.0)
        assert journal.write(cue(3.0)) is not None
    reading = read(tmp_path / "2026-11-23.jsonl")
    assert reading.damage == []
    assert [r["t"] for r in reading.records] == [0.0, 1.0, 2.0, 3.0]


# Run in a process of its own: fills a real file system (or meets a real limit) in a call, frees
# it again, and prints what write() returned meanwhile.
FILLS = """
import resource, sys
from pathlib import Path
from coach.journal import Journal
from test_journal import Clock, KEEPING, call, cue, one_call

folder, how = Path(sys.argv[1]), sys.argv[2]
clock = Clock()
journal = Journal(folder, KEEPING, "desk", clock)
faults = []
def write(*events):
    faults.extend(fault for event in events if (fault := journal.write(event)))
write(*one_call(0.0))
page = folder / "2026-11-23.jsonl"
ballast = folder / "ballast"
room = page.stat().st_size + 300
if how == "limit":
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
else:
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)): pass
        except OSError: pass
sizes = set()
for i in range(200):
    write(cue(20.0 + i))
    clock.passes(5.0)
    assert page.read_bytes().endswith(b'"}\\n')
write(call(300.0))
if how == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
else:
    ballast.unlink()
clock.passes(5.0)
write(*one_call(400.0))
journal.close()
from coach.journal_reader import read
records, damage = read(page)
assert damage == [], damage
assert [r["seq"] for r in records] == list(range(1, len(records) + 1))
times = lambda kind: [r["t"] for r in records if r["type"] == kind]
assert times("cue") == [3.0, *(20.0 + i for i in range(200)), 403.0]
assert times("call") == [9.0, 300.0, 409.0]
for fault in faults: print(fault.cleared, fault.what.replace(str(folder), "FOLDER"))
"""


def fill(folder: Path, how: str, before: str = "") -> str:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-c", FILLS, str(folder), how]
    if before:
        command = ["unshare", "-rm", "sh", "-c", f'{before} && exec "$@"', "sh", *command]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_file_that_may_not_grow_is_cut_back_and_loses_nothing(tmp_path):
    assert fill(tmp_path, "limit") == (
        "False FOLDER: No space left on device\nTrue FOLDER: written again, no lines lost\n"
    )


def test_a_full_disk_is_one_fault_and_loses_nothing(tmp_path):
    mount = f"mount -t tmpfs -o size=64k tmpfs {tmp_path}"
    probe = subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True)
    if probe.returncode:
        pytest.skip("no small file system can be mounted here: needs user namespaces")
    assert fill(tmp_path, "disk", mount) == (
        "False FOLDER: No space left on device\nTrue FOLDER: written again, no lines lost\n"
    )


def test_the_clocks_of_this_machine():
    clock = WallClock()
    assert clock.boot == WallClock().boot
    assert isinstance(clock.synced(), bool)
    assert clock.wall() > 1_600_000_000
    assert clock.monotonic() <= clock.monotonic()
