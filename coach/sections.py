"""The sections of a unit's settings: frozen dataclasses, a type and a range on every field.

Comes in: nothing. Goes out: one dataclass per section of ``defaults.toml``, where what each field
means, its unit and its default stand. Refuses to know: where a value comes from, what it is for.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

Seconds = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Rate = Annotated[float, Meta(ge=0)]
Dbov = Annotated[float, Meta(ge=-100, le=6)]
Count = Annotated[int, Meta(ge=0)]
Bcm = Annotated[int, Meta(ge=-1, le=27)]
Word = Annotated[str, Meta(min_length=1, description="text that is not empty")]
HalfWidth = Annotated[float, Meta(gt=0, le=30, description="dB above 0 up to 30")]
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
    state_dir: str


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
    band_half_db: HalfWidth
    calibrate_s: Positive
    learn_calls: Count
    learn_call_s: Positive
    hold_for_s: Seconds


@dataclass(frozen=True)
class SpeechPace:
    """Syllables per second (T2)."""

    window_s: Positive
    interval_s: Positive
    band_low_sps: Rate
    band_high_sps: Rate
    per_nucleus: Rate
    cue_change_share: Share
    hold_for_s: Seconds


@dataclass(frozen=True)
class Interruption:
    """Talk-over (T3)."""

    back_channel_s: Positive
    pause_back_channel_s: Positive
    turn_s: Seconds
    gap_s: Seconds
    repeat_within_s: Positive
    repeat_count: Annotated[int, Meta(ge=1)]


@dataclass(frozen=True)
class Silence:
    """Dead air (T5)."""

    limit_s: Positive
    announced_within_s: Seconds
    excused_s: Seconds


@dataclass(frozen=True)
class NoiseFloor:
    """Noise floor and signal-to-noise ratio (T11), clatter (C4)."""

    interval_s: Positive
    clatter_s: Positive


@dataclass(frozen=True)
class Keywords:
    """The keyword network and when its hearing is believed."""

    fillers: Annotated[int, Meta(ge=100, le=50000)]
    near_fillers: Annotated[int, Meta(ge=0, le=200)]
    gaussians: Annotated[int, Meta(ge=1, le=2048)]
    bias: float
    bias_per_phone: Seconds
    short_phones: Count
    onset_s: Positive
    end_silence_s: Positive
    preroll_s: Seconds
    longest_utterance_s: Positive
    carry_s: Seconds
    widen: bool
    looks: Annotated[int, Meta(ge=0, le=3)]
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
