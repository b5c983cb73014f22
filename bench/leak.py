"""Talk-overs that a leak makes, or hides: ``python -m bench.leak``.

One leg leaks into the other, so many dB down and so late (negative: it leads, for the clocks of two
sound cards are apart). In the recorded call the two are polite: whatever is told is the leak. With
one leg turned round in time they talk over each other again and again: what is told without the
leak should be told with it. Last, how often two talkers are taken for a leak of one another. The
peer of the rows is the same without the search for leaks.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.figures import CALL
from bench.sound import HOP, SETTINGS, frames, heard, listen, rendered
from bench.table import Row
from coach.events import TalkOver
from coach.features.talk import Talk
from coach.features.voice import VoiceDetector
from coach.frames import FRAME, RATE, Samples
from coach.names import Leg

LEVELS_DB = (-15, -20, -30)
DELAYS_S = (-0.2, -0.1, 0.0, 0.02, 0.1, 0.2)
LATE_S = 0.02
SAME_S = 1.2  # by which the begin of a talk-over may differ to be the same one

Pair = tuple[Samples, Samples]


class Told(NamedTuple):
    """Talk-overs as (leg, begin in s), and the 100 ms in which both spoke, and were an echo."""

    overs: list[tuple[Leg, float]]
    both: int
    echoes: int


def told(agent: Samples, customer: Samples, guarded: bool = True) -> Told:
    """Return what the unit tells of two legs; not ``guarded``: leaks are not searched."""
    legs = {Leg.AGENT: agent, Leg.CUSTOMER: customer}
    talk = Talk(SETTINGS.talk_over, SETTINGS.dead_air)
    voices = {leg: VoiceDetector(SETTINGS.voice) for leg in Leg}
    overs, both, echoes = [], 0, 0
    for pair in zip(*(frames(samples) for samples in legs.values()), strict=True):
        for leg, frame in zip(legs, pair, strict=True):
            listen(voices[leg], frame)
        end = (frame.index + 1) * FRAME
        if end % HOP == 0:
            speaking = all(voice.active for voice in voices.values())
            if guarded:
                talk.hear({leg: s[end - HOP : end] for leg, s in legs.items()}, speaking)
            both += speaking
            echoes += talk.echo is not None
        for event in talk.push(frame.t, voices):
            if isinstance(event, TalkOver) and event.ongoing:
                overs.append((event.leg, event.start))
    return Told(overs, both, echoes)


def leaking(agent: Samples, customer: Samples, source: Leg, level_db: float, late_s: float) -> Pair:
    """Return both legs where ``source`` leaks into the other one."""
    samples = agent if source is Leg.AGENT else customer
    leak = np.roll(samples, round(late_s * RATE)) * np.float32(10 ** (level_db / 20))
    return (agent, customer + leak) if source is Leg.AGENT else (agent + leak, customer)


def same(one: tuple[Leg, float], others: list[tuple[Leg, float]]) -> bool:
    """Tell whether a talk-over is among others."""
    return any(one[0] is leg and abs(one[1] - start) < SAME_S for leg, start in others)


def kept(pair: Pair, level_db: float, guarded: bool = True) -> tuple[int, int, int]:
    """Return the talk-overs without a leak, kept with it, and besides, a leak each way."""
    before = told(*pair).overs
    there = besides = 0
    for source in Leg:
        after = told(*leaking(*pair, source, level_db, LATE_S), guarded).overs
        there += sum(same(over, after) for over in before)
        besides += sum(not same(over, before) for over in after)
    return 2 * len(before), there, besides


def cut_alike(*samples: Samples) -> list[Samples]:
    """Return legs as long as the shortest, in whole 100 ms."""
    length = min(map(len, samples)) // HOP * HOP
    return [each[:length] for each in samples]


def pairs() -> dict[str, Pair]:
    """Return the recorded call, and two legs in which both talk over each other."""
    agent, caller, other = cut_alike(*map(heard, (*CALL, "agent1.wav")))
    return {
        "the call as it is": (agent, caller),
        "agent, caller turned by 60 s": (agent, np.roll(caller, 60 * RATE)),
        "agent, caller turned by 30 s": (agent, np.roll(caller, 30 * RATE)),
        "two agents": (agent, other),
    }


def rows() -> Iterator[Row]:
    """Yield talk-overs told of the polite call while it leaks, and the share of true ones kept."""
    call, turned, *_ = pairs().values()
    cases = [(leg, db, late) for leg in Leg for db in LEVELS_DB for late in DELAYS_S]
    counts = [
        sum(len(told(*leaking(*call, *case), guarded).overs) for case in cases)
        for guarded in (True, False)
    ]
    figure = f"talk-overs made by {len(cases)} leaks"
    yield Row(figure, counts[0], "", ".0f", "no search", counts[1])
    shares = []
    for guarded in (True, False):
        without, there, _ = kept(turned, LEVELS_DB[0], guarded)
        shares.append(there / without)
    yield Row("share kept of true ones, -15 dB", shares[0], "", ".3f", "no search", shares[1])


def main() -> None:
    """Print the tables."""
    polite, *others = pairs().items()
    without = len(told(*polite[1]).overs)
    print(f"{polite[0]}: {without} talk-overs; with a leak of the agent, caller")
    print(f"{'late by':12}" + "".join(f"{db:>9} dB" for db in LEVELS_DB))
    for late_s in DELAYS_S:
        cells = []
        for level_db in LEVELS_DB:
            counts = [len(told(*leaking(*polite[1], leg, level_db, late_s)).overs) for leg in Leg]
            cells.append(f"{counts[0]:>8}, {counts[1]}")
        print(f"{late_s * 1000:>8.0f} ms {''.join(f'{cell:>12}' for cell in cells)}", flush=True)
    print("\ncalls made of talk-overs, 20 ms late: without, kept, besides")
    for name, pair in others:
        for level_db in (LEVELS_DB[0], LEVELS_DB[-1]):
            counts = "".join(f"{count:5}" for count in kept(pair, level_db))
            print(f"{name:32}{level_db:>4} dB{counts}", flush=True)
    one, two = cut_alike(*(rendered(n, 150).samples for n in ("dev-af_heart", "dev-am_puck")))
    print("\nno leak at all: seconds in which both speak, taken for a leak")
    for name, pair in [*others, ("two rendered voices", (one, two))]:
        seen = told(*pair)
        print(f"{name:32}{seen.both / 10:8.1f}{seen.echoes / 10:8.1f}")


if __name__ == "__main__":
    main()
