"""A hold that is only asked for in words: the request, a short answer, then nobody says anything.

Comes in: both legs' voice and the end of the agent's request. Goes out: since when the customer
has been waiting, once that is plain. Refuses to know: line holds, call states, what was said.
"""

from dataclasses import dataclass

from coach.events import Voice
from coach.names import Leg

# Pauses inside one turn and inside one request, and the length of "yes, sure".
_TURN_PAUSE_S = 0.5
_REQUEST_PAUSE_S = 1.0
_ANSWER_S = 1.5
# Far shorter than a sample: rounding must not keep a time that is due waiting for the next tick.
_ROUNDING_S = 1e-6


def reached(t: float, due: float) -> bool:
    """Whether ``t`` is at or past ``due``, both in seconds of audio."""
    return t >= due - _ROUNDING_S


@dataclass
class Speech:
    """One leg's voice. ``turn``: when the turn began; ``begun``, ``until``: the talk-spurt."""

    active: bool = False
    turn: float = float("-inf")
    begun: float = float("-inf")
    until: float = float("-inf")

    def hear(self, voice: Voice) -> None:
        """Take note that the leg began or stopped speaking."""
        self.active = voice.active
        if not voice.active:
            self.until = voice.since
            return
        if voice.since - self.until > _TURN_PAUSE_S:
            self.turn = voice.since
        self.begun = voice.since


class SpokenHold:
    """Watches the silence after a request. ``speech``: both legs, kept up by the caller.

    ``quiet_s``: seconds of silence that show the hold, and for which the agent may go on after
    the phrase to finish the sentence.
    """

    def __init__(self, speech: dict[Leg, Speech], quiet_s: float) -> None:
        self._speech = speech
        self._quiet_s = quiet_s
        self._asked: float | None = None
        self._quiet = 0.0  # since when nobody has said anything beyond the request

    def ask(self, end: float) -> None:
        """Begin to watch: the agent's request ended at ``end``."""
        self._asked = self._quiet = end
        for leg in Leg:
            self.heard(leg)

    def forget(self) -> None:
        """Stop watching."""
        self._asked = None

    def heard(self, leg: Leg) -> None:
        """Weigh a leg's voice: still the request or its answer, or has the talk gone on?"""
        if self._asked is None:
            return
        speech = self._speech[leg]
        if speech.active:
            if leg is Leg.AGENT and speech.begun > self._quiet + _REQUEST_PAUSE_S:
                self.forget()
        elif self._goes_on(leg, self._asked, speech.until):
            self.forget()
        else:
            self._quiet = max(self._quiet, speech.until)

    def since(self, t: float) -> float | None:
        """Return since when the customer has been on hold, if by ``t`` that is plain."""
        if self._asked is None:
            return None
        if any(speech.active for speech in self._speech.values()):
            return None
        return self._quiet if reached(t, self._quiet + self._quiet_s) else None

    def _goes_on(self, leg: Leg, asked: float, until: float) -> bool:
        if leg is Leg.AGENT:
            return until - asked > self._quiet_s
        return until - max(asked, self._speech[leg].begun) > _ANSWER_S
