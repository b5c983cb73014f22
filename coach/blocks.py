"""What a source of audio hands to the frames room: blocks, devices lost and back.

Comes in: nothing. Goes out: the items that every source yields and the interface they share.
Refuses to know: where the samples come from and what becomes of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from coach.names import Leg

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Consecutive samples of one leg.

    ``samples``: float32, 1-D, -1..1, at ``rate`` samples per second. ``arrival``: monotonic
    seconds at which the last sample had come in; None from a file. ``dropped``: samples lost just
    before this block. Not-a-number stands for a sample that a lost device did not give.
    """

    leg: Leg
    samples: Samples
    rate: int
    arrival: float | None = None
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Lost:
    """The leg's device gives no more audio; ``reason`` in plain words."""

    leg: Leg
    device: str
    reason: str


@dataclass(frozen=True, slots=True)
class Back:
    """The leg's device, lost before, gives audio again."""

    leg: Leg
    device: str


@dataclass(frozen=True, slots=True)
class Over:
    """The leg's recording has come to its end."""

    leg: Leg


Item = Block | Lost | Back | Over


class AudioSource(Protocol):
    """A source of audio: iterated inside ``with``, which opens and closes it."""

    @property
    def rates(self) -> dict[Leg, int]:
        """Samples per second of each leg there is; known inside ``with``."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def __iter__(self) -> Iterator[Item]: ...
