"""Who has left, as far as the sound of the line tells it.

Comes in: tones and dead legs as they begin and end. Goes out: a `Verdict`, once it is plain.
Refuses to know: hooks, words, what a verdict does to the call.

A network sends busy, congestion or its disconnect tone to whoever is still there: the far end has
left. A customer's leg gone dead while the agent's lives on is a far end that left as well. Who ends
a call stops sending at once and hears the other end stop, or a tone, a moment later, so an agent's
leg that dies that much sooner is an agent who hung up; one that dies long before is muted. When
both die together the sound does not tell, nor does a dial tone: either may have freed the line, and
before a closing it may be the agent's second one.
"""

from collections.abc import Mapping
from enum import Enum

from coach.events import Tone
from coach.names import Leg, ToneName
from coach.spoken_hold import reached

_LEFT = (ToneName.DISCONNECT, ToneName.BUSY, ToneName.CONGESTION)
_TOGETHER_S = 0.3
_RELEASE_S = 2.0  # between one end's release and the other's, at most
# From a tone's begin and from a leg's death till the agent's leg's death before it would be known,
# and from a leg's death, before a closing, till it is no mute.
_TONE_KNOWN_S = 2.2
_BOTH_KNOWN_S = 3.5
_NO_MUTE_S = 20.0


class Verdict(Enum):
    """What the sound of the line tells."""

    FAR_END_LEFT = "the far end left"
    AGENT_LEFT = "the agent left"
    OVER = "the line is gone, nobody knows by whom"


class Departure:
    """Listens to the tones of both legs."""

    def __init__(self) -> None:
        self._since: dict[tuple[Leg, ToneName], float] = {}

    def push(self, tone: Tone) -> None:
        """Take note that a tone began or ended."""
        key = (tone.leg, tone.tone)
        if tone.ongoing:
            self._since[key] = tone.since
        else:
            self._since.pop(key, None)

    @property
    def no_voice(self) -> bool:
        """Whether the customer's leg carries a tone or nothing: no call can begin on it."""
        return bool(self._customer().keys() - {ToneName.MUSIC})

    def verdict(
        self, t: float, closed: bool, line_known: bool, held: float
    ) -> tuple[Verdict, float] | None:
        """Return what is plain at ``t``, and since when.

        ``closed``: after a closing phrase. ``line_known``: the line tells of hooks; then a dead
        leg is not asked, tones alone are as sure. ``held``: when the last hold ended; a line may
        be dead while it is held, and a little longer.
        """
        customer = self._customer()
        left = [since for name, since in customer.items() if name in _LEFT]
        dead = None if line_known else customer.get(ToneName.DEAD_LINE)
        if left:
            since, due = left[0], left[0] + _TONE_KNOWN_S
        elif closed and ToneName.DIAL in customer:
            since = customer[ToneName.DIAL]
            due = since + _TONE_KNOWN_S
        elif dead is not None:
            since, due = dead, max(dead, held) + (_BOTH_KNOWN_S if closed else _NO_MUTE_S)
        else:
            return None
        if not reached(t, due):
            return None
        sooner = since - self._since.get((Leg.AGENT, ToneName.DEAD_LINE), float("inf"))
        if not line_known and _TOGETHER_S < sooner <= _RELEASE_S:
            return Verdict.AGENT_LEFT, since - sooner
        together = not line_known and abs(sooner) <= _TOGETHER_S
        untold = together or (not left and dead is None)
        return (Verdict.OVER if untold else Verdict.FAR_END_LEFT), since

    def _customer(self) -> Mapping[ToneName, float]:
        return {name: since for (leg, name), since in self._since.items() if leg is Leg.CUSTOMER}
