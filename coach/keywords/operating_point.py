"""What a language's phrases cost beside the biases of the settings, and on what that was tuned.

Comes in: ``<lang>.toml``, the shipped one or a team's own. Goes out: an operating point. Refuses to
know: how it is tuned, and audio.
"""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import platformdirs

from coach.errors import PhraseError
from coach.keywords.pack import Phrase

SYSTEM_FOLDER = Path("/etc/coach/operating_points")


class OperatingPoint(NamedTuple):
    """Costs in nats. ``bias``: of every phrase; ``phrases``: of single ones besides, by their text.

    ``origin``: what it was tuned on, as the file has it.
    """

    bias: float = 0.0
    phrases: Mapping[str, float] = {}
    origin: Mapping[str, Any] = {}

    def cost(self, phrase: Phrase) -> float:
        """Return what a phrase costs beside the biases of the settings, in nats."""
        return self.bias + self.phrases.get(phrase.text, 0.0)


NEUTRAL = OperatingPoint()


class _File(msgspec.Struct, forbid_unknown_fields=True):
    bias: float = 0.0
    phrases: dict[str, float] = {}
    origin: dict[str, Any] = {}


def own_file(language: str) -> Path:
    """Return where a user's own operating point is kept."""
    folder = platformdirs.user_config_path("headset-coach") / "operating_points"
    return folder / f"{language}.toml"


def load_point(language: str) -> OperatingPoint:
    """Return the operating point in force: the user's, else the system's, else the shipped one.

    Where there is none, nothing is added. Raises PhraseError naming the file and the key.
    """
    for path in (own_file(language), SYSTEM_FOLDER / f"{language}.toml"):
        if path.exists():
            return read_point(path)
    shipped = resources.files("coach").joinpath("operating_points", f"{language}.toml")
    if shipped.is_file():
        return parse_point(shipped.read_text("utf-8"), f"operating_points/{language}.toml")
    return NEUTRAL


def read_point(path: Path) -> OperatingPoint:
    """Return the operating point in a file. Raises PhraseError naming the file and the key."""
    try:
        return parse_point(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise PhraseError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PhraseError(f"{path}: not UTF-8 text: {error}") from error


def parse_point(text: str, name: str) -> OperatingPoint:
    """Return the operating point that TOML ``text`` holds; ``name`` is its file's in errors."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except tomllib.TOMLDecodeError as error:
        raise PhraseError(f"{name}: not valid TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise PhraseError(f"{name}: {error}") from error
    return OperatingPoint(file.bias, file.phrases, file.origin)


def as_toml(point: OperatingPoint) -> str:
    """Return the file of an operating point."""
    quoted = {key: msgspec.json.encode(key).decode() for key in point.phrases}
    lines = ["# nats beside the biases of the settings; `coach phrases tune` writes this file"]
    lines += [f"bias = {float(point.bias)}", "", "[phrases]"]
    lines += [f"{quoted[text]} = {float(cost)}" for text, cost in sorted(point.phrases.items())]
    lines += ["", "[origin]"]
    for key, value in point.origin.items():
        lines.append(f"{key} = {msgspec.json.encode(value).decode()}")
    return "\n".join([*lines, ""])
