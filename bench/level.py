"""The active level beside the ITU's own tool: ``python -m bench.level``.

Both hear the same samples: whole files, the same windows of 15 s where ours reports a level, and
each talk-spurt followed by silence. CPU is that of one figure a second in ours, of one figure
for the whole file in the peer (bench/sv56.py). Prints what it measured and keeps it in
``build/bench.json``.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench import table
from bench.figures import REAL, Cpu, all_sets, keep, one_core
from bench.sound import HOP, SETTINGS, frames, heard
from bench.sv56 import sv56
from bench.table import Row, at_most
from coach.events import Level, Voice
from coach.features import Features
from coach.features.level import ActiveLevel
from coach.frames import RATE, Samples
from coach.names import Leg

LEVEL = SETTINGS.level
EXACT_DB = 1e-6  # the peer's tolerance where ours is compared with the exact interpolation


def ours(samples: Samples, window_s: float) -> Iterator[float | None]:
    """Yield the active level in dBov of the last ``window_s`` after each whole second.

    None where less than a second was active, as on the unit.
    """
    meter = ActiveLevel(replace(LEVEL, window_s=window_s))
    for hop in range(len(samples) // HOP):
        meter.push(samples[hop * HOP : (hop + 1) * HOP], True)
        if hop % 10 == 9:
            measured = meter.measure()
            spoken = measured is not None and measured[1] * window_s >= 1
            yield measured[0] if measured and spoken else None


class Whole(NamedTuple):
    """A whole file by both, in dBov; ``seconds`` long; CPU in seconds."""

    seconds: float
    ours_db: float
    peer_db: float
    exact_db: float
    windows_db: list[float | None]
    ours_s: float
    peer_s: float


def whole(samples: Samples) -> Whole:
    """Measure a file of whole seconds with both, and ours in its windows of 15 s on the way."""
    seconds = len(samples) / RATE
    mine, theirs = Cpu(), Cpu()
    with mine:
        windows = list(ours(samples, LEVEL.window_s))
    with theirs:
        peer_db = sv56(samples)
    exact_db = sv56(samples, EXACT_DB)
    *_, whole_db = ours(samples, seconds)
    if peer_db is None or exact_db is None or whole_db is None:
        raise ValueError("no speech in the whole file")
    return Whole(seconds, whole_db, peer_db, exact_db, windows, mine.seconds, theirs.seconds)


def windows_off_db(samples: Samples, windows_db: list[float | None]) -> list[float]:
    """Return how far ours is from the peer in every fifth window of 15 s, in dB."""
    length = round(LEVEL.window_s)
    differences = []
    for end in range(length, len(windows_db) + 1, 5):
        window = samples[(end - length) * RATE : end * RATE]
        theirs, mine = sv56(window, EXACT_DB), windows_db[end - 1]
        if theirs is not None and mine is not None:
            differences.append(mine - theirs)
    return differences


class Room(NamedTuple):
    """What the features room tells of a leg, in dB."""

    spurts_off: list[float]  # of each talk-spurt: ours over the peer's of it alone
    mean_off: list[float]  # of each level event over the leg's mean, as rule T1 has that


def through_features(samples: Samples) -> Room:
    """Run a leg through the features room.

    What the peer hears of a talk-spurt begins 60 ms before the voice detector says and is followed
    by silence.
    """
    features = Features(SETTINGS)
    begun, spoken = 0.0, False
    spurts: list[float] = []
    levels: list[Level] = []
    for frame in frames(samples):
        for event in features.push(frame, None):
            if isinstance(event, Level) and spoken:
                levels.append(event)
                spoken = False
            elif isinstance(event, Voice) and event.active:
                begun = event.since
            elif isinstance(event, Voice) and event.level_db is not None:
                start = max(0.0, begun - 0.06, event.since - LEVEL.window_s)
                alone = samples[round(start * RATE) : round(event.since * RATE)]
                theirs = sv56(np.concatenate((alone, np.zeros(RATE, np.float32))), EXACT_DB)
                if theirs is not None:
                    spurts.append(event.level_db - theirs)
        spoken = spoken or features.voiced[Leg.AGENT]
    energies = [10 ** (level.level_db / 10) for level in levels]
    mean_db = 10 * np.log10(np.average(energies, weights=[level.activity for level in levels]))
    return Room(spurts, [float(level.level_db - mean_db) for level in levels])


def files() -> Iterator[tuple[str, Samples]]:
    """Yield every rendered and recorded leg and its name, cut to whole seconds."""
    for name in [*(f"synth/{file.stem}.flac" for file in all_sets()), *REAL]:
        samples = heard(name)
        yield name, samples[: len(samples) // RATE * RATE]


def headlines(found: list[Whole]) -> Iterator[Row]:
    """Yield the rows of whole files."""
    off = np.abs([one.ours_db - one.peer_db for one in found])
    seconds = sum(one.seconds for one in found)
    ours_ms = 1000 * sum(one.ours_s for one in found) / seconds
    peer_ms = 1000 * sum(one.peer_s for one in found) / seconds
    of = f"of {len(found)} legs"
    yield Row(f"off, mean {of}", float(off.mean()), "dB", ".3f", "sv56")
    worst = float(off.max())
    yield Row(
        f"off, worst {of}", worst, "dB", ".3f", "sv56", None, at_most(0.1), "level_off_peer_db"
    )
    yield Row("CPU", ours_ms, "ms per s", ".2f", "sv56", peer_ms, key="level_cpu_ms_per_s")


def rows() -> Iterator[Row]:
    """Yield the difference from the peer over whole files, mean and worst, and CPU."""
    yield from headlines([whole(samples) for _, samples in files()])


def within(off: NDArray[np.float64]) -> float:
    """Return the share of differences of 0.1 dB at most."""
    return float(np.mean(np.abs(off) <= 0.1))


def main() -> None:
    """Print one line a file, then the worst of each and the CPU."""
    one_core()
    columns = "".join(f"{name:>8}" for name in ("ours", "peer", "diff", "exact", "diff"))
    print(f"{'':34}{columns}{'15 s: mean, worst':>22}{'spurts: mean, worst':>22}")
    found, windows, spurts, off_mean = [], [], [], []
    for name, samples in files():
        one, room = whole(samples), through_features(samples)
        found.append(one)
        windows.append(np.abs(windows_off_db(samples, one.windows_db)))
        spurts.append(np.abs(room.spurts_off))
        off_mean.append(np.abs(room.mean_off))
        print(
            f"{name:34}{one.ours_db:8.2f}{one.peer_db:8.2f}{one.ours_db - one.peer_db:8.2f}"
            f"{one.exact_db:8.2f}{one.ours_db - one.exact_db:8.2f}"
            + "".join(f"{off.mean():14.3f}{off.max():8.3f}" for off in (windows[-1], spurts[-1])),
            flush=True,
        )
    exact = max(abs(one.ours_db - one.exact_db) for one in found)
    all_windows, all_spurts, off = map(np.concatenate, (windows, spurts, off_mean))
    shares = ", ".join(f"{np.mean(off > db):.1%} over {db} dB" for db in (2, 3, 4, 5, 6))
    found_rows = list(headlines(found))
    for row in found_rows:
        print(table.line("level", row))
    print(f"worst off the exact interpolation: {exact:.2f} dB")
    print(f"{len(all_windows)} windows of 15 s: {within(all_windows):.1%} within 0.1 dB")
    print(f"{len(all_spurts)} talk-spurts: {within(all_spurts):.1%} within 0.1 dB")
    print(f"{len(off)} levels off the mean of their leg: {shares}")
    table.keep("level", found_rows)
    keep(
        {
            "level_off_exact_db": exact,
            "level_windows_within_01": within(all_windows),
            "level_spurts_within_01": within(all_spurts),
        }
    )


if __name__ == "__main__":
    main()
