"""``coach phrases tune``: what phrases have to cost so that ordinary speech holds few of them.

Comes in: a folder of recordings without any key-phrase. Goes out: an operating point, on disk.
Refuses to know: whether phrases that were said are still heard; that is the bench's business.

Each recording is heard as it is and in the telephone band. A phrase that is heard becomes dearer,
the network is compiled anew, and so on until no more are heard than are wanted.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.fft import irfft, rfft, rfftfreq
from rich.console import Console
from rich.progress import Progress

from coach.blocks import Block
from coach.cli.spotting import compiled
from coach.errors import PhraseError
from coach.features import Features
from coach.frames import FRAME, FRAME_S, RATE, Frame, Framer, Samples
from coach.keywords.engine import Model
from coach.keywords.operating_point import OperatingPoint, as_toml
from coach.keywords.pack import Pack
from coach.keywords.spotter import VoskSpotter
from coach.names import Leg
from coach.recordings import Recording
from coach.settings import Settings

STEP = 2.0  # nats that a phrase becomes dearer by at first; after that, twice as dear each time
ROUNDS = 8
AUDIO = {".wav", ".flac"}
TELEPHONE_HZ = (300, 3400)

Say = Callable[[str], None]


def recordings(folder: Path) -> list[Path]:
    """Return the recordings in a folder and those below it. Raises PhraseError without any."""
    if not folder.is_dir():
        raise PhraseError(f"--speech {folder}: expected a folder of WAV or FLAC recordings")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in AUDIO)
    if not found:
        raise PhraseError(f"--speech {folder}: no WAV or FLAC recording in it")
    return found


def tuned(
    pack: Pack,
    start: OperatingPoint,
    speech: list[Path],
    per_hour: float,
    settings: Settings,
    say: Say,
) -> OperatingPoint:
    """Return an operating point with which no more than ``per_hour`` phrases are heard an hour.

    Raises PhraseError where that is not reached in ROUNDS, and as compiling does.
    """
    phrases = dict(start.phrases)
    for round_ in range(1, ROUNDS + 1):
        point = OperatingPoint(start.bias, phrases)
        heard, hours = heard_in(speech, pack, point, settings, f"round {round_}")
        false = heard.total()
        say(
            f"round {round_}: {false} heard in {hours:.2f} h of speech, {false / hours:.2f} an hour"
        )
        if false <= per_hour * hours:
            origin = {
                "when": datetime.date.today().isoformat(),
                "recordings": len(speech),
                "hours_of_speech": round(hours, 2),
                "wanted_per_hour": per_hour,
                "heard": false,
            }
            return point._replace(origin=origin)
        for text in heard:
            phrases[text] = max(STEP, 2 * phrases.get(text, 0.0))
    raise PhraseError(
        f"still {false} phrases in {hours:.2f} h after {ROUNDS} rounds; are the recordings without "
        f"key-phrases? Heard most: {', '.join(text for text, _ in heard.most_common(3))}"
    )


def heard_in(
    speech: list[Path], pack: Pack, point: OperatingPoint, settings: Settings, title: str
) -> tuple[Counter[str], float]:
    """Return how often each phrase is heard in recordings, and hours of speech in them."""
    network = compiled(pack, settings, lambda _: None, point)
    model = Model(network.folder)
    heard: Counter[str] = Counter()
    seconds = 0.0
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for path in progress.track(speech, description=title):
            wide = np.concatenate([frame.samples for frame in _frames(path, settings)])
            for samples in (wide, in_telephone_band(wide)):
                features = Features(settings)
                spotter = VoskSpotter(Leg.AGENT, model, network.phrases, settings.keywords)
                for index in range(len(samples) // FRAME):
                    part = samples[index * FRAME : (index + 1) * FRAME]
                    frame = Frame(index, (index + 1) * FRAME_S, part)
                    features.push(frame, None)
                    voiced = features.voiced[Leg.AGENT]
                    seconds += FRAME_S * voiced
                    heard.update(event.phrase for event in spotter.push(frame, voiced))
                heard.update(event.phrase for event in spotter.finish(len(samples) / RATE))
    if not seconds:
        raise PhraseError(f"{speech[0].parent}: no speech in the recordings")
    return heard, seconds / 3600


def in_telephone_band(samples: Samples) -> Samples:
    """Return float32[n] at 16 kHz with nothing but 300 to 3400 Hz left."""
    spectrum = rfft(samples)
    hz = rfftfreq(len(samples), 1 / RATE)
    spectrum[(hz < TELEPHONE_HZ[0]) | (hz > TELEPHONE_HZ[1])] = 0
    return irfft(spectrum, len(samples)).astype(np.float32)


def write(path: Path, point: OperatingPoint) -> None:
    """Write an operating point. Raises PhraseError where that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_toml(point), "utf-8")
    except OSError as error:
        raise PhraseError(f"{path}: cannot be written: {error.strerror}") from error


def _frames(path: Path, settings: Settings) -> Iterator[Frame]:
    """Yield the frames of a recording's one leg, whatever its rate."""
    with Recording(path) as recording:
        framer = Framer(recording.rates[Leg.AGENT], settings.audio)
        for item in recording:
            if isinstance(item, Block):
                yield from framer.push(item.samples)
        yield from framer.flush()
