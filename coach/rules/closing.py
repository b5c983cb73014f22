"""Rules of the end: the closing words, who hangs up first, a line that drops."""

from coach.names import Category, CueName, Party, Source, State
from coach.rules.facts import Facts
from coach.rules.no_answer import announced
from coach.rules.parts import reached
from coach.rules.rule import CueRule, FieldRule, Fields, Want
from coach.settings import Settings


def c1_anything_else(facts: Facts, settings: Settings) -> Fields:
    """C1: the agent asked whether there is anything else."""
    return {"anything_else": facts.by_agent(Category.ANYTHING_ELSE) is not None}


def c2_closing(facts: Facts, settings: Settings) -> Fields:
    """C2: the agent's last thanks and last goodbye belong together."""
    thanks, goodbye = facts.by_agent(Category.THANKS), facts.by_agent(Category.GOODBYE)
    if thanks is None or goodbye is None:
        return {"closing_ok": False}
    return {"closing_ok": abs(goodbye.start - thanks.start) <= settings.closing.within_s}


def c3_wait(facts: Facts, settings: Settings) -> Want | None:
    """C3: the closing is said and the customer has not hung up yet."""
    waiting = facts.state is State.CLOSING and _hooks_seen(facts) and not announced(facts)
    return Want(CueName.WAIT_FOR_CUSTOMER, "C3") if waiting else None


def c3_free(facts: Facts, settings: Settings) -> Want | None:
    """C3: the customer has hung up, now the agent may."""
    heard = facts.state_source is Source.AUDIO  # a tone tells as surely as a hook
    if facts.state is not State.FAR_END_GONE or not (heard or _hooks_seen(facts)):
        return None
    shown = _lingers(facts, facts.state_t + settings.closing.free_after_s, settings)
    return Want(CueName.FREE_TO_HANG_UP, "C3") if shown else None


def c3_premature(facts: Facts, settings: Settings) -> Want | None:
    """C3: the agent has hung up first.

    After an unanswered call-out the judgement waits ``call.settle_s``, for the notice may have
    been said and not be known yet.
    """
    if not _premature(facts):
        return None
    wait_s = settings.call.settle_s if facts.call_out is not None else 0.0
    shown = _lingers(facts, facts.state_t + wait_s, settings)
    return Want(CueName.PREMATURE_HANG_UP, "C3") if shown else None


def c3_hang_up(facts: Facts, settings: Settings) -> Fields:
    """C3, C5: who hung up first, by hook or sound; ``wait_s``: from the closing to the first."""
    first = "unknown"
    if facts.by is Party.FAR_END:
        first = "customer"
    elif facts.by is Party.AGENT and (facts.far_end_hook or facts.state_source is Source.AUDIO):
        first = "agent"
    waited = None
    if facts.closing is not None and facts.first_hook is not None:
        waited = max(0.0, facts.first_hook - facts.closing)
    return {
        "hung_up_first": first,
        "premature_hangup": _premature(facts),
        "polite_disconnect": facts.by is Party.AGENT and announced(facts),
        "wait_s": waited,
    }


def c4_clatter(facts: Facts, settings: Settings) -> Fields:
    """C4: something knocked in the last ``noise.clatter_s`` of the line. Recorded only.

    Nobody knows it of a call that is only over because nobody has spoken for long.
    """
    end = facts.first_hook
    faded = facts.over is not None and reached(
        facts.state_t, facts.over + settings.call.audio_end_s
    )
    if end is None or faded:
        return {"clatter": None}
    begin = end - settings.noise.clatter_s
    return {"clatter": any(begin <= at <= end for at in facts.surroundings.knocks)}


def d1_call_back(facts: Facts, settings: Settings) -> Want | None:
    """D1: the line dropped and nobody has called back yet."""
    if facts.dropped is None or reached(facts.now, facts.dropped + settings.closing.call_back_s):
        return None
    return Want(CueName.CALL_BACK, "D1")


def d1_dropped(facts: Facts, settings: Settings) -> Fields:
    """D1: ``called_back_after_s`` stands in the record of the call that calls back."""
    return {
        "dropped": facts.state is State.DROPPED and facts.dropped == facts.over,
        "called_back_after_s": facts.called_back_after_s,
    }


def _hooks_seen(facts: Facts) -> bool:
    return facts.source is Source.LINE and facts.far_end_hook


def _premature(facts: Facts) -> bool:
    """Whether the agent hung up on a customer who was there, without leave to do so.

    Leave is the polite exception (N2, C5), a warning before (C6), and a transfer announced in a
    call that never came to a closing, where the agent's hook hands the customer on.
    """
    if not (_hooks_seen(facts) and facts.by is Party.AGENT and facts.connected is not None):
        return False
    handed_on = facts.by_agent(Category.TRANSFER) is not None and facts.closing is None
    warned = facts.by_agent(Category.WARNING) is not None
    return not (announced(facts) or handed_on or warned)


def _lingers(facts: Facts, start: float, settings: Settings) -> bool:
    end = start + settings.cues.linger_s
    return reached(facts.now, start) and not reached(facts.now, end)


CUES: tuple[CueRule, ...] = (c3_wait, c3_free, c3_premature, d1_call_back)
FIELDS: tuple[FieldRule, ...] = (c1_anything_else, c2_closing, c3_hang_up, c4_clatter, d1_dropped)
