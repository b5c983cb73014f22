"""The active level beside the ITU's own tool: ``python -m bench.level``.

The peer is the speech voltmeter of ITU-T G.191 (sv56, ``sv-p56.c``), written down plainly from its
description: the envelope at every sample, fifteen thresholds at powers of two of full scale, the
interpolation by halving between the two that enclose the margin, left where it is within 0.5 dB of
it. Both hear the same samples: whole files, the same windows of 15 s where ours reports a level,
and each talk-spurt followed by silence. CPU is that of one figure a second in ours, of one figure
for the whole file in the peer. Prints what it measured and keeps it in ``build/bench.json``.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from bench.figures import calls_folder, keep
from coach import settings
from coach.blocks import Block
from coach.events import Level, Voice
from coach.features import Features
from coach.features.level import ActiveLevel
from coach.frames import FRAME, FRAME_S, RATE, Frame, Framer
from coach.names import Leg
from coach.recordings import Recording

SETTINGS = settings.load(files=()).settings
LEVEL, AUDIO = SETTINGS.level, SETTINGS.audio
HOP = RATE // 10
REAL = (
    "Auto_Repairs_40_UTC_agent.wav",
    "Auto_Repairs_40_UTC_caller.wav",
    "agent1.wav",
    "korean/speeches.flac",
)

Samples = NDArray[np.float32]

T_S = 0.03
H_S = 0.2
M_DB = 15.9
THRESHOLDS = 2.0 ** np.arange(-15, 0)
TOLERANCE_DB = 0.5


def sv56(samples: Samples, tolerance_db: float = TOLERANCE_DB) -> float | None:
    """Return the active level of ``samples`` in dBov as sv56 has it; None where it finds none."""
    g = np.exp(-1 / (RATE * T_S))
    hangover = int(np.floor(H_S * RATE + 0.5))
    x = samples.astype(np.float64)
    p = lfilter([1 - g], [1, -g], np.abs(x))
    q = lfilter([1 - g], [1, -g], p)
    sq = float(x @ x)
    at = np.arange(len(q))
    above: tuple[float, float] | None = None
    for c in THRESHOLDS:
        over = q >= c
        last = np.maximum.accumulate(np.where(over, at, -hangover - 1))
        a = int(np.count_nonzero(at - last <= hangover))
        if not a:
            return None
        a_db, c_db = 10 * np.log10(sq / a), 20 * np.log10(c)
        if a_db - c_db <= M_DB:
            return a_db if above is None else halved((a_db, c_db), above, tolerance_db)
        above = a_db, c_db
    return None


def halved(upper: tuple[float, float], lower: tuple[float, float], tolerance_db: float) -> float:
    """Return the level between two pairs of level and threshold in dB, by sv56's halving."""
    for level_db, threshold_db in (upper, lower):
        if abs(level_db - threshold_db - M_DB) < tolerance_db:
            return level_db
    for turn in range(1, 200):
        middle = (upper[0] + lower[0]) / 2, (upper[1] + lower[1]) / 2
        over_db = middle[0] - middle[1] - M_DB
        if turn > 20:
            tolerance_db *= 1.1
        if abs(over_db) <= tolerance_db:
            break
        if over_db > 0:
            lower = middle
        else:
            upper = middle
    return middle[0]


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


class Compared(NamedTuple):
    """A file by both, in dBov and dB; CPU in seconds."""

    seconds: float
    ours_db: float
    peer_db: float
    exact_db: float
    windows_db: list[float]
    spurts_db: list[float]
    off_mean_db: list[float]
    ours_s: float
    peer_s: float


def compared(samples: Samples) -> Compared:
    """Measure whole files and windows of 15 s with both."""
    samples = samples[: len(samples) // RATE * RATE]
    seconds = len(samples) / RATE
    began = time.process_time()
    windows = list(ours(samples, LEVEL.window_s))
    spent = time.process_time() - began
    began = time.process_time()
    peer_db = sv56(samples)
    peer_spent = time.process_time() - began
    exact_db = sv56(samples, 1e-6)
    *_, whole_db = ours(samples, seconds)
    length = round(LEVEL.window_s)
    differences = []
    for end in range(length, len(windows) + 1, 5):
        window = samples[(end - length) * RATE : end * RATE]
        theirs, mine = sv56(window, 1e-6), windows[end - 1]
        if theirs is not None and mine is not None:
            differences.append(mine - theirs)
    if peer_db is None or exact_db is None or whole_db is None:
        raise ValueError("no speech in the whole file")
    room = through_features(samples)
    return Compared(
        seconds=seconds,
        ours_db=whole_db,
        peer_db=peer_db,
        exact_db=exact_db,
        windows_db=differences,
        spurts_db=[ours_db - theirs_db for ours_db, theirs_db in room.spurts],
        off_mean_db=room.windows_db,
        ours_s=spent,
        peer_s=peer_spent,
    )


class Room(NamedTuple):
    """What the features room tells of a leg: levels in dBov."""

    spurts: list[tuple[float, float]]  # of each talk-spurt: ours, and the peer's of it alone
    windows_db: list[float]  # of each level event over the leg's mean, as rule T1 has that


def through_features(samples: Samples) -> Room:
    """Run a leg through the features room.

    What the peer hears of a talk-spurt begins 60 ms before the voice detector says and is followed
    by silence.
    """
    features = Features(SETTINGS)
    begun, spoken = 0.0, False
    spurts: list[tuple[float, float]] = []
    levels: list[Level] = []
    for index in range(len(samples) // FRAME):
        frame = Frame(index, (index + 1) * FRAME_S, samples[index * FRAME : (index + 1) * FRAME])
        for event in features.push(frame, None):
            if isinstance(event, Level) and spoken:
                levels.append(event)
                spoken = False
            elif isinstance(event, Voice) and event.active:
                begun = event.since
            elif isinstance(event, Voice) and event.level_db is not None:
                start = max(0.0, begun - 0.06, event.since - LEVEL.window_s)
                alone = samples[round(start * RATE) : round(event.since * RATE)]
                theirs = sv56(np.concatenate((alone, np.zeros(RATE, np.float32))), 1e-6)
                if theirs is not None:
                    spurts.append((event.level_db, theirs))
        spoken = spoken or features.voiced[Leg.AGENT]
    energies = [10 ** (level.level_db / 10) for level in levels]
    mean_db = 10 * np.log10(np.average(energies, weights=[level.activity for level in levels]))
    return Room(spurts, [float(level.level_db - mean_db) for level in levels])


def heard(name: str) -> Samples:
    """Return a file of the calls' folder as the coach hears it, at 16 kHz."""
    with Recording(calls_folder() / name) as recording:
        framer = Framer(next(iter(recording.rates.values())), AUDIO)
        frames = [
            frame
            for item in recording
            if isinstance(item, Block)
            for frame in framer.push(item.samples)
        ]
    return np.concatenate([frame.samples for frame in frames])


def main() -> None:
    """Print one line a file, then the worst of each and the CPU."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rendered = sorted((calls_folder() / "synth").glob("dev-*.flac"))
    names = [f"synth/{file.name}" for file in rendered] + list(REAL)
    columns = "".join(f"{name:>8}" for name in ("ours", "peer", "diff", "exact", "diff"))
    print(f"{'':34}{columns}{'15 s: mean, worst':>22}{'spurts: mean, worst':>22}")
    found = {name: compared(heard(name)) for name in names}
    for name, one in found.items():
        windows, spurts = np.abs(one.windows_db), np.abs(one.spurts_db)
        print(
            f"{name:34}{one.ours_db:8.2f}{one.peer_db:8.2f}{one.ours_db - one.peer_db:8.2f}"
            f"{one.exact_db:8.2f}{one.ours_db - one.exact_db:8.2f}"
            f"{windows.mean():14.3f}{windows.max():8.3f}{spurts.mean():14.3f}{spurts.max():8.3f}"
        )
    windows = np.abs(np.concatenate([one.windows_db for one in found.values()]))
    seconds = sum(one.seconds for one in found.values())
    ours_ms = 1000 * sum(one.ours_s for one in found.values()) / seconds
    peer_ms = 1000 * sum(one.peer_s for one in found.values()) / seconds
    worst = max(abs(one.ours_db - one.peer_db) for one in found.values())
    exact = max(abs(one.ours_db - one.exact_db) for one in found.values())
    print(f"worst difference: {worst:.2f} dB; from the exact interpolation {exact:.2f} dB")
    print(f"{len(windows)} windows of 15 s: {np.mean(windows <= 0.1):.1%} within 0.1 dB")
    spurts = np.abs(np.concatenate([one.spurts_db for one in found.values()]))
    print(f"{len(spurts)} talk-spurts: {np.mean(spurts <= 0.1):.1%} within 0.1 dB")
    off = np.abs(np.concatenate([one.off_mean_db for one in found.values()]))
    shares = ", ".join(f"{np.mean(off > db):.1%} over {db} dB" for db in (2, 3, 4, 5, 6))
    print(f"{len(off)} levels off the mean of their leg: {shares}")
    print(f"CPU: ours {ours_ms:.2f}, peer {peer_ms:.2f} ms per s; ratio {ours_ms / peer_ms:.2f}")
    keep(
        {
            "level_off_peer_db": worst,
            "level_off_exact_db": exact,
            "level_windows_within_01": float(np.mean(windows <= 0.1)),
            "level_spurts_within_01": float(np.mean(spurts <= 0.1)),
            "level_cpu_ms_per_s": ours_ms,
            "level_cpu_peer_ms_per_s": peer_ms,
        }
    )


if __name__ == "__main__":
    main()
