"""The dead air of a call: what nobody explained, and what the agent had announced.

Comes in: when a silence begins and is over, and whether it was announced. Goes out: its seconds.
Refuses to know: call states, and what an announcement is.
"""

from dataclasses import dataclass, replace

from coach.rules.parts import reached
from coach.sections import Silence


@dataclass(frozen=True)
class Silences:
    """``since``: begin of the dead air going on; the seconds of all that are over."""

    since: float | None = None
    unexplained_s: float = 0.0
    excused_s: float = 0.0

    def add(self, unexplained_s: float, excused_s: float) -> "Silences":
        """A silence, or what there was of it in the talk, is over."""
        unexplained_s += self.unexplained_s
        return replace(self, unexplained_s=unexplained_s, excused_s=self.excused_s + excused_s)


def split(length_s: float, announced: bool, settings: Silence) -> tuple[float, float]:
    """Return the seconds of a silence that are unexplained and excused; 0 under the limit.

    An announcement excuses the first ``excused_s``.
    """
    if not reached(length_s, settings.limit_s):
        return 0.0, 0.0
    excused_s = min(length_s, settings.excused_s) if announced else 0.0
    return length_s - excused_s, excused_s
