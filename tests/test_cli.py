"""The command line's frame, ``coach config``, ``coach deps`` and ``coach models``."""

import argparse
import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from model_server import NAME, Publisher, model_files, zipped

from coach import cli
from coach.cli import COMMANDS, Subparsers, main
from coach.cli import config as config_command
from coach.cli import models as models_command
from coach.errors import DeviceError
from coach.settings import load


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("coach.settings.SYSTEM_FILE", tmp_path / "etc/coach.toml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("COACH_DEBUG", raising=False)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A command ``boom`` that raises ``failing.error``."""
    module = SimpleNamespace(error=None)

    def add(subparsers: Subparsers) -> None:
        subparsers.add_parser("boom")

    def run(args: argparse.Namespace) -> int:
        raise module.error

    module.add, module.run = add, run
    monkeypatch.setitem(cli.COMMANDS, "boom", "fails")
    monkeypatch.setitem(sys.modules, "coach.cli.boom", module)
    return module


def in_a_process(
    *args: str, stdout: int = subprocess.PIPE, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import sys; from coach.cli import main; sys.exit(main())", *args],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | env,
        check=False,
    )


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"    {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"usage: coach {name}" in capsys.readouterr().out


def test_nothing_heavy_is_imported_for_the_help_or_the_settings() -> None:
    code = (
        "import sys; from coach.cli import main; main(sys.argv[1:]); "
        "heavy = {'vosk', 'pyaudio', 'gpiozero', 'numpy', 'scipy', 'requests', 'rich'}; "
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    for argument in ("--help", "config"):
        run = subprocess.run(
            [sys.executable, "-c", code, argument], capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, "")


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "COMMAND" in capsys.readouterr().out


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"coach {importlib.metadata.version('headset-coach')}\n"


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["replya"], "unknown command 'replya'; did you mean 'replay'?"),
        (["zzz"], f"unknown command 'zzz'; expected one of {', '.join(COMMANDS)}"),
        (["models", "instal"], "unknown action 'instal'; did you mean 'install'?"),
        (
            ["models"],
            "the following arguments are required: ACTION (see: coach models --help)",
        ),
        (["config", "--bad"], "unrecognized arguments: --bad (see: coach --help)"),
        (["--settings", "nowhere.toml", "config"], "--settings nowhere.toml: no such file"),
        (["config", "--set"], "argument --set: expected one argument (see: coach config --help)"),
        (
            ["config", "--set", "hold.limt_s=9"],
            "--set hold.limt_s=9: unknown setting hold.limt_s; did you mean 'hold.limit_s'?",
        ),
        (["config", "hold.limt_s"], "unknown setting hold.limt_s; did you mean 'hold.limit_s'?"),
        (["config", "hodl"], "unknown setting hodl; did you mean 'hold'?"),
    ],
)
def test_a_usage_error_is_one_line_and_status_2(
    args: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(args) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"coach: {line}\n")


def test_an_error_is_one_line_and_its_own_status(
    failing: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    failing.error = DeviceError("microphone 'Jabra': not found")
    assert main(["boom"]) == 4
    assert capsys.readouterr().err == "coach: microphone 'Jabra': not found\n"


def test_a_bug_is_one_line_and_status_70(
    failing: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    failing.error = ZeroDivisionError("division\nby zero")
    assert main(["boom"]) == 70
    assert capsys.readouterr().err == (
        "coach: bug: ZeroDivisionError: division by zero; run again with COACH_DEBUG=1\n"
    )


@pytest.mark.parametrize(
    ("error", "status"), [(DeviceError("gone"), 4), (ZeroDivisionError("oh"), 70)]
)
def test_a_traceback_is_shown_only_in_debug(
    failing: SimpleNamespace,
    error: Exception,
    status: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing.error = error
    monkeypatch.setenv("COACH_DEBUG", "1")
    assert main(["boom"]) == status
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_silent(
    failing: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    failing.error = KeyboardInterrupt()
    assert main(["boom"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_closed_pipe_is_silent() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    run = in_a_process("config", stdout=writer)
    os.close(writer)
    assert (run.returncode, run.stderr) == (141, "")


def test_a_terminal_without_the_letters_is_no_bug() -> None:
    run = in_a_process("--set", "audio.agent_device=헤드셋", "config", PYTHONIOENCODING="ascii")
    assert (run.returncode, run.stderr) == (0, "")
    assert r"\ud5e4" in run.stdout


def test_config_can_be_read_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = ["hold.limit_s=90", 'audio.agent_device="a \\"b\\" \\\\ 헤드셋 \\u007f"', "pins.red=-1"]
    assert main([*(f"--set={pair}" for pair in pairs), "config"]) == 0
    printed = tmp_path / "printed.toml"
    printed.write_text(capsys.readouterr().out, "utf-8")
    assert load([printed]).settings == load(pairs=pairs).settings


def test_config_says_where_each_comes_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    system, user, extra = (
        tmp_path / "etc/coach.toml",
        tmp_path / "config/headset-coach/coach.toml",
        tmp_path / "extra.toml",
    )
    for file, text in (
        (system, "limit_s = 100\nwarn_share = 0.5\nhard_limit_s = 200"),
        (user, "warn_share = 0.6\nhard_limit_s = 250"),
        (extra, "hard_limit_s = 260"),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"[hold]\n{text}\n")
    assert main(["--settings", str(extra), "config", "hold", "--set", "hold.check_back_s=9"]) == 0
    rows = [line.split("  # ") for line in capsys.readouterr().out.splitlines()]
    assert [[part.strip() for part in row] for row in rows] == [
        ["[hold]"],
        ["limit_s = 100.0", str(system)],
        ["hard_limit_s = 260.0", str(extra)],
        ["warn_share = 0.6", str(user)],
        ["check_back_s = 9.0", "--set hold.check_back_s=9"],
        ["promise_within_s = 15.0", "default"],
    ]


@pytest.mark.parametrize(
    ("key", "value"), [("hold.limit_s", "120.0"), ("unit.language", "en"), ("pins.red", "17")]
)
def test_config_prints_one_bare_value(
    key: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", key]) == 0
    assert capsys.readouterr().out == f"{value}\n"


def test_options_before_and_after_the_command_count(capsys: pytest.CaptureFixture[str]) -> None:
    args = ["--set", "hold.limit_s=80", "config", "hold.limit_s", "--set", "hold.limit_s=70"]
    assert main(args) == 0
    assert capsys.readouterr().out == "70.0\n"


def test_toml_values() -> None:
    values = [True, 3, 0.5, -1.0, 1e-9, "", 'a"\n']
    printed = ["true", "3", "0.5", "-1.0", "1e-09", '""', '"a\\"\\n"']
    assert [config_command.toml_value(value) for value in values] == printed


def test_deps_lists_what_the_package_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deps"]) == 0
    out = capsys.readouterr().out
    assert f"  numpy              {importlib.metadata.version('numpy')}" in out
    assert "extra 'unit':" in out
    assert "  PyAudio " in out


def test_deps_says_plainly_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    requires = ["no-such-thing<2,>=1", 'nor-this<3; platform_system == "Linux" and extra == "x"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: requires)
    assert main(["deps"]) == 1
    out = capsys.readouterr().out
    assert "needed:\n  no-such-thing      missing        wanted <2,>=1\n" in out
    assert "extra 'x':\n  nor-this           missing        wanted <3\n" in out
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: requires[1:])
    assert main(["deps"]) == 0


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served = Publisher()
    monkeypatch.setattr(models_command, "_list_url", lambda: served.list_url)
    yield served
    served.close()


def test_models_installed_listed_verified_damaged_and_mended(
    publisher: Publisher, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher.publish(zipped(model_files()))
    models = ["--set", f"models.dir={place}", "models"]
    assert main([*models, "list"]) == 0
    out = capsys.readouterr().out
    assert f"here:\n  none; searched: {place}\n" in out
    assert f"  en   {NAME}" in out
    assert f"{publisher.url}/{NAME}.zip" in out

    assert main([*models, "install", "en"]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"en: {NAME} at {place / NAME}\n"
    assert f"{NAME}: 100 % of 0.7 MB\n" in captured.err
    assert f"unpacking {NAME}: 100 % of 0.7 MB\n" in captured.err

    assert main([*models, "verify"]) == 0
    assert capsys.readouterr().out == f"en: {NAME} is whole: {place / NAME}\n"

    (place / NAME / "graph/HCLr.fst").unlink()
    assert main([*models, "verify", "en"]) == 3
    assert capsys.readouterr().out == (
        f"model {NAME} at {place / NAME}: graph/HCLr.fst is missing\nrun: coach models install en\n"
    )
    assert main([*models, "list"]) == 0
    assert "graph/HCLr.fst is missing; run: coach models install en" in capsys.readouterr().out

    assert main([*models, "install", "en"]) == 0
    assert main([*models, "verify", "en"]) == 0


def test_models_from_a_folder_unzipped_by_hand(
    publisher: Publisher, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in model_files().items():
        (place / NAME / name).parent.mkdir(parents=True, exist_ok=True)
        (place / NAME / name).write_bytes(content)
    models = ["--set", f"models.dir={place}", "models"]
    assert main([*models, "verify", "en"]) == 0
    assert "whether they are whole is not known" in capsys.readouterr().out
    assert main([*models, "install", "en", "--from", str(place / NAME)]) == 0
    capsys.readouterr()
    assert main([*models, "verify", "en"]) == 0
    assert capsys.readouterr().out == f"en: {NAME} is whole: {place / NAME}\n"
    assert publisher.requests == []


def test_models_without_a_network(
    publisher: Publisher, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = ["--set", f"models.dir={place}", "models"]
    assert main([*models, "list"]) == 0
    assert f"the publisher does not answer: {publisher.list_url}" in capsys.readouterr().out
    assert main([*models, "install", "en"]) == 3
    err = capsys.readouterr().err
    assert err.startswith(f"coach: model list {publisher.list_url}: the server says 404")
    assert err.endswith("coach models install en --from PATH\n")
    assert main([*models, "verify", "de"]) == 3
    assert capsys.readouterr().err == (
        f"coach: no speech model for 'de' in {place}; run: coach models install de\n"
    )
