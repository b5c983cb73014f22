"""Rules of the first seconds: how the call came in and how it was answered."""

from coach.names import Category
from coach.rules.facts import Facts
from coach.rules.rule import CueRule, FieldRule, Fields
from coach.settings import Settings


def call(facts: Facts, settings: Settings) -> Fields:
    """No rule of its own: what, when and how long the call was.

    ``started_s``: seconds of audio at pick-up or dialling; ``duration_s``: from there to the first
    hook; ``talk_s``: the same without holds; ``answer_rings``: where the line rang.
    """
    if facts.began is None or facts.first_hook is None:
        return {}
    duration = max(0.0, facts.first_hook - facts.began)
    return {
        "started_s": facts.began,
        "duration_s": duration,
        "talk_s": max(0.0, duration - facts.hold.total_s),
        "direction": facts.direction,
        "source": facts.source.value,
        "answered": facts.connected is not None,
        "answer_rings": facts.rings or None,
    }


def a3_greeting(facts: Facts, settings: Settings) -> Fields:
    """A3: greeting in the first words, and not a drawled one. Recorded only.

    Thanks for the call greet where they open it, as they close it where they end it.
    """
    if facts.connected is None:
        return {}
    latest = facts.connected + settings.greeting.within_s
    opening = [facts.by_agent(c) for c in (Category.GREETING, Category.THANKS)]
    first, drawn_s = facts.agent.first, facts.agent.first_drawn_s
    return {
        "greeting_ok": any(said is not None and said.first <= latest for said in opening),
        "greeting_delay_s": None if first is None else first - facts.connected,
        "drawled_greeting": None if drawn_s is None else drawn_s > settings.greeting.drawl_s,
    }


CUES: tuple[CueRule, ...] = ()
FIELDS: tuple[FieldRule, ...] = (call, a3_greeting)
