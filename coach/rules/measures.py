"""How a measure of the agent's voice moves its drift on: volume and pace against their bands.

Comes in: a drift, the next measure, the settings. Goes out: the drift after it. Refuses to know:
whether the measure belongs to the call.
"""

from coach.events import AgentBand, Level, Pace
from coach.rules.parts import Drift
from coach.settings import Settings


def levelled(drift: Drift, event: Level, own: AgentBand | None, settings: Settings) -> Drift:
    """Take in the active speech level; its mean is of the power, weighted by speech.

    ``own``: the agent's own band, once it is known; until then that of the settings holds.
    """
    level = settings.level
    low_db = level.band_low_db if own is None else own.low_db
    high_db = level.band_high_db if own is None else own.high_db
    side = _side(event.level_db, low_db, high_db)
    drift = drift.measure(event.t, side, level.interval_s, level.window_s)
    return drift.average(10 ** (event.level_db / 10), event.activity)


def paced(drift: Drift, event: Pace, settings: Settings) -> Drift:
    """Take in the syllables per second; their mean is weighted by seconds of speech."""
    band = settings.pace
    sps, low_sps, high_sps = event.syllables_per_s, band.band_low_sps, band.band_high_sps
    side, share = _side(sps, low_sps, high_sps), band.cue_change_share
    far = _side(sps, low_sps * (1 - share), high_sps * (1 + share)) != 0
    drift = drift.measure(
        event.t, side, band.interval_s, band.window_s, far=far, hold_for_s=band.hold_for_s
    )
    return drift.average(sps, event.speech_s)


def _side(value: float, low: float, high: float) -> int:
    return int(value > high) - int(value < low)
