"""The settings of a unit: one nested frozen dataclass, a unit of measure on every field.

Comes in: the shipped defaults, files in rising rank, ``section.key=value`` pairs. Goes out:
``Settings`` and, per key, where its value comes from. Refuses to know: what a setting is used for.
What each field means and its default stand in ``defaults.toml``; here stand its type and range.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import platformdirs
from msgspec import Meta

from coach.errors import SettingsError
from coach.layers import DEFAULT, layered

SYSTEM_FILE = Path("/etc/coach/coach.toml")

Seconds = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Dbov = Annotated[float, Meta(ge=-100, le=6)]
Count = Annotated[int, Meta(ge=0)]
Bcm = Annotated[int, Meta(ge=-1, le=27)]
Word = Annotated[str, Meta(min_length=1, description="text that is not empty")]
UnitId = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z",
        description="up to 63 letters, digits, dots, hyphens and underscores",
    ),
]
Language = Annotated[
    str, Meta(pattern=r"^[a-z]{2,3}\Z", description="a language code as in en or ko")
]


@dataclass(frozen=True)
class Unit:
    """Who this unit is."""

    id: UnitId
    language: Language


@dataclass(frozen=True)
class Audio:
    """The two capture devices."""

    agent_device: str
    customer_device: str
    queue_s: Positive
    reopen_s: Positive
    reopen_max_s: Positive
    clip_level: Annotated[float, Meta(gt=0, le=1)]
    dropout_s: Positive


@dataclass(frozen=True)
class VoiceActivity:
    """Voice activity detection."""

    aggressiveness: Annotated[int, Meta(ge=0, le=3)]
    onset_s: Seconds
    hangover_s: Seconds
    floor_db: Dbov


@dataclass(frozen=True)
class SpeechLevel:
    """Active speech level (T1)."""

    window_s: Positive
    interval_s: Positive
    band_low_db: Dbov
    band_high_db: Dbov
    hold_for_s: Seconds


@dataclass(frozen=True)
class SpeechPace:
    """Syllables per second (T2)."""

    window_s: Positive
    interval_s: Positive
    band_low_sps: Positive
    band_high_sps: Positive
    hold_for_s: Seconds


@dataclass(frozen=True)
class Interruption:
    """Talk-over (T3)."""

    back_channel_s: Positive
    turn_s: Seconds
    gap_s: Seconds
    repeat_within_s: Positive
    repeat_count: Annotated[int, Meta(ge=1)]


@dataclass(frozen=True)
class Silence:
    """Dead air (T5)."""

    limit_s: Positive


@dataclass(frozen=True)
class NoiseFloor:
    """Noise floor and signal-to-noise ratio."""

    interval_s: Positive


@dataclass(frozen=True)
class Keywords:
    """The keyword network and when its hearing is believed."""

    fillers: Annotated[int, Meta(ge=100, le=50000)]
    bias: float
    bias_per_phone: Seconds
    short_phones: Count
    onset_s: Positive
    end_silence_s: Positive
    preroll_s: Seconds
    longest_utterance_s: Positive
    second_look_s: Seconds
    word_gap_s: Positive
    min_confidence: Share


@dataclass(frozen=True)
class CallProgress:
    """How the call is followed."""

    rings_gap_s: Positive
    settle_s: Seconds
    audio_hold_s: Positive
    audio_hold_max_s: Positive
    audio_end_s: Positive
    reopen_after_s: Positive


@dataclass(frozen=True)
class Greeting:
    """The first words (A3)."""

    within_s: Positive
    drawl_s: Positive


@dataclass(frozen=True)
class Hold:
    """The hold clock (H4)."""

    limit_s: Positive
    hard_limit_s: Positive
    warn_share: Share
    check_back_s: Positive
    promise_within_s: Positive


@dataclass(frozen=True)
class NoAnswer:
    """A customer who does not answer (N1, N2)."""

    silent_s: Positive
    wait_s: Seconds


@dataclass(frozen=True)
class Closing:
    """The end of a call (C1 to C5)."""

    within_s: Positive
    free_after_s: Seconds
    call_back_s: Positive


@dataclass(frozen=True)
class Cues:
    """How seldom and how bright."""

    cap_per_hour: Count
    cooldown_s: Seconds
    quiet_at_start_s: Seconds
    led_brightness: Share
    linger_s: Positive


@dataclass(frozen=True)
class Pins:
    """BCM numbers of the lines; -1 where nothing is wired."""

    red: Bcm
    amber: Bcm
    green: Bcm
    blue: Bcm
    motor: Bcm
    hook_switch: Bcm
    hold_key: Bcm


@dataclass(frozen=True)
class JournalKeeping:
    """Where and how the journal is kept."""

    dir: Word
    sync_s: Positive
    min_free_mb: Count


@dataclass(frozen=True)
class Models:
    """Where speech models and compiled phrase packs are."""

    dir: str
    compiled_dir: str


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

    A file that does not exist is passed over. Raises SettingsError naming the file or pair, the
    key and what was expected.
    """
    defaults = resources.files("coach").joinpath("defaults.toml").read_text("utf-8")
    settings, origins = layered(Settings, defaults, files, pairs)
    _check(settings, origins)
    return Loaded(settings, origins)


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
