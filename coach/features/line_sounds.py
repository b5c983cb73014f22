"""What a leg carries when it carries no voice: a tone, music, or nothing at all.

Comes in: 100 ms of a leg at a time. Goes out: `Tone` events, and whether voice is none just now.
Refuses to know: the state of the call. Tones and music are the far end's and the network's, so
they are listened for in the customer's leg alone; either leg may go dead.
"""

from collections.abc import Iterator

from coach.events import Tone
from coach.features.line_state import LineState
from coach.features.music import MusicDetector
from coach.features.tones import ToneDetector
from coach.frames import Samples
from coach.names import Leg, ToneName


class LineSounds:
    """Listens to one leg for what is no voice.

    ``voiceless_since``: since when the leg carries a tone or music instead of a voice, or None.
    """

    def __init__(self, leg: Leg) -> None:
        self.voiceless_since: float | None = None
        self._leg = leg
        self._tones = ToneDetector(leg) if leg is Leg.CUSTOMER else None
        self._music = MusicDetector()
        self._state = LineState()
        self._told: dict[ToneName, float] = {}

    def push(self, t: float, samples: Samples, speaks: bool) -> Iterator[Tone]:
        """Take in 100 ms that end at ``t``, float32[1600]; yield what began or ended."""
        if self._tones is not None:
            yield from self._tones.push(t, samples)
            self._music.push(t, samples)
            tone = self._tones.since
            music = self._music.since if tone is None else None
            yield from self._change(t, ToneName.MUSIC, music)
            self.voiceless_since = music if tone is None else tone
        self._state.push(t, samples, speaks)
        yield from self._change(t, ToneName.DEAD_LINE, self._state.since)

    def _change(self, t: float, name: ToneName, since: float | None) -> Iterator[Tone]:
        before = self._told.get(name)
        if since is not None and before is None:
            self._told[name] = since
            yield Tone(t=t, leg=self._leg, tone=name, since=since, ongoing=True)
        elif since is None and before is not None:
            del self._told[name]
            yield Tone(t=t, leg=self._leg, tone=name, since=before, ongoing=False)
