import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bench import __main__ as command
from bench import figures, table
from bench.apart import measured, results
from bench.figures import Missing
from bench.table import Aim, Row, at_least, at_most, ratio_at_most
from coach.errors import ModelError


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "build" / "bench.json"
    monkeypatch.setattr(figures, "KEPT", file)
    return file


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Row | str]]:
    """What benches tell, by name; only these there are."""
    said: dict[str, list[Row | str]] = {}
    monkeypatch.setattr(command, "BENCHES", ("level", "voice"))
    monkeypatch.setattr(command, "results", lambda name: iter(said[name]))
    return said


@pytest.mark.parametrize(
    ("ours", "peer", "ratio"), [(1.0, 4.0, 0.25), (4.0, 1.0, 4.0), (0.0, 2.0, 0.0)]
)
def test_the_ratio_is_ours_over_the_peers(ours: float, peer: float, ratio: float) -> None:
    assert Row("CPU", ours, peer=peer).ratio == ratio


@pytest.mark.parametrize("peer", [None, 0.0])
def test_without_a_peer_or_with_one_of_0_there_is_no_ratio_and_no_aim_of_it(
    peer: float | None,
) -> None:
    row = Row("false per hour", 3.0, peer=peer, aim=ratio_at_most(1))
    assert (row.ratio, row.reached) == (None, None)
    assert row.cells()[3:] == ("", "ratio <= 1", "")


@pytest.mark.parametrize(
    ("aim", "ours", "said", "reached"),
    [
        (at_most(0.08), 0.08, "<= 0.08", True),
        (at_most(0.08), 0.081, "<= 0.08", False),
        (at_least(0.95), 0.95, ">= 0.95", True),
        (at_least(0.95), 0.9, ">= 0.95", False),
        (Aim(0.9, 1.1), 1.0, "0.9 to 1.1", True),
        (Aim(0.9, 1.1), 1.2, "0.9 to 1.1", False),
        (ratio_at_most(0.5), 5.0, "ratio <= 0.5", True),
        (ratio_at_most(0.5), 5.1, "ratio <= 0.5", False),
        (at_most(1), math.nan, "<= 1", False),
        (None, 1.0, "", None),
    ],
)
def test_aims(aim: Aim | None, ours: float, said: str, reached: bool | None) -> None:
    row = Row("figure", ours, peer=10.0, aim=aim)
    assert row.reached is reached
    assert row.cells()[4] == said


def test_lines_are_aligned() -> None:
    full = table.line("pace", Row("CPU", 0.67, "ms per s", ".2f", "Praat", 4.03, ratio_at_most(1)))
    assert [cell.strip() for cell in full.split("|")] == [
        "pace: CPU, ms per s",
        "0.67",
        "4.03 (Praat)",
        "0.17",
        "ratio <= 1",
        "yes",
    ]
    bars = [at for at, letter in enumerate(full) if letter == "|"]
    for line in [*table.head().splitlines(), table.line("level", Row("off", 0.1))]:
        assert [at for at, letter in enumerate(line) if letter == "|"] == bars[: line.count("|")]


def test_rows_and_named_figures_are_kept_beside_what_was_there(kept: Path) -> None:
    figures.keep({"peers": {"grammar list": 1}, "rtf_whole": 0.5})
    table.keep("level", [Row("off", 0.1, "dB"), Row("CPU", 1.0, peer_name="sv56", peer=4.0)])
    table.keep("whole", [Row("CPU", 0.06, aim=at_most(0.08), key="rtf_whole")])
    table.keep("level", [Row("off", 0.2, "dB", key="level_off")])
    found = json.loads(kept.read_text())
    assert found["peers"] == {"grammar list": 1}
    assert (found["rtf_whole"], found["level_off"]) == (0.06, 0.2)
    assert [row["ours"] for row in found["table"]["level"]] == [0.2]
    assert found["table"]["whole"] == [
        {
            "figure": "CPU",
            "ours": 0.06,
            "unit": "",
            "peer_name": "",
            "peer": None,
            "ratio": None,
            "aim": "<= 0.08",
            "reached": True,
        }
    ]


def test_what_is_no_number_is_kept_as_none(kept: Path) -> None:
    table.keep("voice", [Row("onset", math.nan, peer=math.inf, aim=at_most(1), key="onset")])
    found = json.loads(kept.read_text(), parse_constant=pytest.fail)
    (row,) = found["table"]["voice"]
    assert (found["onset"], row["ours"], row["peer"], row["reached"]) == (None, None, None, False)


def test_every_bench_is_printed_and_kept(
    kept: Path, told: dict[str, list[Row | str]], capsys: pytest.CaptureFixture[str]
) -> None:
    told.update(level=[Row("off", 0.1)], voice=[Row("F1", 0.9), Row("onset", 55.0)])
    assert command.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("|")[0].strip() for line in lines[2:]] == [
        "level: off",
        "voice: F1",
        "voice: onset",
    ]
    assert json.loads(kept.read_text())["table"].keys() == {"level", "voice"}
    assert command.main(["voice"]) == 0
    assert "level" not in capsys.readouterr().out


def test_a_bench_that_cannot_run_says_so_in_its_line_and_the_others_run(
    kept: Path, told: dict[str, list[Row | str]], capsys: pytest.CaptureFixture[str]
) -> None:
    told.update(level=["no recorded\ncalls"], voice=[Row("F1", 0.9)])
    assert command.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "level:    not measured: no recorded calls"
    assert lines[3].startswith("voice: F1")
    assert json.loads(kept.read_text())["table"].keys() == {"voice"}


def test_a_name_that_is_no_bench_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        command.main(["levle"])
    assert refused.value.code == 2
    assert "no bench 'levle'; there are whole, phrases, level" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Missing("no recorded calls"), "no recorded calls"),
        (ModelError("no model for ko"), "no model for ko"),
        (ModuleNotFoundError(name="parselmouth"), "no module parselmouth here"),
        (ValueError("boom"), "failed: ValueError('boom')"),
    ],
)
def test_why_a_bench_could_not_go_on(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str
) -> None:
    def rows() -> Iterator[Row]:
        yield Row("first", 1.0)
        raise error

    bench = ModuleType("bench.broken")
    bench.rows = rows  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bench.broken", bench)
    row, why = measured("broken")
    assert row == Row("first", 1.0)
    assert str(why).startswith(said)


def test_a_bench_runs_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_CALLS", "/no/such/folder")
    assert list(results("features")) == [
        "no recorded calls at /no/such/folder; set COACH_CALLS to their folder"
    ]


def test_a_process_that_dies_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos._exit(9)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert list(results("features")) == ["its process ended with status 9"]
