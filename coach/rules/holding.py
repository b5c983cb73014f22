"""Rules of the hold: how long the customer waits, and how often somebody looks in."""

from coach.names import CueName, State
from coach.rules.facts import Facts
from coach.rules.parts import reached
from coach.rules.rule import CueRule, FieldRule, Fields, Want
from coach.settings import Settings


def h4_limit(facts: Facts, settings: Settings) -> Want | None:
    """H4: the hold is near (``early``) or at its limit: the promised time, else ``limit_s``."""
    if facts.state is not State.ON_HOLD or facts.hold.since is None:
        return None
    lasted = facts.now - facts.hold.since
    limit = facts.hold.limit_s(settings.hold)
    if reached(lasted, limit):
        return Want(CueName.HOLD_LIMIT, "H4")
    if reached(lasted, limit * settings.hold.warn_share):
        return Want(CueName.HOLD_LIMIT, "H4", early=True)
    return None


def h4_check_back(facts: Facts, settings: Settings) -> Want | None:
    """H4: time to tell the customer that it goes on; shown for ``cues.linger_s``.

    Every ``check_back_s`` over the limit; under it, where the promise is a long one, every
    ``limit_s`` ("back after two minutes at most to say it continues").
    """
    if facts.state is not State.ON_HOLD or facts.hold.since is None:
        return None
    lasted = facts.now - facts.hold.since
    limit = facts.hold.limit_s(settings.hold)
    over = reached(lasted, limit)
    start, every = (limit, settings.hold.check_back_s) if over else (0.0, settings.hold.limit_s)
    times = int((lasted - start) / every + 1e-6)
    lingers = times > 0 and not reached(lasted, start + times * every + settings.cues.linger_s)
    return Want(CueName.CHECK_BACK, "H4") if lingers else None


def h4_hold(facts: Facts, settings: Settings) -> Fields:
    """H4, H3: all holds of the call. ``hold_promised_s``: the last time promised for a hold.

    ``check_backs``: the agent returned only for a moment and the next hold followed at once.
    """
    hold = facts.hold
    return {
        "holds": hold.count,
        "hold_s": hold.total_s,
        "hold_longest_s": hold.longest_s,
        "hold_promised_s": hold.promised_s,
        "hold_over_limit_s": hold.over_s,
        "check_backs": hold.check_backs,
    }


CUES: tuple[CueRule, ...] = (h4_limit, h4_check_back)
FIELDS: tuple[FieldRule, ...] = (h4_hold,)
