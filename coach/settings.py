"""The settings of a unit: one nested frozen dataclass.

Comes in: the shipped defaults, files in rising rank, ``section.key=value`` pairs. Goes out:
``Settings`` and, per key, where its value comes from. Refuses to know: what a setting is used for.
Types and ranges stand in ``coach.sections``, meanings and defaults in ``defaults.toml``.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import platformdirs

from coach.errors import SettingsError
from coach.layers import DEFAULT, layered
from coach.paces import pace_of
from coach.sections import (
    Audio,
    CallProgress,
    Closing,
    Cues,
    Greeting,
    Hold,
    Interruption,
    JournalKeeping,
    Keywords,
    Models,
    NoAnswer,
    NoiseFloor,
    Pins,
    Silence,
    SpeechLevel,
    SpeechPace,
    Unit,
    VoiceActivity,
)

SYSTEM_FILE = Path("/etc/coach/coach.toml")


@dataclass(frozen=True)
class Settings:
    """All settings in force."""

    unit: Unit
    audio: Audio
    voice: VoiceActivity
    level: SpeechLevel
    pace: SpeechPace
    talk_over: Interruption
    dead_air: Silence
    noise: NoiseFloor
    keywords: Keywords
    call: CallProgress
    greeting: Greeting
    hold: Hold
    no_answer: NoAnswer
    closing: Closing
    cues: Cues
    pins: Pins
    journal: JournalKeeping
    models: Models


class Loaded(NamedTuple):
    """Settings and, for each ``section.key``, the name of the place its value comes from."""

    settings: Settings
    origins: dict[str, str]


def standard_files() -> tuple[Path, ...]:
    """Return the files a unit reads where they exist, the later the stronger."""
    return (SYSTEM_FILE, platformdirs.user_config_path("headset-coach") / "coach.toml")


def load(files: Iterable[Path] = (), pairs: Iterable[str] = ()) -> Loaded:
    """Merge defaults < ``files`` in order < ``pairs`` (``section.key=value``, value as in TOML).

    A file that does not exist is passed over; a pace of 0 becomes that of the language. Raises
    SettingsError naming the file or pair, the key and what was expected.
    """
    defaults = resources.files("coach").joinpath("defaults.toml").read_text("utf-8")
    settings, origins = layered(Settings, defaults, files, pairs)
    settings = dataclasses.replace(settings, pace=_spoken(settings.pace, settings.unit.language))
    _check(settings, origins)
    return Loaded(settings, origins)


def _spoken(pace: SpeechPace, language: str) -> SpeechPace:
    """Fill in the language's own figures where none are given."""
    usual = pace_of(language)
    return dataclasses.replace(
        pace,
        band_low_sps=pace.band_low_sps or usual.low_sps,
        band_high_sps=pace.band_high_sps or usual.high_sps,
        per_nucleus=pace.per_nucleus or usual.per_nucleus,
    )


def _check(settings: Settings, origins: dict[str, str]) -> None:
    """Refuse values that are each in range but not together."""
    for low, high in (
        ("level.band_low_db", "level.band_high_db"),
        ("pace.band_low_sps", "pace.band_high_sps"),
        ("hold.limit_s", "hold.hard_limit_s"),
        ("audio.reopen_s", "audio.reopen_max_s"),
    ):
        below, above = _value(settings, low), _value(settings, high)
        if below > above:
            origin = _blamed(origins, low, high)
            raise SettingsError(f"{origin}: {low} ({below:g}) must not be above {high} ({above:g})")
    wired: dict[int, str] = {}
    for field in dataclasses.fields(settings.pins):
        pin = getattr(settings.pins, field.name)
        if pin in wired:
            key, other = f"pins.{field.name}", f"pins.{wired[pin]}"
            origin = _blamed(origins, key, other)
            raise SettingsError(f"{origin}: {key} and {other} are both BCM {pin}")
        if pin >= 0:
            wired[pin] = field.name


def _blamed(origins: dict[str, str], key: str, other: str) -> str:
    return origins[other] if origins[key] == DEFAULT else origins[key]


def _value(settings: Settings, key: str) -> Any:
    section, name = key.split(".")
    return getattr(getattr(settings, section), name)
