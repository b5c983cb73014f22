"""Rules of the talk itself: volume, pace, talk-over, dead air, noise."""

from math import log10

from coach.names import CueName, Leg, State
from coach.rules.facts import AT_WORK, Facts
from coach.rules.parts import Drift, reached
from coach.rules.rule import CueRule, FieldRule, Fields, Want
from coach.settings import Settings


def t1_volume(facts: Facts, settings: Settings) -> Want | None:
    """T1: outside the agent's band for ``level.hold_for_s`` seconds of measures."""
    side = _outside(facts, facts.level, settings.level.hold_for_s, settings.level.window_s)
    cue = CueName.TOO_LOUD if side > 0 else CueName.TOO_QUIET
    return Want(cue, "T1") if side else None


def t1_level(facts: Facts, settings: Settings) -> Fields:
    """T1: ``level_db`` is the call's energy mean in dBov, each measure weighted by its speech.

    ``level_drift_db`` is that over the agent's own level, where this is known; the band stays
    where it is. ``level_speech_s``: seconds of talk-spurts whose level could be told.
    """
    mean = facts.level.mean
    if not mean:
        return {"level_outside_s": facts.level.outside_s}
    level_db = 10 * log10(mean)
    return {
        "level_db": level_db,
        "level_outside_s": facts.level.outside_s,
        "level_drift_db": level_db - facts.band.level_db if facts.band else None,
        "level_speech_s": facts.levelled_s,
    }


def t2_pace(facts: Facts, settings: Settings) -> Want | None:
    """T2: outside the band, by ``pace.cue_change_share`` for ``pace.hold_for_s`` of measures.

    Once so far outside for so long, it is wanted until the pace is inside again.
    """
    side = _outside(facts, facts.pace, settings.pace.hold_for_s, settings.pace.window_s)
    cue = CueName.TOO_FAST if side > 0 else CueName.TOO_SLOW
    return Want(cue, "T2") if side else None


def t2_syllables(facts: Facts, settings: Settings) -> Fields:
    """T2: ``pace_sps`` is the call's mean, each measure weighted by its seconds of speech.

    ``pace_fastest_sps`` is the pace of the fastest of ``breath_groups`` groups of 1 s or more.
    """
    return {
        "pace_sps": facts.pace.mean,
        "pace_outside_s": facts.pace.outside_s,
        "breath_groups": facts.breaths,
        "pace_fastest_sps": facts.fastest_sps,
    }


def t3_talk_over(facts: Facts, settings: Settings) -> Want | None:
    """T3: the last of ``repeat_count`` interruptions within ``repeat_within_s`` has just begun."""
    repeated = facts.interruptions.times[-settings.talk_over.repeat_count :]
    if not facts.talking or len(repeated) < settings.talk_over.repeat_count:
        return None
    within = repeated[-1] - repeated[0] <= settings.talk_over.repeat_within_s
    lingers = not reached(facts.now, repeated[-1] + settings.cues.linger_s)
    return Want(CueName.TALK_OVER, "T3") if within and lingers else None


def t3_interruptions(facts: Facts, settings: Settings) -> Fields:
    """T3: every time the agent came in while the customer had the turn, but to say "I see"."""
    return {"interruptions": len(facts.interruptions.times) if facts.customer_heard else None}


def t5_dead_air(facts: Facts, settings: Settings) -> Want | None:
    """T5: unexplained silence in the agent's turn; where it is the customer's, see N1.

    It is the agent's, too, who has announced to look something up, and has not come back in time.
    """
    if facts.state is not State.TALKING or facts.silences.since is None:
        return None
    owes = facts.customer.until > facts.agent.until
    owes = owes or facts.announced(facts.silences.since, AT_WORK, settings)
    unexplained, _ = facts.dead_air(facts.now, settings)
    return Want(CueName.DEAD_AIR, "T5") if owes and unexplained > 0 else None


def t5_silence(facts: Facts, settings: Settings) -> Fields:
    """T5: all dead air off hold, whoever's turn it was: unexplained, and announced by the agent."""
    if not facts.customer_heard:
        return {}
    silences = facts.silences
    return {"dead_air_s": silences.unexplained_s, "dead_air_excused_s": silences.excused_s}


def t11_noise(facts: Facts, settings: Settings) -> Fields:
    """T11: the agent's noise floor in dBov, speech over it, knocks while the customer speaks.

    Averages over the call: of the floor's power, and of the ratio in dB. Recorded only.
    """
    surroundings = facts.surroundings
    return {
        "noise_floor_db": surroundings.floor_db,
        "snr_db": surroundings.snr_db,
        "impulses_per_min": surroundings.knocks_per_min if facts.customer_heard else None,
    }


def t_phrases(facts: Facts, settings: Settings) -> Fields:
    """All categories: how often the agent said one, as ``said_<category>``."""
    spoken = facts.said.items()
    return {f"said_{what}": said.count for (leg, what), said in spoken if leg is Leg.AGENT}


def _outside(facts: Facts, drift: Drift, hold_for_s: float, stale_s: float) -> int:
    """Side of the band the agent has been on long enough, 0 if none or no longer measured."""
    current = facts.talking and not reached(facts.now, drift.last + stale_s)
    return drift.side if current and drift.run_s > 0 and reached(drift.run_s, hold_for_s) else 0


CUES: tuple[CueRule, ...] = (t1_volume, t2_pace, t3_talk_over, t5_dead_air)
FIELDS: tuple[FieldRule, ...] = (
    t1_level,
    t2_syllables,
    t3_interruptions,
    t5_silence,
    t11_noise,
    t_phrases,
)
