"""What passes between the rooms: frozen events and nothing else.

Comes in: nothing. Goes out: the events every room, the journal and a replay's JSON lines share.
Refuses to know: who makes an event and who acts on it.

``t`` is always seconds of audio since the pipeline started, counted in samples; no event carries
a wall clock. Levels are in dBov (0 dBov: the RMS of a full-scale square wave, ITU-T G.100.1).
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

from coach.names import (
    Category,
    CueAction,
    CueName,
    Learned,
    Leg,
    Party,
    Signal,
    Source,
    State,
    ToneName,
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. ``t``: seconds of audio at which this became known."""

    type: ClassVar[str]
    t: float

    def as_dict(self) -> dict[str, Any]:
        """Return the event as one flat JSON object: ``t``, ``type``, then its fields, no nulls."""
        fields = {
            f.name: _plain(getattr(self, f.name))
            for f in dataclasses.fields(self)
            if f.name != "t" and getattr(self, f.name) is not None
        }
        return {"t": round(self.t, 3), "type": self.type, **fields}


def _plain(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


@dataclass(frozen=True, kw_only=True)
class Tick(Event):
    """Time has passed: the only clock the rooms below have. Never written anywhere."""

    type: ClassVar[str] = "tick"


@dataclass(frozen=True, kw_only=True)
class Voice(Event):
    """A leg began or stopped speaking. ``since``: when it really did, before the hangover.

    ``drawn_s``, when it stopped: the longest voiced stretch of this talk-spurt, in seconds, with
    no more than one syllable in it. ``level_db``, when it stopped: the active level of this
    talk-spurt in dBov (ITU-T P.56 method B), where it is long enough and clear of the noise.
    """

    type: ClassVar[str] = "voice"
    leg: Leg
    active: bool
    since: float
    drawn_s: float | None = None
    level_db: float | None = None


@dataclass(frozen=True, kw_only=True)
class Level(Event):
    """Active speech level of a leg over the settings' window. Not sent while it is unknown.

    ``level_db``: dBov (ITU-T P.56 method B). ``activity``: share of the window with speech, 0..1.
    """

    type: ClassVar[str] = "level"
    leg: Leg
    level_db: float
    activity: float


@dataclass(frozen=True, kw_only=True)
class AgentBand(Event):
    """The agent's own band of levels: sent as the unit starts, or once it has been learned.

    ``level_db``: the agent's own level; ``low_db``, ``high_db``: the band round it; all in dBov.
    """

    type: ClassVar[str] = "band"
    how: Learned
    level_db: float
    low_db: float
    high_db: float


@dataclass(frozen=True, kw_only=True)
class Pace(Event):
    """Syllables per second of speech over the last ``speech_s`` seconds of speech of a leg.

    Here and in `BreathGroup` syllables are morae where the unit's language is Japanese.
    """

    type: ClassVar[str] = "pace"
    leg: Leg
    syllables_per_s: float
    speech_s: float


@dataclass(frozen=True, kw_only=True)
class BreathGroup(Event):
    """What a leg said in one breath, of a second at least, has ended 0.3 s ago or a little more.

    ``syllables_per_s``: its pace; ``speech_s``: its length without the pauses around it.
    """

    type: ClassVar[str] = "breath_group"
    leg: Leg
    syllables_per_s: float
    speech_s: float


@dataclass(frozen=True, kw_only=True)
class TalkOver(Event):
    """Both legs speak. ``leg``: who came in while the other was speaking.

    Sent once when the overlap has outgrown a back-channel (``ongoing``) and once when it is over.
    ``start``: when the overlap began; ``duration_s``: its length so far.
    """

    type: ClassVar[str] = "talk_over"
    leg: Leg
    start: float
    duration_s: float
    ongoing: bool


@dataclass(frozen=True, kw_only=True)
class DeadAir(Event):
    """Both legs are silent for longer than the limit.

    Sent once when the limit is reached (``ongoing``) and once when somebody speaks again.
    """

    type: ClassVar[str] = "dead_air"
    start: float
    duration_s: float
    ongoing: bool


@dataclass(frozen=True, kw_only=True)
class Noise(Event):
    """Noise floor of a leg in dBov and its speech level above it in dB, where that is known.

    ``impulses``, of the agent's leg: when something knocked (keys, clatter) since the last event,
    in seconds of audio. Sent at the settings' interval, and within a second of a knock.
    """

    type: ClassVar[str] = "noise"
    leg: Leg
    floor_db: float
    snr_db: float | None = None
    impulses: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Tone(Event):
    """A leg carries a tone, music or nothing at all instead of a voice.

    Sent once when it is known (``ongoing``) and once when it is over. ``since``: when it began.
    ``countries``: those whose tone of that name fits, as in ``DE``.
    """

    type: ClassVar[str] = "tone"
    leg: Leg
    tone: ToneName
    since: float
    ongoing: bool
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KeyPhrase(Event):
    """A key-phrase was said from ``start`` to ``end`` (seconds of audio).

    ``phrase``: the pack's own name for it (never what was said beside it), shown to whoever
    replays a call but never journalled. ``confidence``: 0..1. ``source``: ``vosk`` or ``words``.
    ``seconds``: the time that a promise names, where the phrase is one.
    """

    type: ClassVar[str] = "key_phrase"
    leg: Leg
    category: Category
    phrase: str
    start: float
    end: float
    confidence: float
    source: Source
    seconds: float | None = None
    gloss: str | None = None


@dataclass(frozen=True, kw_only=True)
class LineSignal(Event):
    """A line signal. ``by``: whose hook it was, for ``on_hook`` and ``off_hook``."""

    type: ClassVar[str] = "line"
    signal: Signal
    by: Party | None = None


@dataclass(frozen=True, kw_only=True)
class CallState(Event):
    """The call entered ``state``, known from the line or from the audio.

    ``since``: when it really did (a hold inferred from audio is known a little later).
    ``by``: who ended the call, for the states that end it and where that is known.
    """

    type: ClassVar[str] = "call_state"
    state: State
    previous: State
    source: Source
    since: float
    by: Party | None = None


@dataclass(frozen=True, kw_only=True)
class CueWanted(Event):
    """A rule wants a cue shown, or no longer. Passes from rules to cues; never written.

    ``early``: a first warning, shown without vibration (the hold clock at its warn share).
    """

    type: ClassVar[str] = "cue_wanted"
    cue: CueName
    rule: str
    wanted: bool
    early: bool = False


@dataclass(frozen=True, kw_only=True)
class CallRecord(Event):
    """The one record of a call that has ended: the fields named in the etiquette's last column."""

    type: ClassVar[str] = "call"
    fields: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return ``t``, ``type`` and the record's fields in one flat object."""
        rounded = {k: _plain(v) for k, v in self.fields.items() if v is not None}
        return {"t": round(self.t, 3), "type": self.type, **rounded}


@dataclass(frozen=True, kw_only=True)
class Cue(Event):
    """What the wearer is shown: started, stopped, or wanted but held back (``suppressed``).

    ``led``: pattern name as ``colour`` or ``colour/rhythm``; ``vibration``: rhythm name or none.
    ``reason``: what held a suppressed cue back.
    """

    type: ClassVar[str] = "cue"
    cue: CueName
    action: CueAction
    led: str | None = None
    vibration: str | None = None
    rule: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fault(Event):
    """Part of the coach does not work (``cleared``: works again). ``part`` as in ``microphone``."""

    type: ClassVar[str] = "fault"
    part: str
    what: str
    cleared: bool = False
