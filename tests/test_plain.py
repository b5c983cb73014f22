"""The plain view: one line per notable event, nothing for the rest."""

import io

import pytest

from coach.events import (
    AgentBand,
    CallState,
    Cue,
    DeadAir,
    Event,
    Fault,
    KeyPhrase,
    Level,
    LineSignal,
    Noise,
    Pace,
    TalkOver,
    Tick,
    Tone,
    Voice,
)
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
from coach.patterns import LOOKS
from coach.plain import STATES, PlainView, notable

PHRASE = KeyPhrase(
    t=3.2,
    leg=Leg.AGENT,
    category=Category.HOLD_REQUEST,
    phrase="일 분만요",
    start=1.2,
    end=2.8,
    confidence=0.97,
    source=Source.VOSK,
    seconds=60.0,
    gloss="one minute",
)
HOLD_CUE = Cue(
    t=63.2,
    cue=CueName.HOLD_LIMIT,
    action=CueAction.START,
    led="red",
    vibration="hold",
    rule="H4",
)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            AgentBand(t=0.1, how=Learned.CALLS, level_db=-24.2, low_db=-30.2, high_db=-18.2),
            "   0.1 s  band       your own: -30.2 to -18.2 dBov (by calls)",
        ),
        (HOLD_CUE, "  63.2 s  cue        hold_limit start  red, vibration hold  (H4)"),
        (
            Cue(t=70.0, cue=CueName.HOLD_LIMIT, action=CueAction.STOP, rule="H4"),
            "  70.0 s  cue        hold_limit stop  (H4)",
        ),
        (
            Cue(
                t=9.0,
                cue=CueName.TALK_OVER,
                action=CueAction.SUPPRESSED,
                rule="T3",
                reason="cooldown",
            ),
            "   9.0 s  cue        talk_over suppressed  cooldown  (T3)",
        ),
        (
            Tone(
                t=9.0,
                leg=Leg.CUSTOMER,
                tone=ToneName.BUSY,
                since=7.9,
                ongoing=True,
                countries=("DE", "PL"),
            ),
            "   9.0 s  tone       customer busy (DE, PL), since 7.9 s",
        ),
        (
            PHRASE,
            '   3.2 s  key_phrase agent hold_request  "일 분만요" = one minute'
            "  (vosk 0.97, promises 60 s)",
        ),
        (
            CallState(
                t=38.0,
                state=State.ON_HOLD,
                previous=State.TALKING,
                source=Source.AUDIO,
                since=33.0,
            ),
            "  38.0 s  call_state on_hold  (was talking; known from audio, since 33.0 s)",
        ),
        (
            CallState(
                t=240.0,
                state=State.ENDED,
                previous=State.CLOSING,
                source=Source.LINE,
                since=240.0,
                by=Party.AGENT,
            ),
            " 240.0 s  call_state ended by agent  (was closing; known from line)",
        ),
        (
            LineSignal(t=1234.5, signal=Signal.ON_HOOK, by=Party.FAR_END),
            "1234.5 s  line       on_hook by far_end",
        ),
        (
            TalkOver(t=20.1, leg=Leg.AGENT, start=19.2, duration_s=0.9, ongoing=True),
            "  20.1 s  talk_over  agent came in while the customer was speaking",
        ),
        (
            TalkOver(t=21.0, leg=Leg.CUSTOMER, start=19.2, duration_s=1.8, ongoing=False),
            "  21.0 s  talk_over  over after 1.8 s; the customer had come in",
        ),
        (
            DeadAir(t=30.0, start=20.0, duration_s=10.0, ongoing=True),
            "  30.0 s  dead_air   nobody has spoken for 10 s",
        ),
        (
            DeadAir(t=34.0, start=20.0, duration_s=14.0, ongoing=False),
            "  34.0 s  dead_air   over after 14 s",
        ),
        (
            Fault(t=5.0, part="microphone", what="gone", cleared=True),
            "   5.0 s  fault      microphone: gone  (works again)",
        ),
    ],
)
def test_notable_event_is_one_line(event: Event, line: str) -> None:
    out = io.StringIO()
    with PlainView(out) as view:
        view.push(event)
    assert out.getvalue() == line + "\n"


@pytest.mark.parametrize(
    "event",
    [
        Tick(t=1.0),
        Voice(t=1.0, leg=Leg.AGENT, active=True, since=0.9),
        Level(t=1.0, leg=Leg.AGENT, level_db=-20.0, activity=0.5),
        Pace(t=1.0, leg=Leg.AGENT, syllables_per_s=4.0, speech_s=10.0),
        Noise(t=1.0, leg=Leg.AGENT, floor_db=-60.0),
    ],
)
def test_what_only_meters_show_is_no_line(event: Event) -> None:
    assert notable(event) is None


def test_frames_write_nothing() -> None:
    out = io.StringIO()
    with PlainView(out) as view:
        view.frame(1.0, {Leg.AGENT: -20.0}, {"red": 1.0}, 1.0)
    assert out.getvalue() == ""


def test_phrase_in_korean_reaches_an_ascii_log() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    PlainView(stream).push(PHRASE)
    assert b"\\uc77c" in raw.getvalue()


def test_every_state_and_cue_has_words() -> None:
    assert set(STATES) == set(State)
    assert set(LOOKS) == set(CueName)
