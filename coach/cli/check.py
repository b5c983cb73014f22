"""``coach check``: whether this unit could coach a call now, one line in plain words per thing.

Comes in: the settings. Goes out: text, status 4 if anything fails. Refuses to know: how any of it
is repaired, beyond naming the setting or the command.
"""

import argparse
import importlib
import math
import os
import shutil
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np

from coach.blocks import AudioSource, Block, Samples
from coach.cli import COMMANDS, Subparsers, settings_of
from coach.cli.own_band import in_words
from coach.errors import CoachError, DeviceError, JournalError, ModelError, StateError
from coach.names import Leg
from coach.settings import Loaded, Settings

LISTEN_S = 3.0

_NOTHING: Samples = np.zeros(0, np.float32)


class Verdict(StrEnum):
    """How a thing was found."""

    OK = "ok"
    WARNING = "warning"
    FAIL = "FAIL"


class Item(NamedTuple):
    """One line of the check."""

    verdict: Verdict
    what: str
    text: str


class Heard(NamedTuple):
    """What came from a leg: seconds, RMS and peak in dBov (-inf: digital silence), losses."""

    seconds: float
    rms_db: float
    peak_db: float
    dropped: int


def add(subparsers: Subparsers) -> None:
    """Add the command's arguments."""
    subparsers.add_parser(
        "check",
        help=COMMANDS["check"],
        description="Check sound cards and their levels (say something), pins, speech model, "
        "phrase pack, disk and clock. Status 0 if nothing fails, else 4.",
    )


def run(args: argparse.Namespace) -> int:
    """Print an item as soon as it is known."""
    loaded = settings_of(args)
    failed = False
    for item in items(loaded):
        failed = failed or item.verdict is Verdict.FAIL
        print(f"{item.verdict:<8} {item.what}: {item.text}", flush=True)
    return DeviceError.exit_status if failed else 0


def items(loaded: Loaded) -> Iterator[Item]:
    """Yield what is found, in the order in which a call needs it."""
    settings = loaded.settings
    yield from sound_cards(settings)
    for what, look in (
        ("pins", pins),
        ("model", model),
        ("phrases", compiled_pack),
        ("disk", disk),
        ("clock", clock),
    ):
        yield _looked(what, look, settings)
    yield own_level(loaded)


def sound_cards(settings: Settings) -> Iterator[Item]:
    """Yield the capture devices, which of them the settings choose, and what each leg hears."""
    from coach.capture import SoundCards, choose_both, devices

    try:
        there = devices()
        for device in there:
            sound = "mono" if device.channels == 1 else "stereo, of which channel 1 is taken"
            text = f"{device.name!r}, {device.rate} Hz {sound}"
            if device.rate:
                yield Item(Verdict.OK, "audio", text)
            else:
                yield Item(Verdict.WARNING, "audio", f"{device.name!r} is in use or takes no rate")
        for leg, device in choose_both(there, settings.audio).items():
            yield Item(Verdict.OK, leg, f"uses {device.name!r}")
        with SoundCards(settings.audio) as cards:
            heard = listen(cards, LISTEN_S)
    except DeviceError as error:
        yield Item(Verdict.FAIL, "audio", str(error))
        return
    for leg in Leg:
        yield level(leg, heard[leg], settings.audio.clip_level)


def listen(source: AudioSource, seconds: float) -> dict[Leg, Heard]:
    """Listen to each leg for ``seconds``, or until its device is lost or its recording over."""
    samples: dict[Leg, list[Samples]] = {leg: [] for leg in Leg}
    dropped = dict.fromkeys(Leg, 0)
    counts = dict.fromkeys(Leg, 0)
    waiting = set(source.rates)
    for item in source:
        if isinstance(item, Block):
            samples[item.leg].append(item.samples)
            counts[item.leg] += len(item.samples)
            dropped[item.leg] += item.dropped
            if counts[item.leg] >= seconds * item.rate:
                waiting.discard(item.leg)
        else:
            waiting.discard(item.leg)
        if not waiting:
            break
    return {
        leg: _heard(np.concatenate([*samples[leg], _NOTHING]), rate, dropped[leg])
        for leg, rate in source.rates.items()
    }


def level(leg: Leg, heard: Heard, clip_level: float) -> Item:
    """Judge what came from a leg. ``clip_level``: absolute sample value that counts as clipped."""
    text = f"{heard.rms_db:.0f} dBov, peak {heard.peak_db:.0f} dBov in {heard.seconds:.0f} s"
    what = f"{leg} level"
    if not heard.seconds:
        return Item(Verdict.FAIL, what, "the device opens and gives no audio")
    if heard.peak_db == -math.inf:
        why = "microphone muted?" if leg is Leg.AGENT else "earpiece line not plugged in?"
        return Item(Verdict.WARNING, what, f"digital silence for {heard.seconds:.0f} s; {why}")
    if heard.peak_db >= 20 * math.log10(clip_level):
        return Item(Verdict.WARNING, what, f"{text}: clipped; turn the capture level down")
    if heard.dropped:
        return Item(Verdict.WARNING, what, f"{text}, {heard.dropped} samples lost")
    return Item(Verdict.OK, what, text)


def _heard(samples: Samples, rate: int, lost: int) -> Heard:
    if not samples.size:
        return Heard(0.0, -math.inf, -math.inf, lost)
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    return Heard(samples.size / rate, _db(rms), _db(float(np.abs(samples).max())), lost)


def _db(value: float) -> float:
    return 20 * math.log10(value) if value > 0 else -math.inf


def _looked(what: str, look: Callable[[Settings], Item], settings: Settings) -> Item:
    try:
        return look(settings)
    except CoachError as error:
        return Item(Verdict.FAIL, what, str(error))


def pins(_settings: Settings) -> Item:
    """Open the chip behind the pins; a machine that has none at all only gets a warning."""
    if not any(Path("/dev").glob("gpiochip*")):
        return Item(Verdict.WARNING, "pins", "none here; expected a Pi, or use --simulate-pins")
    from coach.pins import board

    board().factory.close()
    return Item(Verdict.OK, "pins", "reachable through lgpio")


def model(settings: Settings) -> Item:
    """Find the speech model. Raises ModelError if there is no whole one."""
    from coach.models import find

    found = find(settings.unit.language, settings)
    return Item(Verdict.OK, "model", f"{found.name} is there and whole: {found.path}")


def compiled_pack(settings: Settings) -> Item:
    """Look for the compiled phrases of the model. Raises ModelError or PhraseError."""
    try:
        importlib.import_module("coach.keywords.engine")
    except (ImportError, OSError) as error:  # OSError: a library of Vosk's is missing
        raise ModelError(f"Vosk cannot be loaded: {error}") from error
    from coach.cli.spotting import network_folder
    from coach.keywords.network import is_fresh
    from coach.keywords.pack import load_pack
    from coach.models import find

    language = settings.unit.language
    pack = load_pack(language)
    path = find(language, settings).path
    folder = network_folder(pack, path, settings)
    if is_fresh(folder):
        return Item(Verdict.OK, "phrases", f"{language} is compiled: {folder}")
    text = f"{language} is not compiled for this model and these settings, which takes a while "
    return Item(Verdict.WARNING, "phrases", f"{text}at the start; coach phrases compile {language}")


def disk(settings: Settings) -> Item:
    """Check that the journal's folder can be written and has room."""
    folder, least = Path(settings.journal.dir), settings.journal.min_free_mb
    there = next(place for place in (folder, *folder.resolve().parents) if place.exists())
    free_mb = shutil.disk_usage(there).free // 1_000_000
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        text = f"journal.dir {folder} cannot be written by this user"
        return Item(Verdict.FAIL, "disk", text)
    if free_mb < least:
        text = f"{free_mb} MB free for journal.dir {folder}; journal.min_free_mb is {least}"
        return Item(Verdict.FAIL, "disk", text)
    return Item(Verdict.OK, "disk", f"{free_mb} MB free for the journal in {folder}")


def clock(_settings: Settings) -> Item:
    """Ask whether the network has set the clock."""
    from coach.clock import WallClock

    if WallClock().synced():
        return Item(Verdict.OK, "clock", "set by the network")
    text = "not set by the network; the journal's dates may be wrong and say so"
    return Item(Verdict.WARNING, "clock", text)


def own_level(loaded: Loaded) -> Item:
    """Say what is known of the agent's own level and how far the last calls have drifted."""
    try:
        well, text = in_words(loaded)
    except (StateError, JournalError) as error:
        well, text = False, str(error)
    return Item(Verdict.OK if well else Verdict.WARNING, "own level", text)
