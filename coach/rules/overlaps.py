"""What the agent said over the customer: interruptions, and back-channels that are listed.

Comes in: talk-overs of the agent and the back-channels known by their words. Goes out: the
overlaps that count, in whichever order the two become known. Refuses to know: how many are many.
"""

from dataclasses import dataclass, replace

from coach.events import KeyPhrase, TalkOver

# Word times are right within 0.2 s, voice within 0.1 s.
_SLACK_S = 0.3
# Of the latest: what is older cannot be about each other any more.
_SPANS, _OPEN = 8, 4


@dataclass(frozen=True)
class Overlap:
    """From ``start`` until ``until`` as far as it is known; ``t``: when it became known.

    ``listed``: all of it was a back-channel from the phrase pack.
    """

    t: float
    start: float
    until: float
    listed: bool = False


@dataclass(frozen=True)
class Interruptions:
    """The agent's talk-overs of a call and the spans (start, end) of their last back-channels."""

    overlaps: tuple[Overlap, ...] = ()
    spans: tuple[tuple[float, float], ...] = ()

    @property
    def times(self) -> tuple[float, ...]:
        """When each that counts became known, in seconds of audio."""
        return tuple(overlap.t for overlap in self.overlaps if not overlap.listed)

    def hear(self, event: TalkOver) -> "Interruptions":
        """The agent came in, or the overlap is over and its length known."""
        until = event.start + event.duration_s
        if event.ongoing:
            begun = (*self.overlaps, Overlap(event.t, event.start, until))
            return replace(self, overlaps=begun)._judged()
        if not self.overlaps or self.overlaps[-1].start != event.start:
            return self
        ended = (*self.overlaps[:-1], replace(self.overlaps[-1], until=until))
        return replace(self, overlaps=ended)._judged()

    def listen(self, event: KeyPhrase) -> "Interruptions":
        """The agent said a listed back-channel."""
        spans = sorted([*self.spans, (event.start, event.end)])[-_SPANS:]
        return replace(self, spans=tuple(spans))._judged()

    def _judged(self) -> "Interruptions":
        latest = tuple(replace(o, listed=self._covered(o)) for o in self.overlaps[-_OPEN:])
        return replace(self, overlaps=(*self.overlaps[:-_OPEN], *latest))

    def _covered(self, overlap: Overlap) -> bool:
        reach = overlap.start
        for start, end in self.spans:
            if start - _SLACK_S <= reach:
                reach = max(reach, end + _SLACK_S)
        return reach >= overlap.until
