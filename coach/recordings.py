"""Recorded calls: files that are read the way sound cards are.

Comes in: two mono files or one of two channels, WAV, FLAC, µ-law, any usual rate and depth. Goes
out: blocks of both legs in step, read as they are needed. Refuses to know: what is done with them.
A file is refused before its first block wherever that can be told without decoding it twice.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np
import soundfile

from coach.blocks import Block, Item, Over
from coach.errors import RecordingError, did_you_mean
from coach.names import Leg

LOWEST_RATE = 8000
HIGHEST_RATE = 192000

_STEP_S = 0.1
# Legs of one call end together but for a block or two of the recorder.
_UNEQUAL_S = 5.0
# Only these can hold what is not a number.
_FLOATS = ("FLOAT", "DOUBLE")
_HEADERLESS = (".ul", ".ulaw")
_USE_STEREO = "use --stereo FILE --agent-channel left|right"


@dataclass(frozen=True)
class _Track:
    """One leg: a channel of a file, with what its header says."""

    leg: Leg
    path: Path
    channel: int
    rate: int
    frames: int

    @property
    def duration_s(self) -> float:
        return self.frames / self.rate


class Recording:
    """Two mono files, the legs of one call; ``customer`` None where only the agent was recorded.

    ``warnings``: what is odd about the files but no reason to refuse them, one line each.
    Raises RecordingError naming the file, what was expected and what was probably meant; while
    iterating, too, for a file that is damaged further in.
    """

    def __init__(self, agent: Path, customer: Path | None = None) -> None:
        tracks = [_mono(Leg.AGENT, agent)]
        if customer is not None:
            tracks.append(_mono(Leg.CUSTOMER, customer))
        self._tracks = tracks
        self.warnings = _unequal(tracks)

    @classmethod
    def stereo(cls, path: Path, agent_channel: Literal["left", "right"]) -> Self:
        """Return the recording in one file of two channels; raises as the constructor does."""
        rate, frames, channels = _header(path)
        if channels == 1:
            raise RecordingError(
                f"{path}: 1 channel; expected 2 with --stereo; use --agent FILE for a single leg"
            )
        if channels != 2:
            raise RecordingError(f"{path}: {channels} channels; expected 2")
        right = (Leg.CUSTOMER, Leg.AGENT)[agent_channel == "right"]
        self = cls.__new__(cls)
        self._tracks = [
            _Track(leg, path, int(leg is right), rate, frames) for leg in (Leg.AGENT, Leg.CUSTOMER)
        ]
        self.warnings = []
        return self

    @property
    def rates(self) -> dict[Leg, int]:
        """Samples per second of each leg there is."""
        return {track.leg: track.rate for track in self._tracks}

    @property
    def paths(self) -> list[Path]:
        """The files, the agent's first; one where both legs are in it."""
        return list(dict.fromkeys(track.path for track in self._tracks))

    @property
    def duration_s(self) -> float:
        """Seconds until both legs are over."""
        return max(track.duration_s for track in self._tracks)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Do nothing: files are open only while they are iterated."""

    def __iter__(self) -> Iterator[Item]:
        """Yield 100 ms of each leg by turns, and `Over` when a leg is over."""
        with ExitStack() as files:
            playing = [(t, files.enter_context(_open(t.path))) for t in self._tracks]
            while playing:
                for track, file in playing.copy():
                    block = _read(track, file)
                    if block is None:
                        playing.remove((track, file))
                        yield Over(track.leg)
                    else:
                        yield block


def _read(track: _Track, file: soundfile.SoundFile) -> Block | None:
    at = file.tell()
    try:
        samples = file.read(round(track.rate * _STEP_S), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise RecordingError(
            f"{track.path}: damaged after {at / track.rate:.1f} s: {error.error_string}"
        ) from error
    if len(samples) == 0:
        return None
    return Block(track.leg, np.ascontiguousarray(samples[:, track.channel]), track.rate)


def _mono(leg: Leg, path: Path) -> _Track:
    rate, frames, channels = _header(path)
    if channels == 2:
        raise RecordingError(f"{path}: 2 channels; {_USE_STEREO}")
    if channels != 1:
        raise RecordingError(f"{path}: {channels} channels; expected 1, the {leg}'s leg alone")
    return _Track(leg, path, 0, rate, frames)


def _header(path: Path) -> tuple[int, int, int]:
    """Return rate, length in samples and channels of a file that can be used."""
    with _open(path) as file:
        rate, frames, channels = file.samplerate, file.frames, file.channels
        if frames == 0:
            raise RecordingError(f"{path}: is empty: a header and not one sample")
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise RecordingError(
                f"{path}: {rate} Hz; expected {LOWEST_RATE} to {HIGHEST_RATE} samples per second"
            )
        if file.subtype in _FLOATS:
            _check_finite(path, file)
    return rate, frames, channels


def _check_finite(path: Path, file: soundfile.SoundFile) -> None:
    at = 0
    while len(samples := file.read(file.samplerate, dtype="float32", always_2d=True)):
        finite = np.isfinite(samples).all(axis=1)
        if not finite.all():
            second = (at + int(np.argmin(finite))) / file.samplerate
            raise RecordingError(
                f"{path}: a sample is not a finite number at {second:.3f} s; expected -1 to 1"
            )
        at += len(samples)


def _open(path: Path) -> soundfile.SoundFile:
    if not path.exists():
        there = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise RecordingError(f"{path}: no such file{did_you_mean(path.name, there)}")
    if not path.is_file():
        raise RecordingError(f"{path}: not a file; expected a recording")
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise RecordingError(f"{path}: is empty")
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return soundfile.SoundFile(path)
    except soundfile.LibsndfileError as error:
        if path.suffix.lower() in _HEADERLESS:
            return soundfile.SoundFile(
                path, samplerate=8000, channels=1, format="RAW", subtype="ULAW"
            )
        raise RecordingError(
            f"{path}: not a recording ({error.error_string.rstrip('.')}); expected WAV, FLAC or "
            "µ-law (.wav, .au, or .ul without a header)"
        ) from error


def _unequal(tracks: list[_Track]) -> list[str]:
    lengths = [track.duration_s for track in tracks]
    if max(lengths) - min(lengths) <= _UNEQUAL_S:
        return []
    said = " and ".join(f"{track.path} {track.duration_s:.1f} s" for track in tracks)
    return [f"the legs differ in length: {said}; are they of one call?"]
