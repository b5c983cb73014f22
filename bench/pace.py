"""How well the pace follows the truth, ours against Praat's method: ``python -m bench.pace``.

On speech with known syllables (bench/pace_speech.py). Half of the voices, and no word of Polish or
Chinese, served to fit the constants but those of an earlier fit to all the Korean; the rest,
"new", is held out. Praat's method is that of N. H. de Jong & T. Wempe, Behavior Research Methods
41(2), 2009, with their parameters. Prints correlation and slope of measured against true syllables
per second over stretches of 10 s of one voice and speed, and CPU per second of audio. Needs the
extra ``bench`` and the program ``espeak-ng``.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import parselmouth
from parselmouth.praat import call

from bench.figures import Cpu, all_sets
from bench.pace_speech import TEXTS, Stretch, recorded, rendered, spoken_by_espeak
from bench.sound import HOP, TRANSCRIBED
from bench.table import Aim, Row, at_least, ratio_at_most
from coach.features.pace import SyllableNuclei
from coach.frames import RATE, Samples

TUNED_VOICES = ("dev-ko-af_nova", "dev-ko-am_onyx", "dev-af_heart", "dev-am_puck", "+m3")
HELD_OUT_LANGUAGES = ("pl", "cmn-latn-pinyin")
VARIANTS = ("+m3", "+f4")
CORRELATION, SLOPE, CPU = at_least(0.9), Aim(0.9, 1.1), ratio_at_most(0.01)

Meter = Callable[[Samples], tuple[float, float]]


def ours(samples: Samples) -> tuple[float, float]:
    """Return syllables and seconds of speech as the unit counts them."""
    nuclei = SyllableNuclei()
    hops = [nuclei.push(samples[at : at + HOP]) for at in range(0, len(samples) - HOP + 1, HOP)]
    return sum(count for count, _ in hops), sum(seconds for _, seconds in hops)


def praat(samples: Samples) -> tuple[float, float]:
    """Return syllables and seconds of speech after de Jong & Wempe (25 dB, dip 2 dB, 0.3 s)."""
    sound = parselmouth.Sound(samples.astype(np.float64), RATE)
    intensity = sound.to_intensity(50)
    level = intensity.values[0]
    threshold = max(np.quantile(level, 0.99) - 25, level.min())
    silences = call(
        intensity, "To TextGrid (silences)", threshold - level.max(), 0.3, 0.1, "", "speech"
    )
    intervals = call(silences, "Get number of intervals", 1)
    spoken = [
        (
            call(silences, "Get start time of interval", 1, index),
            call(silences, "Get end time of interval", 1, index),
        )
        for index in range(1, intervals + 1)
        if call(silences, "Get label of interval", 1, index) == "speech"
    ]
    pitch = sound.to_pitch_ac(0.02, 30, 4, False, 0.03, 0.25, 0.01, 0.35, 0.25, 450)
    tops = [
        at
        for at in range(1, len(level) - 1)
        if level[at - 1] < level[at] >= level[at + 1] and level[at] > threshold
    ]
    found = 0
    for top, after in zip(tops, [*tops[1:], None], strict=True):
        dip = level[top] - level[top:after].min()
        t = intensity.xs()[top]
        voiced = not np.isnan(pitch.get_value_at_time(t))
        found += bool(dip > 2 and voiced and any(start <= t <= end for start, end in spoken))
    return float(found), sum(end - start for start, end in spoken)


METERS: dict[str, Meter] = {"ours": ours, "praat": praat}


class Followed(NamedTuple):
    """How a meter follows the true pace of stretches; ``mean``: measured over true.

    ``error``: mean of the stretches' share off; ``cpu_ms``: ms of CPU per s of audio.
    """

    r: float
    slope: float
    mean: float
    error: float
    cpu_ms: float


def followed(found: list[Stretch], measure: Meter) -> Followed:
    """Measure stretches."""
    truth = np.array([one.syllables / one.seconds for one in found])
    with Cpu() as cpu:
        counted = np.array([measure(one.samples) for one in found])
    pace = counted[:, 0] / counted[:, 1]
    return Followed(
        r=float(np.corrcoef(truth, pace)[0, 1]),
        slope=float(np.polyfit(truth, pace, 1)[0]),
        mean=float(pace.mean() / truth.mean()),
        error=float(np.mean(np.abs(pace / truth - 1))),
        cpu_ms=cpu.ms_per_s(sum(len(one.samples) for one in found) / RATE),
    )


def held_out(name: str) -> bool:
    """Tell whether a voice or a language was never looked at when the constants were fitted."""
    return name.startswith(HELD_OUT_LANGUAGES) or not name.endswith(TUNED_VOICES)


def voices(new: bool) -> dict[str, list[Stretch]]:
    """Return the stretches by family of voices: those held out, or those fitted to."""
    found: dict[str, list[Stretch]] = {}
    for file, language in all_sets().items():
        if held_out(file.stem) is new:
            family = f"{language}, rendered"
            found.setdefault(family, []).extend(rendered(file))
    for language in TEXTS:
        for variant in VARIANTS:
            if held_out(language + variant) is new:
                family = f"{language}, espeak-ng"
                found.setdefault(family, []).extend(spoken_by_espeak(language, variant))
    return found


def line(name: str, found: list[Stretch]) -> None:
    """Print one line of the table."""
    cells = []
    for measure in METERS.values():
        r, slope, mean, error, cpu_ms = followed(found, measure)
        cells.append(f"{r:8.3f}{slope:7.2f}{mean:7.2f}{error:7.0%}{cpu_ms:7.2f}")
    print(f"{name:32}{len(found):4}{'  '.join(cells)}", flush=True)


def rows() -> Iterator[Row]:
    """Yield correlation, slope, mean error and CPU on all voices that were held out."""
    found = [one for family in voices(new=True).values() for one in family]
    mine, theirs = (followed(found, measure) for measure in METERS.values())
    yield Row("correlation, new voices", mine.r, "", ".3f", "Praat", theirs.r, CORRELATION)
    yield Row("slope, new voices", mine.slope, "", ".2f", "Praat", theirs.slope, SLOPE)
    yield Row("mean error, new voices", mine.error, "", ".3f", "Praat", theirs.error)
    yield Row("CPU", mine.cpu_ms, "ms per s", ".2f", "Praat", theirs.cpu_ms, CPU)


def main() -> None:
    """Print correlation, slope, mean measured over mean true pace, the mean error and CPU."""
    columns = f"{'r':>8}{'slope':>7}{'mean':>7}{'error':>7}{'ms/s':>7}"
    print(f"{'':36}{'ours':>16}{'praat':>38}\n{'':36}{columns}  {columns}")
    for part, new in (("tuned", False), ("new", True)):
        families = voices(new)
        for family, found in families.items():
            line(f"{part}: {family}", found)
        line(f"{part}: all", [one for found in families.values() for one in found])
    line("real calls (transcripts)", [one for name in TRANSCRIBED for one in recorded(name)])


if __name__ == "__main__":
    main()
