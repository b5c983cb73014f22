"""The house: events go one way through the rooms, and no room knows another.

Reads the imports of every module, also those inside functions.
"""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

import coach

ROOT = Path(coach.__file__).parent

# The rooms in the order audio and events go through them, each with its modules.
ROOMS = {
    "capture": {"capture", "sound_card", "recordings", "blocks"},
    "frames": {"frames", "drift"},
    "features": {"features"},
    "keywords": {"keywords"},
    "line": {"line"},
    "call": {"call", "call_states", "departure", "spoken_hold"},
    "rules": {"rules"},
    "cues": {"cues", "patterns", "pins"},
    "journal": {"journal", "journal_reader", "clock", "band", "band_file"},
    # Beside the arrow: speech models on disk. Nobody in the arrow knows how they got there.
    "models": {"models", "download", "install"},
}

# What every room may import: it imports no room itself.
SHARED = {"names", "events", "sections", "settings", "paces", "layers", "errors"}

# What passes between rooms beside events: the noun in which one room hands audio to the next.
HANDED_ON = {"frames": {"features", "keywords"}}

# Who may know several rooms.
HOUSE = {"pipeline", "view", "plain", "summary", "notify", "cli"}

# Packages that only one file may import, so that a replay on a laptop needs none of the hardware.
ONE_FILE = {"pyaudio": "sound_card", "vosk": "keywords.engine", "gpiozero": "pins"}


def module_name(file: Path) -> str:
    """Return ``keywords.engine`` of coach/keywords/engine.py, an empty string of the package."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports_of(source: str, package: str) -> set[str]:
    """Return the full names of all modules that a module's source imports.

    ``package``: the package the module is in, for relative imports.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, *([base] if base else [])])
            # "from coach import models" imports coach.models.
            found |= {f"{base}.{alias.name}" for alias in node.names} if base == "coach" else {base}
    return found


def room_of(top: str) -> str | None:
    return next((room for room, modules in ROOMS.items() if top in modules), None)


FILES = {module_name(file): file for file in ROOT.rglob("*.py")}
IMPORTS = {
    name: imports_of(
        file.read_text("utf-8"),
        ".".join(["coach", *file.relative_to(ROOT).parent.parts]),
    )
    for name, file in FILES.items()
}


def coach_imports(name: str) -> set[str]:
    """Return the top-level modules of coach that a module imports, without ``coach.``."""
    return {i.split(".")[1] for i in IMPORTS[name] if i.startswith("coach.")}


def complaints(name: str, imported: set[str]) -> list[str]:
    """Return what is wrong with a module importing these top-level modules of coach."""
    top = name.partition(".")[0]
    if top in HOUSE:
        return []
    if top in SHARED:
        return [f"{name} is shared and imports {i}" for i in sorted(imported - SHARED)]
    room = room_of(top)
    allowed = SHARED | ROOMS[room or ""] | {n for n, rooms in HANDED_ON.items() if room in rooms}
    return [f"{name} (room {room}) imports {i}" for i in sorted(imported - allowed)]


@pytest.mark.parametrize("name", sorted(FILES.keys() - {""}))
def test_a_module_has_its_place_and_knows_no_other_room(name: str) -> None:
    top = name.partition(".")[0]
    assert top in SHARED | HOUSE or room_of(top), f"coach/{top} stands in no room: see ROOMS"
    assert complaints(name, coach_imports(name)) == []


def test_every_room_is_there() -> None:
    tops = {name.partition(".")[0] for name in FILES}
    missing = {m for modules in ROOMS.values() for m in modules} | SHARED | HOUSE
    assert sorted(missing - tops) == []


def test_the_package_itself_imports_nothing() -> None:
    assert IMPORTS[""] == set()


def test_hardware_and_recogniser_are_each_imported_in_one_file() -> None:
    importers = defaultdict(set)
    for name, imported in IMPORTS.items():
        for package in {i.partition(".")[0] for i in imported} & ONE_FILE.keys():
            importers[package].add(name)
    assert importers == {package: {name} for package, name in ONE_FILE.items()}


def test_nobody_in_the_rooms_asks_for_the_time() -> None:
    logic = ROOMS["frames"] | ROOMS["call"] | {"features", "keywords", "rules", "cues", "patterns"}
    askers = [
        name
        for name, imported in IMPORTS.items()
        if name.partition(".")[0] in logic and imported & {"time", "datetime"}
    ]
    assert askers == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import coach.call", {"coach.call"}),
        ("from coach import call, events", {"coach.call", "coach.events"}),
        ("from coach.rules.facts import Facts", {"coach.rules.facts"}),
        ("def f():\n    import vosk", {"vosk"}),
        ("if True:\n    from gpiozero.pins.mock import MockFactory", {"gpiozero.pins.mock"}),
        ("from .. import call", {"coach.call"}),
        ("from ..call import CallProgress", {"coach.call"}),
        ("from . import facts", {"coach.rules"}),
    ],
)
def test_every_way_of_importing_is_seen(source: str, found: set[str]) -> None:
    assert imports_of(source, "coach.rules") == found


@pytest.mark.parametrize(
    ("name", "imported", "complaint"),
    [
        ("call", {"rules"}, ["call (room call) imports rules"]),
        ("rules.holding", {"call"}, ["rules.holding (room rules) imports call"]),
        ("cues", {"events", "patterns"}, []),
        ("features.level", {"frames"}, []),
        ("features.level", {"drift"}, ["features.level (room features) imports drift"]),
        ("rules", {"frames"}, ["rules (room rules) imports frames"]),
        ("settings", {"journal"}, ["settings is shared and imports journal"]),
        ("cli.replay", {"rules", "call"}, []),
    ],
)
def test_the_arrow_can_be_broken(name: str, imported: set[str], complaint: list[str]) -> None:
    assert complaints(name, imported) == complaint
