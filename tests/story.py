"""A call told as events: short builders, and a player that runs call and rules over them.

Times are in seconds of audio. A voice event comes as late as the features room sends it (onset
0.06 s, hangover 0.2 s), a key-phrase 0.4 s after it was said.
"""

from collections.abc import Iterable
from typing import Any

from coach.call import Call
from coach.events import (
    CallRecord,
    CallState,
    CueWanted,
    Event,
    KeyPhrase,
    LineSignal,
    Tick,
    Voice,
)
from coach.names import Category, Leg, Party, Signal, Source
from coach.rules import Rules
from coach.settings import Settings, load

AGENT, CUSTOMER = Leg.AGENT, Leg.CUSTOMER


def settings(*pairs: str) -> Settings:
    # the stories are timed for a customer who is called out to after 8 s
    return load([], ["no_answer.silent_s=8", *pairs]).settings


def ring(t: float) -> list[Event]:
    return [LineSignal(t=t, signal=Signal.RING)]


def lift(t: float, by: Party | None = Party.AGENT) -> list[Event]:
    return [LineSignal(t=t, signal=Signal.OFF_HOOK, by=by)]


def hang_up(t: float, by: Party | None) -> list[Event]:
    return [LineSignal(t=t, signal=Signal.ON_HOOK, by=by)]


def agent_hangs_up(t: float) -> list[Event]:
    return hang_up(t, Party.AGENT)


def far_end_hangs_up(t: float) -> list[Event]:
    return hang_up(t, Party.FAR_END)


def line_hold(start: float, end: float) -> list[Event]:
    on = LineSignal(t=start, signal=Signal.HOLD_ON)
    return [on, LineSignal(t=end, signal=Signal.HOLD_OFF)]


def speak(leg: Leg, start: float, end: float, drawn_s: float = 0.0) -> list[Event]:
    begun = Voice(t=start + 0.06, leg=leg, active=True, since=start)
    stopped = Voice(t=end + 0.2, leg=leg, active=False, since=end, drawn_s=drawn_s)
    return [begun, stopped]


def phrase(
    leg: Leg, category: Category, start: float, end: float, seconds: float | None = None
) -> list[Event]:
    return [
        KeyPhrase(
            t=end + 0.4,
            leg=leg,
            category=category,
            phrase=category.value,
            start=start,
            end=end,
            confidence=0.9,
            source=Source.VOSK,
            seconds=seconds,
        )
    ]


def say(
    leg: Leg, category: Category, start: float, end: float, seconds: float | None = None
) -> list[Event]:
    """A talk-spurt that is nothing but the phrase."""
    return [*speak(leg, start, end), *phrase(leg, category, start, end, seconds)]


def chat(start: float, end: float) -> list[Event]:
    """Turns of two seconds, half a second apart, the customer's first."""
    told: list[Event] = []
    t, leg = start, CUSTOMER
    while t + 2.0 <= end:
        told += speak(leg, t, t + 2.0)
        t, leg = t + 2.5, leg.other
    return told


def greeted(t: float = 3.0) -> list[Event]:
    """An incoming call: two rings, picked up at ``t``, greeted at once."""
    rings = [*ring(t - 3.0), *ring(t - 0.5)]
    return [*rings, *lift(t), *say(AGENT, Category.GREETING, t + 0.5, t + 2.0)]


def closed(t: float) -> list[Event]:
    """The agent's closing words: thanks, then goodbye; over 2.5 s after ``t``."""
    thanks = phrase(AGENT, Category.THANKS, t, t + 1.0)
    goodbye = phrase(AGENT, Category.GOODBYE, t + 1.5, t + 2.5)
    return [*speak(AGENT, t, t + 2.5), *thanks, *goodbye]


def with_ticks(told: Iterable[Event], until: float) -> list[Event]:
    """Put events up to ``until`` in order, with a tick every 100 ms."""
    ticks = [Tick(t=i / 10) for i in range(1, round(until * 10) + 1)]
    heard = [event for event in told if event.t <= until]
    return sorted([*heard, *ticks], key=lambda event: (event.t, isinstance(event, Tick)))


def play(
    *told: Iterable[Event],
    until: float,
    to: Settings | None = None,
    line_known: bool = True,
    customer_heard: bool = True,
    far_end_hook: bool = True,
) -> list[Event]:
    """Run the story as the pipeline does; return what call and rules made of it."""
    to = to or settings()
    call = Call(to.call, line_known, customer_heard)
    rules = Rules(to, customer_heard, far_end_hook)
    out: list[Event] = []
    for event in with_ticks([event for part in told for event in part], until):
        entered = call.push(event)
        out += entered
        for each in (event, *entered):
            out += rules.push(each)
    for state in call.finish(until):
        out += [state, *rules.push(state)]
    return out + rules.finish(until)


def states(out: Iterable[Event]) -> list[tuple[float, str]]:
    """When each state became known."""
    return [(round(e.t, 2), e.state.value) for e in out if isinstance(e, CallState)]


def entered(out: Iterable[Event], number: int) -> CallState:
    return [e for e in out if isinstance(e, CallState)][number]


def cues(out: Iterable[Event]) -> list[tuple[float, str, str]]:
    """When each cue was wanted (``on``, or ``early``) and when no longer (``off``)."""
    return [
        (round(e.t, 2), e.cue.value, ("early" if e.early else "on") if e.wanted else "off")
        for e in out
        if isinstance(e, CueWanted)
    ]


def records(out: Iterable[Event]) -> list[dict[str, Any]]:
    return [e.as_dict() for e in out if isinstance(e, CallRecord)]


def record(out: Iterable[Event]) -> dict[str, Any]:
    """The fields of the only call."""
    (only,) = records(out)
    return only
