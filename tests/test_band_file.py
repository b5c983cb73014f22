"""The file of the agent's own level: whole or named as what it is."""

import dataclasses
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach import band_file
from coach.band_file import NAME, OwnLevel, check_writable, file_of, read, write
from coach.errors import StateError
from coach.journal_reader import seal
from coach.names import Learned
from coach.settings import load

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OWN = OwnLevel(
    unit="desk-7",
    how=Learned.CALLS,
    at=NOON,
    synced=True,
    level_db=-24.25,
    spread_db=1.5,
    speech_s=412.5,
    calls_db=(-24.0, -26.5, -24.25, -22.0, -25.0),
)


def refusal(file: Path, unit_id: str = "desk-7") -> str:
    with pytest.raises(StateError) as error:
        read(file, unit_id)
    assert "\n" not in str(error.value)
    assert str(file) in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    "own",
    [
        OWN,
        dataclasses.replace(OWN, how=Learned.CALIBRATE, calls_db=()),
        dataclasses.replace(OWN, level_db=None, spread_db=None, calls_db=(-24.0,)),
    ],
)
def test_what_is_written_is_read(own: OwnLevel, tmp_path: Path) -> None:
    file = tmp_path / "state" / NAME
    write(file, own)
    assert read(file, "desk-7") == own
    assert [path.name for path in file.parent.iterdir()] == [NAME]


def test_nothing_learned_is_no_fault(tmp_path: Path) -> None:
    assert read(tmp_path / NAME, "desk-7") is None
    assert read(tmp_path / "no" / "folder" / NAME, "desk-7") is None


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_damaged_byte_is_found(
    at: int, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("state") / NAME
    write(file, OWN)
    data = bytearray(file.read_bytes())
    data[at % (len(data) - 1)] ^= 1 << bit
    file.write_bytes(data)
    assert "damaged" in refusal(file)


@pytest.mark.parametrize("kept", [0, 1, 40, 150])
def test_a_torn_file_is_found(kept: int, tmp_path: Path) -> None:
    file = tmp_path / NAME
    write(file, OWN)
    file.write_bytes(file.read_bytes()[:kept])
    assert "damaged or not written by the coach" in refusal(file)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"v": 2}, "schema 2; this coach reads 1"),
        ({}, "schema None"),
        ({"v": 1, "unit": "desk-7"}, "not written by the coach"),
        ({"v": 1, **json.loads(seal(dataclasses.asdict(OWN))), "level_db": 40}, "not written"),
    ],
)
def test_a_foreign_record_is_named(record: dict[str, object], why: str, tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_bytes(seal({k: v for k, v in record.items() if k != "crc"}))
    assert why in refusal(file)


def test_another_units_level_is_not_taken(tmp_path: Path) -> None:
    write(tmp_path / NAME, OWN)
    assert "learned by unit 'desk-7'; this is 'desk-8'" in refusal(tmp_path / NAME, "desk-8")


def test_a_folder_in_its_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    assert "cannot be read" in refusal(tmp_path / NAME)
    with pytest.raises(StateError, match=r"level\.json: cannot be written"):
        write(tmp_path / NAME, OWN)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(StateError, match="cannot be written"):
        check_writable(tmp_path / "state" / NAME)
    with pytest.raises(StateError, match="cannot be written"):
        write(tmp_path / "state" / NAME, OWN)


def test_the_old_one_stays_until_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / NAME
    write(file, OWN)
    synced: list[bytes] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(file.read_bytes())
        real(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    before = file.read_bytes()
    write(file, dataclasses.replace(OWN, level_db=-20.0))
    assert synced == [before, file.read_bytes()]


def test_where_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def of(*pairs: str) -> Path:
        return file_of(load(pairs=pairs).settings.unit)

    assert of(f"unit.state_dir={tmp_path}") == tmp_path / NAME
    monkeypatch.setattr(band_file, "SYSTEM_FOLDER", tmp_path)
    assert of() == tmp_path / NAME
    monkeypatch.setattr(band_file, "SYSTEM_FOLDER", tmp_path / "none")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user"))
    assert of() == tmp_path / "user" / "headset-coach" / NAME
