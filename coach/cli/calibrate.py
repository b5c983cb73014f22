"""``coach calibrate``: learns the agent's own level from a minute of normal speech.

Comes in: the agent's microphone, or a recording of his leg. Goes out: progress in plain words, the
level kept with the unit, or one line on why it cannot be told. Refuses to know: how it is measured.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from coach import band_file
from coach.band import band_of, calibrated, set_by_hand
from coach.blocks import AudioSource, Block, Lost
from coach.cli import COMMANDS, Subparsers, settings_of
from coach.clock import WallClock
from coach.errors import CalibrationError, DeviceError, RecordingError
from coach.features.calibration import Calibration, Heard
from coach.frames import Frame, Framer
from coach.names import Leg
from coach.recordings import Recording
from coach.settings import Settings

_SHOWN_EVERY = 50  # frames: a second on a terminal
_LINE_EVERY = 500  # and ten where every line stays


def add(subparsers: Subparsers) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "calibrate",
        help=COMMANDS["calibrate"],
        description="Speak as in a call for about a minute, as loud as you normally do. The level "
        "is kept with the unit; cues then tell when you leave your own band.",
    )
    parser.add_argument(
        "--from", dest="recording", type=Path, metavar="FILE", help="a recording of the agent's leg"
    )
    parser.add_argument("--stereo", type=Path, metavar="FILE", help="one recording of both legs")
    parser.add_argument("--agent-channel", choices=("left", "right"), help="the agent's in it")


def run(args: argparse.Namespace) -> int:
    """Listen, learn, keep.

    Raises CalibrationError, and what opening the microphone or the recording raises; StateError
    where the unit cannot keep it, before anybody has spoken.
    """
    loaded = settings_of(args)
    settings = loaded.settings
    file = band_file.file_of(settings.unit)
    band_file.check_writable(file)
    with _source(args, settings) as source:
        if not isinstance(source, Recording):
            print(f"Speak as in a call, {settings.level.calibrate_s:g} s in all.", flush=True)
        calibration = _listened(source, settings)
    refusal = calibration.refusal()
    if refusal:
        heard_from = args.recording or args.stereo or "microphone"
        raise CalibrationError(f"{heard_from}: {refusal}; nothing is changed")
    heard = calibration.heard
    if heard.level_db is None:
        raise CalibrationError("no level")
    own = calibrated(settings.unit.id, heard.level_db, heard.spread_db, heard.told_s, WallClock())
    band_file.write(file, own)
    low_db, high_db = band_of(heard.level_db, settings.level)
    spread = f"talk-spurts differ by {heard.spread_db:.1f} dB"
    print(f"your level is {heard.level_db:.1f} dBov ({spread})")
    print(f"your band is {low_db:.1f} to {high_db:.1f} dBov, kept in {file}")
    by_hand = set_by_hand(loaded)
    if by_hand:
        print(f"it is not used while the band is set by hand: {by_hand}", file=sys.stderr)
    return 0


def _source(args: argparse.Namespace, settings: Settings) -> AudioSource:
    if args.stereo:
        if args.recording:
            raise RecordingError("--stereo has both legs: leave out --from")
        if not args.agent_channel:
            raise RecordingError("--stereo: say which leg is where: --agent-channel left|right")
        return Recording.stereo(args.stereo, args.agent_channel)
    if args.recording:
        return Recording(args.recording)
    from coach.capture import SoundCards

    return SoundCards(settings.audio)


def _listened(source: AudioSource, settings: Settings) -> Calibration:
    """Listen until there is enough, or nothing more to be had; show what is heard meanwhile."""
    calibration = Calibration(settings)
    terminal = sys.stderr.isatty()
    for count, frame in enumerate(_agent_frames(source, settings), 1):
        calibration.push(frame)
        if terminal and count % _SHOWN_EVERY == 0:
            print(f"\r{_progress(calibration.heard, settings):<76}", end="", file=sys.stderr)
        elif not terminal and count % _LINE_EVERY == 0:
            print(_progress(calibration.heard, settings), file=sys.stderr, flush=True)
        if calibration.done:
            break
    if terminal:
        print(file=sys.stderr)
    return calibration


def _agent_frames(source: AudioSource, settings: Settings) -> Iterator[Frame]:
    framer = Framer(source.rates[Leg.AGENT], settings.audio)
    for item in source:
        if isinstance(item, Lost) and item.leg is Leg.AGENT:
            raise DeviceError(f"{item.device}: {item.reason}; nothing is changed")
        if isinstance(item, Block) and item.leg is Leg.AGENT:
            yield from framer.push(item.samples)


def _progress(heard: Heard, settings: Settings) -> str:
    told = f"{heard.told_s:3.0f} of {settings.level.calibrate_s:g} s of speech"
    level = "no level yet" if heard.level_db is None else f"level {heard.level_db:.1f} dBov"
    noise = "" if heard.floor_db is None else f", noise {heard.floor_db:.0f} dBov"
    return f"{told}, {level}{noise}"
