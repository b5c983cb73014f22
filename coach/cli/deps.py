"""``coach deps``: Python, the platform, and each dependency with its version or its absence.

Comes in: the installed packages' own metadata. Goes out: text, and status 1 where something
needed is missing. Refuses to know: any list of dependencies of its own.
"""

import argparse
import importlib.metadata
import platform
import re
import sys
from pathlib import Path

from coach.cli import COMMANDS, Subparsers
from coach.errors import CoachError

DISTRIBUTION = "headset-coach"
BOARD = Path("/proc/device-tree/model")

# A requirement of PEP 508 as in: lgpio<0.3,>=0.2.2; platform_system == "Linux" and extra == "unit"
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?P<range>[^;]*)(?:;(?P<marker>.*))?")
EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)["']""")


def add(subparsers: Subparsers) -> None:
    """Add the command, which takes no arguments of its own."""
    subparsers.add_parser(
        "deps",
        help=COMMANDS["deps"],
        description="Print versions; the exit status is 1 where something needed is missing.",
    )


def run(args: argparse.Namespace) -> int:
    """Print the versions."""
    try:
        version = importlib.metadata.version(DISTRIBUTION)
        requirements = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise CoachError(f"{DISTRIBUTION} is not installed as a package; run: make") from error
    rows = [
        (DISTRIBUTION, version, str(Path(__file__).parents[1])),
        ("Python", platform.python_version(), f"{platform.python_implementation()}, {sys.prefix}"),
        ("platform", platform.machine(), platform.platform()),
    ]
    if BOARD.exists():
        rows.append(("board", "", BOARD.read_text("utf-8", "replace").strip("\0\n")))
    _print_rows(rows)
    groups: dict[str, list[tuple[str, str, str]]] = {"": []}
    for requirement in requirements:
        group, row = _row(requirement)
        groups.setdefault(group, []).append(row)
    for group, rows in groups.items():
        print(f"\nextra {group!r}:" if group else "\nneeded:")
        _print_rows(rows)
    return int(any(row[1] == "missing" for row in groups[""]))


def _row(requirement: str) -> tuple[str, tuple[str, str, str]]:
    """Return the extra that a requirement belongs to, and its name, version and wanted range."""
    match = REQUIREMENT.match(requirement)
    if match is None:
        raise CoachError(f"{DISTRIBUTION}: requirement {requirement!r} is not of PEP 508's form")
    extra = EXTRA.search(match["marker"] or "")
    try:
        version = importlib.metadata.version(match["name"])
    except importlib.metadata.PackageNotFoundError:
        version = "missing"
    return extra[1] if extra else "", (match["name"], version, f"wanted {match['range'].strip()}")


def _print_rows(rows: list[tuple[str, str, str]]) -> None:
    for name, version, rest in rows:
        print(f"  {name:<18} {version:<14} {rest}".rstrip())
