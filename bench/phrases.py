"""Key-phrases heard, missed and heard falsely: ``python -m bench.phrases [PART ...]``.

Comes in: the parts of bench/heard_sets.py, speech without phrases, the language's model. Goes out:
a table of the designs of bench/designs.py, and ours beside the grammar list in every condition:
the agent's leg wideband, clean and in an office, the customer's in the telephone band. Each design
runs in a process of its own, on one core. Refuses to know: how a phrase is heard.

Parts: ``dev`` and ``tune``, which were tuned on, unless told; ``test``, which was not.
"""

import multiprocessing
import sys
from collections.abc import Iterator

import numpy as np

from bench import heard_sets
from bench.designs import DESIGNS, OURS, PEER, Design
from bench.figures import EMPTY_OF_PHRASES, Cpu, calls_folder, keep, one_core, resident_mb
from bench.heard_sets import Leg as Recorded
from bench.hearing import Score, events_of, key_phrases, score
from bench.table import Row, at_most
from coach.names import Leg
from coach.recordings import Recording

# conditions, and what is aimed at: share missed
AGENT = {"clean": 0.03, "30 dB": 0.06, "20 dB": 0.12, "15 dB": None}
CUSTOMER = {"telephone": 0.20, "telephone 20 dB": None}
CONDITIONS = {**AGENT, **CUSTOMER}
EMPTY = ("clean", "telephone")
FALSE_PER_HOUR = 0.5


def heard_in(design: Design, legs: list[Recorded], condition: str, cpu: Cpu) -> Score:
    """Return what a design heard in recordings in one condition."""
    total = Score()
    for leg in legs:
        recording = Recording(heard_sets.in_condition(leg, condition).path)
        with cpu:
            events = events_of(recording, {Leg.AGENT: design.spotter()}, design.settings)
        score(key_phrases(events), leg.utterances, total)
        total.seconds += recording.duration_s
    return total


def empty_legs(part: str) -> list[Recorded]:
    """Return speech without phrases: recorded, and the conversation of a part."""
    recorded = [Recorded(calls_folder() / name, []) for name in EMPTY_OF_PHRASES]
    return [*recorded, *(Recorded(leg.path, []) for leg in heard_sets.talk(part))]


def measured(name: str, part: str, conditions: list[str], empty: list[str]) -> dict[str, Score]:
    """Return the scores of one design by condition, of speech without phrases as ``no CONDITION``.

    ``cost``: a score without hits whose seconds are those of CPU for one of audio; its ``delays_s``
    hold the resident memory in MB.
    """
    one_core()
    design = DESIGNS[name]()
    legs, cpu = heard_sets.phrases(part), Cpu()
    scores = {at: heard_in(design, legs, at, cpu) for at in conditions}
    cost = cpu.seconds / sum(s.seconds for s in scores.values()) if scores else 0.0
    for at in empty:
        scores[f"no {at}"] = heard_in(design, empty_legs(part), at, Cpu())
    return {**scores, "cost": Score(seconds=cost, delays_s=[resident_mb()])}


def apart(name: str, part: str, conditions: list[str], empty: list[str]) -> dict[str, Score]:
    """Return the same, measured in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measured, (name, part, conditions, empty))


def rows() -> Iterator[Row]:
    """Yield the headlines of the ``dev`` part beside the grammar list."""
    yield from rows_of("dev")


def rows_of(part: str) -> Iterator[Row]:
    """Yield misses in every condition, false hits, delays, CPU and memory, ours and the peer's."""
    talk = "test" if part == "test" else "tune"
    both = {}
    for name in (OURS, PEER):
        both[name] = apart(name, part, list(CONDITIONS), [])
        # conversation has only a tune and a test part
        both[name] |= apart(name, talk, [], list(EMPTY) if name == OURS else ["clean"])
    ours, peer = both[OURS], both[PEER]
    for at, aim in CONDITIONS.items():
        reach = at_most(aim) if aim is not None else None
        key = "phrase_miss" if (part, at) == ("dev", "clean") else ""
        yield Row(
            f"missed, {part}, {at}", ours[at].miss, "", ".3f", PEER, peer[at].miss, reach, key
        )
    for at in EMPTY:
        value, empty = ours[f"no {at}"].false_per_hour, peer.get(f"no {at}")
        figure, rate = f"heard falsely an hour, {talk}, {at}", empty and empty.false_per_hour
        key = "phrase_false_per_hour" if (part, at) == ("dev", "clean") else ""
        yield Row(figure, value, "", ".2f", PEER, rate, at_most(FALSE_PER_HOUR), key)
    delays = np.array(ours["clean"].delays_s)
    middle, late = (float(np.quantile(delays, share)) for share in (0.5, 0.95))
    names = ("phrase_delay_s_median", "phrase_delay_s_p95") if part == "dev" else ("", "")
    yield Row("phrase delay, median", middle, "s", ".2f", "", None, at_most(0.3), names[0])
    yield Row("phrase delay, 95 %", late, "s", ".2f", "", None, at_most(0.6), names[1])


def main() -> None:
    """Print the table of the designs, then ours in every condition with all that went wrong."""
    parts = sys.argv[1:] or heard_sets.tuned_on()
    for part in parts:
        talk = "test" if part == "test" else "tune"
        print(f"{part:28}{'miss':>7}{'false in sets':>15}{'CPU':>8}{'MB':>6}")
        table = {}
        for name in DESIGNS:
            conditions = list(CONDITIONS) if name in (OURS, PEER) else ["clean"]
            scores = apart(name, part, conditions, [])
            clean, cost = scores["clean"], scores["cost"]
            print(
                f"{name:28}{clean.miss:7.3f}{len(clean.false):15}{cost.seconds:8.3f}"
                f"{cost.delays_s[0]:6.0f}",
                flush=True,
            )
            if name in (OURS, PEER):
                empty = apart(name, talk, [], list(EMPTY) if name == OURS else ["clean"])
                scores |= {at: s for at, s in empty.items() if at != "cost"}
            table[name] = scores
        for at, scored in table[OURS].items():
            if at == "cost":
                continue
            theirs = table[PEER].get(at)
            peer = f"{theirs.said - theirs.hits} missed" if theirs and theirs.said else ""
            if theirs:
                peer += f" {len(theirs.false)} false"
            print(
                f"{part} {at:18}{scored.said - scored.hits:4} of {scored.said:3} missed, "
                f"{len(scored.false):2} false in {scored.seconds / 60:4.0f} min ({PEER}: {peer})"
            )
            print(f"    missed: {scored.missed}\n    false: {scored.false}")
        kept = {
            name: {at: {"miss": s.miss, "false": len(s.false)} for at, s in scores.items()}
            for name, scores in table.items()
        }
        keep({f"phrases_{part}": kept})


if __name__ == "__main__":
    main()
