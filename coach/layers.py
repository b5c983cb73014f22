"""Layered settings: defaults, files and pairs merged into one typed, range-checked dataclass.

Comes in: a dataclass of sections, the text of its defaults, TOML files in rising rank and
``section.key=value`` pairs. Goes out: one instance, and per ``section.key`` the name of the place
its value comes from. Refuses to know: which settings there are and what they are used for.
"""

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from coach.errors import SettingsError, did_you_mean

DEFAULT = "default"

# What the ending of a key means, as people are told it.
UNITS = {
    "s": "seconds",
    "db": "dBov",
    "sps": "syllables per second",
    "mb": "MB",
    "share": "a share",
}

Sections = TypeVar("Sections")


def layered(
    of_type: type[Sections], defaults: str, files: Iterable[Path], pairs: Iterable[str]
) -> tuple[Sections, dict[str, str]]:
    """Merge ``defaults`` < ``files`` in order < ``pairs`` into an ``of_type``, with the origins.

    A file that does not exist is passed over. Raises SettingsError naming the file or pair, the
    key and what was expected.
    """
    merged: dict[str, dict[str, Any]] = tomllib.loads(defaults)
    origins = {f"{s}.{k}": DEFAULT for s, values in merged.items() for k in values}
    types = types_of(of_type)
    for file in files:
        _lay(merged, origins, _read(file), str(file))
    for pair in pairs:
        _lay(merged, origins, _pair(pair, types), f"--set {pair}")
    values: dict[str, dict[str, Any]] = {section: {} for section in merged}
    for dotted, hint in types.items():
        section, key = dotted.split(".")
        try:
            values[section][key] = _converted(key, merged[section][key], hint)
        except ValueError as error:
            raise SettingsError(f"{origins[dotted]}: {dotted}: {error}") from error
    sections = {s: kind(**values[s]) for s, kind in get_type_hints(of_type).items()}
    return of_type(**sections), origins


def types_of(of_type: type[Any]) -> dict[str, Any]:
    """Return each ``section.key`` of a dataclass of sections with its type and range, in order."""
    return {
        f"{section}.{key}": hint
        for section, kind in get_type_hints(of_type).items()
        for key, hint in get_type_hints(kind, include_extras=True).items()
    }


def nearest(key: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'section.key'?`` for a key, looking in all sections, or nothing."""
    known = list(known)
    name = key.rpartition(".")[2]
    same = [k for k in known if k.endswith(f".{name}")]
    best = difflib.get_close_matches(key, same, n=1, cutoff=0.0)
    return f"; did you mean {best[0]!r}?" if best else did_you_mean(key, known)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not valid TOML: {error}") from error


def _pair(pair: str, types: Mapping[str, Any]) -> Mapping[str, Any]:
    dotted, equals, text = (part.strip() for part in pair.partition("="))
    section, dot, key = dotted.partition(".")
    if not (equals and dot and section and key):
        raise SettingsError(f"--set {pair}: expected section.key=value, as in hold.limit_s=90")
    if dotted not in types:
        raise SettingsError(f"--set {pair}: unknown setting {dotted}{nearest(dotted, types)}")
    try:
        value = tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        value = text
    if not isinstance(value, str) and _plain(types[dotted]) is str:
        value = text  # unit.id=7 needs no quotes
    return {section: {key: value}}


def _lay(
    merged: dict[str, dict[str, Any]],
    origins: dict[str, str],
    layer: Mapping[str, Any],
    origin: str,
) -> None:
    for section, values in layer.items():
        if not isinstance(values, Mapping):
            hint = "" if section in merged else nearest(section, origins)
            raise SettingsError(f"{origin}: {section} must stand in a [section]{hint}")
        if section not in merged:
            hint = did_you_mean(section, merged)
            raise SettingsError(f"{origin}: unknown section [{section}]{hint}")
        for key, value in values.items():
            dotted = f"{section}.{key}"
            if key not in merged[section]:
                hint = nearest(dotted, origins)
                raise SettingsError(f"{origin}: unknown setting {dotted}{hint}")
            merged[section][key] = value
            origins[dotted] = origin


def _converted(key: str, value: Any, hint: Any) -> Any:
    try:
        converted = msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        wanted = _expected(key, hint) or str(error).removeprefix("Expected ")
        raise ValueError(f"expected {wanted}, got {value!r}") from error
    if isinstance(converted, float) and not math.isfinite(converted):
        raise ValueError(f"expected a finite number, got {value!r}")
    return converted


def _plain(hint: Any) -> Any:
    return get_args(hint)[0] if hasattr(hint, "__metadata__") else hint


def _expected(key: str, hint: Any) -> str:
    """Say in words what a setting takes: its own description, or its unit and its range."""
    ranges = [m for m in getattr(hint, "__metadata__", ()) if isinstance(m, msgspec.Meta)]
    for meta in ranges:
        if meta.description is not None:
            return meta.description
    kind = _plain(hint)
    if kind not in (int, float):
        return {str: "text", bool: "true or false"}.get(kind, "")
    words = [UNITS.get(key.rpartition("_")[2], "a whole number" if kind is int else "a number")]
    for meta in ranges:
        words += [f"above {meta.gt:g}"] if meta.gt is not None else []
        words += [f"from {meta.ge:g}"] if meta.ge is not None else []
        words += [f"under {meta.lt:g}"] if meta.lt is not None else []
        words += [f"up to {meta.le:g}"] if meta.le is not None else []
    return " ".join(words)
