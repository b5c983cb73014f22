"""What the benches share: where the audio is, which settings, what it costs, what is kept.

Comes in: ``COACH_CALLS``, the recorded calls' folder, and ``BENCH_LANG``, the language of the
key-phrases. Goes out: paths, settings, CPU and memory, and ``build/bench.json``, in which stand by
name, beside what each bench adds under names of its own:

- ``rtf_whole``, ``rtf_dsp``, ``rtf_keywords``: CPU over the length of a call, both legs: all of the
  pipeline; frames and features; key-phrases.
- ``rss_mb``: the largest resident set of the process that ran the whole pipeline, MB.
- ``phrase_delay_s_median``, ``phrase_delay_s_p95``: s from the end of a phrase to its event.
- ``phrase_miss``: share of the phrases said that were not heard.
- ``phrase_false_per_hour``: phrases heard in an hour of speech without any.
- ``table``: the rows of ``python -m bench``, a list by bench (bench/table.py).

Refuses to know: what is measured.
"""

import json
import os
import resource
import time
from pathlib import Path
from typing import Any, Self

from coach import settings
from coach.settings import Settings

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "build" / "bench.json"
LANGUAGE = os.environ.get("BENCH_LANG", "ko")
CALL = ("Auto_Repairs_40_UTC_agent.wav", "Auto_Repairs_40_UTC_caller.wav")
# The recorded legs and their languages; those in English have a transcript with word times.
REAL = {**dict.fromkeys((*CALL, "agent1.wav"), "en"), "korean/speeches.flac": "ko"}
# Speech in which every hit is false: none of the calls' English phrases is in another pack.
EMPTY_OF_PHRASES = [name for name, spoken in REAL.items() if not spoken == LANGUAGE == "en"]


class Missing(SystemExit):
    """A bench cannot run; its only argument is the line that says what is missing."""


def calls_folder() -> Path:
    """Return the folder of recorded calls; raises Missing where there is none."""
    folder = Path(os.environ.get("COACH_CALLS", ROOT.parent / "shared" / "calls"))
    if not folder.is_dir():
        raise Missing(f"no recorded calls at {folder}; set COACH_CALLS to their folder")
    return folder


def all_sets() -> dict[Path, str]:
    """Return the JSON of each rendered set, its audio beside it, and its language."""
    files = sorted((calls_folder() / "synth").glob("dev-*.json"))
    return {file: json.loads(file.read_text("utf-8")).get("lang", "en") for file in files}


def rendered_sets() -> list[Path]:
    """Return the JSON of each rendered set of the language; raises Missing where there is none."""
    sets = [path for path, language in all_sets().items() if language == LANGUAGE]
    if not sets:
        raise Missing(f"no rendered set of language {LANGUAGE!r} in {calls_folder() / 'synth'}")
    return sets


def settings_for(language: str, *pairs: str) -> Settings:
    """Return the default settings with a language and ``section.key=value`` pairs."""
    return settings.load(pairs=[f"unit.language={language}", *pairs]).settings


def resident_mb() -> float:
    """Return the largest resident set of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one_core() -> None:
    """Keep this process on one core, as the figures of CPU are told."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


class Cpu:
    """CPU of this process in ``seconds``, added up over all that runs inside ``with``."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> Self:
        self._began = time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.process_time() - self._began

    def ms_per_s(self, seconds: float) -> float:
        """Return ms of CPU per second of ``seconds`` of audio."""
        return 1000 * self.seconds / seconds


def kept() -> dict[str, Any]:
    """Return what is in ``build/bench.json``, nothing where it is not there yet."""
    known: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return known


def keep(figures: dict[str, Any]) -> None:
    """Add ``figures`` to ``build/bench.json``."""
    text = json.dumps({**kept(), **figures}, indent=1)
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(text + "\n")
