"""The command line: which commands there are, what they share, and how they end.

Comes in: the arguments. Goes out: an exit status, and on stderr one line for every error that is
somebody's to mend. Refuses to know: what a command does; its module is imported only when it is
the one to run, so that ``coach config`` needs neither a sound card nor a speech model.

A command's module has ``add(subparsers)`` and ``run(args) -> int``; ``settings_of(args)`` gives it
the settings with ``--settings`` and ``--set`` applied.
"""

import argparse
import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from coach.errors import CoachError, SettingsError, did_you_mean

if TYPE_CHECKING:
    from coach.settings import Loaded

COMMANDS = {
    "demo": "coach a call that comes with the package",
    "replay": "play a recorded call through the coach",
    "run": "coach live calls with the sound cards and pins of this unit",
    "calibrate": "learn the agent's own level from a minute of normal speech",
    "check": "check sound cards, levels, pins, model, disk and clock",
    "config": "print the settings in force and where each comes from",
    "deps": "print the versions of Python and of what the coach needs",
    "models": "list, install and verify speech models",
    "phrases": "check and compile phrase packs",
}

# Status of a bug: EX_SOFTWARE of sysexits.h.
BUG = 70
# What a shell reports of a program ended by SIGINT or SIGPIPE: 128 + the signal's number.
INTERRUPTED = 130
PIPE_CLOSED = 141

Subparsers = Any  # argparse keeps the type of its sub-parsers to itself


class UsageError(CoachError, ValueError):
    """Arguments that cannot be used."""

    exit_status = 2


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line, with a suggestion where one is near."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see: {self.prog} --help)")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            choices = [str(choice) for choice in action.choices]
            hint = did_you_mean(str(value), choices) or f"; expected one of {', '.join(choices)}"
            name = action.option_strings[-1] if action.option_strings else str(action.metavar)
            raise UsageError(f"unknown {name.lower()} {value!r}{hint}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that ``argv`` (default: the process's arguments) names.

    Returns the exit status. ``COACH_DEBUG=1`` in the environment shows tracebacks.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # no terminal is too plain for a gloss
    try:
        status = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except CoachError as error:
        _show_traceback()
        print(f"coach: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at its end and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        if not _show_traceback():
            what = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"coach: bug: {what}; run again with COACH_DEBUG=1", file=sys.stderr)
        return BUG
    return status


def settings_of(args: argparse.Namespace) -> "Loaded":
    """Load defaults < /etc < the user's file < ``--settings`` < ``--set``."""
    from coach.settings import load, standard_files

    for file in args.settings:
        if not file.is_file():
            raise SettingsError(f"--settings {file}: no such file")
    return load([*standard_files(), *args.settings], args.set)


def _run(argv: list[str]) -> int:
    parser = _Parser(
        prog="coach", description="Hears both legs of a call, follows it and cues the wearer."
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    _add_shared(parser)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    modules = {}
    for name, summary in COMMANDS.items():
        if name in argv:
            modules[name] = importlib.import_module(f"coach.cli.{name}")
            modules[name].add(subparsers)
            _add_shared(subparsers.choices[name], "_after")
        else:
            subparsers.add_parser(name, help=summary)
    try:
        args = parser.parse_args(argv)
    except SystemExit as done:  # --help has printed
        return int(done.code or 0)
    if args.version:
        from importlib.metadata import version

        print(f"coach {version('headset-coach')}")
        return 0
    if args.command is None:
        parser.print_help()
        return UsageError.exit_status
    args.settings += args.settings_after
    args.set += args.set_after
    status: int = modules[args.command].run(args)
    return status


def _add_shared(parser: argparse.ArgumentParser, suffix: str = "") -> None:
    """Add the options that stand before or after the command's name."""
    group = parser.add_argument_group("settings")
    group.add_argument(
        "--settings",
        dest=f"settings{suffix}",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="read this settings file too (repeatable)",
    )
    group.add_argument(
        "--set",
        dest=f"set{suffix}",
        metavar="SECTION.KEY=VALUE",
        action="append",
        default=[],
        help="set one setting, as in hold.limit_s=90 (repeatable)",
    )


def _show_traceback() -> bool:
    shown = os.environ.get("COACH_DEBUG", "") not in ("", "0")
    if shown:
        traceback.print_exc()
    return shown
