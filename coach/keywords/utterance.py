"""One utterance of a leg on its way to the recogniser.

Comes in: audio, from shortly before the voice to the silence after it. Goes out: words with times,
and the audio as the recogniser was given it. Refuses to know: phrases, the call.
"""

import numpy as np

from coach.frames import RATE, Samples
from coach.keywords.engine import Recogniser
from coach.keywords.search import Word
from coach.keywords.wideband import Widener

NOTHING: Samples = np.empty(0, np.float32)


class Utterance:
    """Feeds one utterance to ``recogniser``.

    ``begin``: seconds of audio at which it begins, without ``carried``: audio of what was said
    just before, float32[n], that is heard again in front. ``widen``: it is telephone-band.
    """

    def __init__(
        self, recogniser: Recogniser, begin: float, carried: Samples, *, widen: bool
    ) -> None:
        self.carried_s = len(carried) / RATE
        self.begin = begin - self.carried_s
        self.seconds = 0.0  # without what was carried over
        self._recogniser = recogniser
        self._widener = Widener() if widen else None
        self._given: list[Samples] = []
        self._give(carried)

    @property
    def audio(self) -> Samples:
        """What the recogniser was given, float32[n] at 16 kHz, from ``begin`` on."""
        return np.concatenate((NOTHING, *self._given))

    def push(self, samples: Samples) -> None:
        """Take in the next samples, float32[n] at 16 kHz."""
        self.seconds += len(samples) / RATE
        self._give(self._widener.push(samples) if self._widener else samples)

    def finish(self) -> list[Word]:
        """End the utterance; return its words, timed in seconds from ``begin``."""
        if self._widener:
            self._give(self._widener.finish())
        return self._recogniser.finish()

    def _give(self, samples: Samples) -> None:
        if len(samples):
            self._given.append(samples)
            self._recogniser.accept(samples)
