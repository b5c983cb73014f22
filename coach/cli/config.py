"""``coach config``: the settings in force, as TOML that can be read back, and where each is from.

Comes in: the merged settings. Goes out: text. Refuses to know: what a setting is for.
"""

import argparse
import dataclasses
import json
from typing import Any

from coach import band
from coach.cli import COMMANDS, Subparsers, settings_of
from coach.cli.own_band import learned
from coach.errors import SettingsError
from coach.layers import nearest
from coach.settings import standard_files

COMMENT_COLUMN = 40


def add(subparsers: Subparsers) -> None:
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "config",
        help=COMMANDS["config"],
        description="Print the settings in force as TOML, each with where it comes from.",
        epilog=f"Read, where they exist, the later the stronger: the shipped defaults, the band "
        f"that is learned, {', '.join(map(str, standard_files()))}, --settings, --set.",
    )
    parser.add_argument(
        "key", nargs="?", metavar="SECTION[.KEY]", help="print only this section or this value"
    )


def run(args: argparse.Namespace) -> int:
    """Print all settings, one section or one bare value."""
    loaded = settings_of(args)
    settings, origins = band.in_force(loaded, learned(loaded))
    sections: dict[str, dict[str, Any]] = dataclasses.asdict(settings)
    if args.key in origins:
        section, key = args.key.split(".")
        value = sections[section][key]
        print(value if isinstance(value, str) else toml_value(value))
        return 0
    if args.key is not None and args.key not in sections:
        hint = nearest(args.key, [*origins, *sections])
        raise SettingsError(f"unknown setting {args.key}{hint}")
    shown = [args.key] if args.key else list(sections)
    print("\n\n".join(_section(name, sections[name], origins) for name in shown))
    return 0


def toml_value(value: Any) -> str:
    """Return a setting's value as TOML."""
    if isinstance(value, str):
        # JSON's escapes are TOML's too; DEL alone must be escaped in TOML and is not in JSON.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)


def _section(name: str, values: dict[str, Any], origins: dict[str, str]) -> str:
    lines = [f"[{name}]"]
    for key, value in values.items():
        # A pair may hold a line break; a comment may not.
        origin = " ".join(origins[f"{name}.{key}"].split())
        lines.append(f"{f'{key} = {toml_value(value)}':<{COMMENT_COLUMN}}  # {origin}")
    return "\n".join(lines)
