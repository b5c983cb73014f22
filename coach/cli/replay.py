"""``coach replay``: a recorded call through the whole pipeline, as fast as wanted.

Comes in: one or two recordings, line signals and word times if there are any. Goes out: the view,
the events, a journal, the call's summary. Refuses to know: sound cards and real pins.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from coach.band import BandKeeper, in_force, set_by_hand
from coach.cli import COMMANDS, Subparsers, settings_of
from coach.cli.own_band import learned, say
from coach.cli.spotting import spotters
from coach.errors import RecordingError
from coach.events import CallRecord, Event
from coach.frames import FRAME_S
from coach.journal import Journal
from coach.line import LineFile, NoLine
from coach.names import Leg
from coach.pins import Panel, simulated_panel
from coach.pipeline import PASSING, TICK_FRAMES, Line, Pipeline, Sink, play
from coach.plain import View
from coach.recordings import Recording
from coach.summary import summary
from coach.view import open_view


def add(subparsers: Subparsers) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "replay", help=COMMANDS["replay"], description="Play a recorded call through the coach."
    )
    parser.add_argument("--agent", type=Path, metavar="FILE", help="recording of the agent's leg")
    parser.add_argument("--customer", type=Path, metavar="FILE", help="... of the customer's leg")
    parser.add_argument("--stereo", type=Path, metavar="FILE", help="one recording of both legs")
    parser.add_argument("--agent-channel", choices=("left", "right"), help="the agent's in it")
    parser.add_argument("--line", type=Path, metavar="FILE", help="line signals, JSON lines")
    parser.add_argument("--lang", metavar="LANG", help="language of the phrases (unit.language)")
    parser.add_argument("--agent-words", type=Path, metavar="FILE", help="agent's word times")
    parser.add_argument("--customer-words", type=Path, metavar="FILE", help="customer's")
    parser.add_argument(
        "--other-agent", action="store_true", help="do not use the band this unit has learned"
    )
    parser.add_argument("--speed", type=speed, metavar="N|max", help="times real time")
    parser.add_argument("--events", type=Path, metavar="FILE", help="write every event there")
    parser.add_argument("--journal", type=Path, metavar="DIR", help="keep a journal there")
    parser.add_argument("--plain", action="store_true", help="lines instead of the live view")


def speed(text: str) -> float:
    """Return a replay speed; ``max`` is as fast as it goes."""
    value = math.inf if text == "max" else float(text)
    if not value > 0:
        raise ValueError(text)
    return value


def run(args: argparse.Namespace) -> int:
    """Replay the call and print its summary."""
    loaded = settings_of(args)
    own = None if args.other_agent or set_by_hand(loaded) else learned(loaded)
    settings = in_force(loaded, own).settings
    if args.lang:
        settings = replace(settings, unit=replace(settings.unit, language=args.lang))
    recording = _recording(args)
    words = {Leg.AGENT: args.agent_words, Leg.CUSTOMER: args.customer_words}
    if Leg.CUSTOMER not in recording.rates and words.pop(Leg.CUSTOMER):
        raise RecordingError("--customer-words: there is no recording of the customer's leg")
    line = Line(NoLine(), hook=False, far_end=False)
    if args.line:
        line = Line(LineFile(args.line), hook=True, far_end=True)
    with ExitStack() as open_things:
        sinks: list[Sink] = []
        if args.events:
            sinks.append(open_things.enter_context(event_file(args.events)))
        if args.journal:
            journal = Journal(args.journal, settings.journal, settings.unit.id)
            sinks.append(open_things.enter_context(journal).write)
        records: list[CallRecord] = []

        def keep_record(event: Event) -> None:
            if isinstance(event, CallRecord):
                records.append(event)

        sinks += [keep_record, BandKeeper(loaded.settings, own, None, say).write]
        heard = spotters(settings, words, say)
        panel = open_things.enter_context(
            simulated_panel(settings.pins, settings.cues.led_brightness)
        )
        title = " + ".join(path.name for path in recording.paths)
        view = open_things.enter_context(open_view(settings, title, sys.stdout, args.plain))
        sinks.append(view.push)
        pipeline = Pipeline(settings, heard, line, panel, sinks)
        times = args.speed or (1.0 if sys.stdout.isatty() else math.inf)
        with recording:
            play(recording, pipeline, settings, _pacer(pipeline, view, panel, times))
        pipeline.finish()
    for record in records:
        Console(highlight=False).print(summary(record))
    return 0


def _recording(args: argparse.Namespace) -> Recording:
    if args.stereo:
        if args.agent or args.customer:
            raise RecordingError("--stereo has both legs: leave out --agent and --customer")
        if not args.agent_channel:
            raise RecordingError("--stereo: say which leg is where: --agent-channel left|right")
        recording = Recording.stereo(args.stereo, args.agent_channel)
    elif args.agent:
        recording = Recording(args.agent, args.customer)
    else:
        raise RecordingError("nothing to replay: give --agent FILE or --stereo FILE")
    for warning in recording.warnings:
        print(warning, file=sys.stderr)
    return recording


@contextmanager
def event_file(path: Path) -> Iterator[Callable[[Event], None]]:
    """Open ``path`` for one JSON line per event; yields what writes them."""
    try:
        file = path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise RecordingError(f"--events {path}: {error.strerror}") from error

    def write(event: Event) -> None:
        if not isinstance(event, PASSING):
            print(json.dumps(event.as_dict(), ensure_ascii=False), file=file)

    with file:
        yield write


def _pacer(pipeline: Pipeline, view: View, panel: Panel, times: float) -> Callable[[], None]:
    """Return what waits for the time to come and redraws the view every tick."""
    began = time.monotonic()
    frames = 0

    def paced() -> None:
        nonlocal frames
        frames += 1
        if frames % TICK_FRAMES:
            return
        leds = panel.reading()
        motor = leds.pop("motor", 0.0)
        view.frame(pipeline.t, pipeline.features.meter_db, leds, motor)
        ahead = frames * FRAME_S / times - (time.monotonic() - began)
        if ahead > 0:
            time.sleep(ahead)

    return paced
