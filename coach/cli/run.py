"""``coach run``: coaches live calls with the sound cards and pins of this unit.

Comes in: settings. Goes out: cues, the journal, a watchdog that is fed only by whole passes of
the pipeline. Refuses to know: recordings.
"""

import argparse
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType

from coach import band_file, notify
from coach.band import BandKeeper, in_force, set_by_hand
from coach.capture import SoundCards
from coach.cli import COMMANDS, Subparsers, settings_of
from coach.cli.own_band import learned, say
from coach.cli.replay import event_file
from coach.cli.spotting import spotters
from coach.journal import Journal
from coach.line import NoLine
from coach.names import Leg
from coach.pins import LineKeys, Panel, board, simulated_board
from coach.pipeline import Line, Pipeline, Sink, play
from coach.plain import PlainView
from coach.sections import Pins

FEED_FRAMES = 50  # the watchdog is fed once a second of audio


def add(subparsers: Subparsers) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "run", help=COMMANDS["run"], description="Coach live calls on this unit."
    )
    parser.add_argument("--simulate-pins", action="store_true", help="for a desk without a Pi")
    parser.add_argument("--events", type=Path, metavar="FILE", help="write every event there")


def run(args: argparse.Namespace) -> int:
    """Run until a signal ends it. Raises DeviceError, JournalError, ModelError before it begins."""
    loaded = settings_of(args)
    own = learned(loaded)
    settings = in_force(loaded, own).settings
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    with ExitStack() as open_things:
        keep = open_things.enter_context
        journal = keep(Journal(Path(settings.journal.dir), settings.journal, settings.unit.id))
        sinks: list[Sink] = [journal.write]
        if args.events:
            sinks.append(keep(event_file(args.events)))
        if sys.stdout.isatty():  # never into a service's log: a phrase is what somebody said
            sinks.append(keep(PlainView(sys.stdout)).push)
        pins = simulated_board() if args.simulate_pins else board()
        if not set_by_hand(loaded):
            file = band_file.file_of(settings.unit)
            sinks.append(BandKeeper(loaded.settings, own, file, say).write)
        panel = keep(Panel(settings.pins, settings.cues.led_brightness, pins))
        keys = LineKeys(settings.pins, pins)
        open_things.callback(keys.close)
        heard = spotters(settings, dict.fromkeys(Leg), say)
        cards = keep(SoundCards(settings.audio))
        pipeline = Pipeline(settings, heard, _line(settings.pins, keys), panel, sinks)
        with suppress(KeyboardInterrupt):
            notify.ready()
            play(cards, pipeline, settings, _watchdog())
        pipeline.finish()
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _line(pins: Pins, keys: LineKeys) -> Line:
    if pins.hook_switch >= 0:
        return Line(keys, hook=True, far_end=False)
    if pins.hold_key >= 0:
        return Line(keys, hook=False, far_end=False)
    return Line(NoLine(), hook=False, far_end=False)


def _watchdog() -> Callable[[], None]:
    frames = 0

    def feed() -> None:
        nonlocal frames
        frames += 1
        if frames % FEED_FRAMES == 0:
            notify.watchdog()

    return feed
