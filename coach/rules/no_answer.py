"""Rules for a customer who does not answer: call out, wait, announce, disconnect."""

from coach.names import Category, CueName, Source, State
from coach.rules.facts import AT_WORK, Facts
from coach.rules.parts import reached
from coach.rules.rule import CueRule, FieldRule, Fields, Want
from coach.settings import Settings


def n1_call_out(facts: Facts, settings: Settings) -> Want | None:
    """N1: it is the customer's turn and nothing comes; whose agent looks something up is waiting.

    In the closing it is the customer's turn whoever spoke last, for they are to hang up; without
    line signals nobody knows that they have not.
    """
    if not (facts.talking and facts.customer_heard) or facts.quiet_since is None:
        return None
    if facts.state is State.CLOSING:
        turn = facts.source is Source.LINE and facts.far_end_hook
    else:
        at_work = facts.announced(facts.quiet_since, AT_WORK, settings)
        turn = facts.agent.until >= facts.customer.until and not at_work
    silent = reached(facts.now, facts.quiet_since + settings.no_answer.silent_s)
    return Want(CueName.CALL_OUT, "N1") if turn and silent else None


def n2_notice(facts: Facts, settings: Settings) -> Fields:
    """N1, N2: the agent called out to a silent customer; the agent announced to disconnect."""
    return {
        "called_out": facts.called_out,
        "disconnect_notice": facts.by_agent(Category.DISCONNECT_NOTICE) is not None,
    }


def announced(facts: Facts) -> bool:
    """N2, C5: called out, waited, announced, and not a word from the customer since."""
    return facts.customer_heard and facts.notice is not None


CUES: tuple[CueRule, ...] = (n1_call_out,)
FIELDS: tuple[FieldRule, ...] = (n2_notice,)
