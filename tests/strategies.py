"""Any sequence of events at all, likely or not, for the rooms that must bear it."""

from hypothesis import strategies as st

from coach.events import (
    DeadAir,
    Event,
    KeyPhrase,
    Level,
    LineSignal,
    Noise,
    Pace,
    TalkOver,
    Tone,
    Voice,
)
from coach.names import Category, Leg, Party, Signal, Source, ToneName

_legs = st.sampled_from(Leg)
_short = st.floats(0, 4)


def _event(draw: st.DrawFn, t: float) -> Event:
    leg, back = draw(_legs), t - draw(_short)
    match draw(st.sampled_from("LLLVVVKKKTDlptttN")):
        case "L":
            by = draw(st.sampled_from([None, *Party]))
            return LineSignal(t=t, signal=draw(st.sampled_from(Signal)), by=by)
        case "V":
            active = draw(st.booleans())
            return Voice(t=t, leg=leg, active=active, since=back, drawn_s=draw(_short))
        case "T":
            ongoing = draw(st.booleans())
            return TalkOver(t=t, leg=leg, start=back, duration_s=t - back, ongoing=ongoing)
        case "D":
            ongoing = draw(st.booleans())
            return DeadAir(t=t, start=back, duration_s=t - back, ongoing=ongoing)
        case "t":
            name, ongoing = draw(st.sampled_from(ToneName)), draw(st.booleans())
            return Tone(t=t, leg=leg, tone=name, since=back, ongoing=ongoing)
        case "l":
            return Level(t=t, leg=leg, level_db=draw(st.floats(-90, 0)), activity=0.5)
        case "p":
            sps = draw(st.floats(0, 12))
            return Pace(t=t, leg=leg, syllables_per_s=sps, speech_s=draw(_short))
        case "N":
            knocks = draw(st.sampled_from([None, (), (back,), (back, t)]))
            return Noise(t=t, leg=leg, floor_db=draw(st.floats(-100, 0)), impulses=knocks)
    return KeyPhrase(
        t=t,
        leg=leg,
        category=draw(st.sampled_from(Category)),
        phrase="any",
        start=back,
        end=t,
        confidence=0.5,
        source=Source.WORDS,
        seconds=draw(st.sampled_from([None, 0.0, 1.0, 60.0, 900.0])),
    )


@st.composite
def any_call(draw: st.DrawFn) -> tuple[list[Event], bool]:
    """Up to 40 events some seconds apart, and whether the unit has line signals."""
    t, events = 0.0, []
    for gap in draw(st.lists(st.sampled_from([0.0, 0.3, 1.0, 3.0, 8.0]), min_size=1, max_size=40)):
        t += gap
        events.append(_event(draw, t))
    return events, draw(st.booleans())
