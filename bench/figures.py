"""What the benches share: where the audio is, which settings, where figures are kept."""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from coach import settings
from coach.settings import Settings

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "build" / "bench.json"
LANGUAGE = os.environ.get("BENCH_LANG", "ko")
# Speech in which every hit is false: none of the calls' English phrases is in another pack.
EMPTY_OF_PHRASES = ["korean/speeches.flac"]
if LANGUAGE != "en":
    EMPTY_OF_PHRASES += [
        "Auto_Repairs_40_UTC_agent.wav",
        "Auto_Repairs_40_UTC_caller.wav",
        "agent1.wav",
    ]


def calls_folder() -> Path:
    """Return the folder of recorded calls; ends the bench where there is none."""
    folder = Path(os.environ.get("COACH_CALLS", ROOT.parent / "shared" / "calls"))
    if not folder.is_dir():
        sys.exit(f"bench: no recorded calls at {folder}; set COACH_CALLS to their folder")
    return folder


def rendered_sets() -> list[Path]:
    """Return the JSON of each rendered set of the language, its audio beside it."""
    folder = calls_folder() / "synth"
    sets = [
        path
        for path in sorted(folder.glob("dev-*.json"))
        if json.loads(path.read_text("utf-8")).get("lang", "en") == LANGUAGE
    ]
    if not sets:
        sys.exit(f"bench: no rendered set of language {LANGUAGE!r} in {folder}")
    return sets


def settings_for(language: str, *pairs: str) -> Settings:
    """Return the default settings with a language and ``section.key=value`` pairs."""
    return settings.load(pairs=[f"unit.language={language}", *pairs]).settings


def resident_mb() -> float:
    """Return the largest resident set of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def keep(figures: dict[str, Any]) -> None:
    """Add ``figures`` to ``build/bench.json``."""
    KEPT.parent.mkdir(exist_ok=True)
    known = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    KEPT.write_text(json.dumps({**known, **figures}, indent=1) + "\n")
