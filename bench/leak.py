"""Talk-overs that a leak makes, or hides: ``python -m bench.leak``.

One leg leaks into the other, so many dB down and so late (negative: it leads, for the clocks of two
sound cards are apart). In the recorded call the two are polite: whatever is told is the leak. With
one leg turned round in time they talk over each other again and again: what is told without the
leak should be told with it. Last, how often two talkers are taken for a leak of one another.
"""

import sys
from typing import NamedTuple

import numpy as np

from bench.voice import RATE, Samples, frames, recorded, rendered
from coach import settings as settings_of
from coach.events import TalkOver
from coach.features.noise import dbov
from coach.features.talk import Talk
from coach.features.voice import VoiceDetector
from coach.frames import FRAME
from coach.names import Leg

SETTINGS = settings_of.load(files=()).settings
HOP = RATE // 10
LEVELS_DB = (-15, -20, -30)
DELAYS_S = (-0.2, -0.1, 0.0, 0.02, 0.1, 0.2)
AGENT, CALLER, OTHER = "Auto_Repairs_40_UTC_agent", "Auto_Repairs_40_UTC_caller", "agent1"
SAME_S = 1.2  # by which the begin of a talk-over may differ to be the same one


class Told(NamedTuple):
    """Talk-overs as (leg, begin in s), and the 100 ms in which both spoke, and were an echo."""

    overs: list[tuple[Leg, float]]
    both: int
    echoes: int


def told(agent: Samples, customer: Samples) -> Told:
    """Return what the unit tells of two legs."""
    legs = {Leg.AGENT: agent, Leg.CUSTOMER: customer}
    talk = Talk(SETTINGS.talk_over, SETTINGS.dead_air)
    voices = {leg: VoiceDetector(SETTINGS.voice) for leg in Leg}
    overs, both, echoes = [], 0, 0
    for pair in zip(*(frames(samples) for samples in legs.values()), strict=True):
        for leg, frame in zip(legs, pair, strict=True):
            voices[leg].push(frame, dbov(float(frame.samples @ frame.samples) / FRAME))
        end = (frame.index + 1) * FRAME
        if end % HOP == 0:
            speaking = all(voice.active for voice in voices.values())
            talk.hear({leg: s[end - HOP : end] for leg, s in legs.items()}, speaking)
            both += speaking
            echoes += talk.echo is not None
        for event in talk.push(frame.t, voices):
            if isinstance(event, TalkOver) and event.ongoing:
                overs.append((event.leg, event.start))
    return Told(overs, both, echoes)


def leaked(agent: Samples, customer: Samples, source: Leg, level_db: float, late_s: float) -> Told:
    """Return what is told where ``source`` leaks into the other leg."""
    samples = agent if source is Leg.AGENT else customer
    leak = np.roll(samples, round(late_s * RATE)) * np.float32(10 ** (level_db / 20))
    if source is Leg.AGENT:
        return told(agent, customer + leak)
    return told(agent + leak, customer)


def same(one: tuple[Leg, float], others: list[tuple[Leg, float]]) -> bool:
    """Tell whether a talk-over is among others."""
    return any(one[0] is leg and abs(one[1] - start) < SAME_S for leg, start in others)


def main() -> None:
    """Print the tables."""
    legs = {name: recorded(name).samples for name in (AGENT, CALLER, OTHER)}
    length = min(map(len, legs.values())) // HOP * HOP
    agent, caller, other = (samples[:length] for samples in legs.values())
    without = len(told(agent, caller).overs)
    sys.stdout.write(f"the call as it is: {without} talk-overs; with a leak of the agent, caller\n")
    sys.stdout.write(f"{'late by':12}" + "".join(f"{db:>9} dB" for db in LEVELS_DB) + "\n")
    for late_s in DELAYS_S:
        cells = []
        for level_db in LEVELS_DB:
            counts = [len(leaked(agent, caller, leg, level_db, late_s).overs) for leg in Leg]
            cells.append(f"{counts[0]:>8}, {counts[1]}")
        sys.stdout.write(f"{late_s * 1000:>8.0f} ms {''.join(f'{cell:>12}' for cell in cells)}\n")
        sys.stdout.flush()
    sys.stdout.write("\ncalls made of talk-overs, 20 ms late: without, kept, besides\n")
    pairs = {
        "agent, caller turned by 60 s": (agent, np.roll(caller, 60 * RATE)),
        "agent, caller turned by 30 s": (agent, np.roll(caller, 30 * RATE)),
        "two agents": (agent, other),
    }
    for name, (one, two) in pairs.items():
        before = told(one, two)
        for level_db in (LEVELS_DB[0], LEVELS_DB[-1]):
            kept = besides = 0
            for source in Leg:
                after = leaked(one, two, source, level_db, 0.02).overs
                kept += sum(same(over, after) for over in before.overs)
                besides += sum(not same(over, before.overs) for over in after)
            counts = f"{2 * len(before.overs):5}{kept:5}{besides:5}"
            sys.stdout.write(f"{name:32}{level_db:>4} dB{counts}\n")
            sys.stdout.flush()
    one, two = (rendered(name, 150).samples for name in ("dev-af_heart", "dev-am_puck"))
    short = min(len(one), len(two)) // HOP * HOP
    pairs["two rendered voices"] = (one[:short], two[:short])
    sys.stdout.write("\nno leak at all: seconds in which both speak, taken for a leak\n")
    for name, (one, two) in pairs.items():
        seen = told(one, two)
        sys.stdout.write(f"{name:32}{seen.both / 10:8.1f}{seen.echoes / 10:8.1f}\n")


if __name__ == "__main__":
    main()
