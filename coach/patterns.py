"""What the wearer sees and feels, as data: light patterns, vibration rhythms, the look of a cue.

Comes in: nothing. Goes out: for each cue its light, its vibration, its kind and its rank, and the
table of ``docs/cues.md`` (``python -m coach.patterns``). Refuses to know: pins, time and when a
cue is due.

Each colour has a rhythm of its own, so that nobody has to tell colours apart. No light flashes
more than three times a second (WCAG 2.1, 2.3.1). Steps are whole ticks of 0.1 s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from coach.names import CueName

COLOURS = ("red", "amber", "green", "blue")

# Seconds by which a time may fall short of a step's edge: t is a sum of floats.
_EDGE_S = 1e-6


@dataclass(frozen=True)
class Pattern:
    """Steps of (seconds, level 0..1), run ``times`` times or, without it, for as long as shown."""

    steps: tuple[tuple[float, float], ...]
    times: int | None = None

    @property
    def round_s(self) -> float:
        """Length of one round in seconds."""
        return sum(seconds for seconds, _ in self.steps)

    def level(self, elapsed_s: float) -> float:
        """Return the level, 0..1, ``elapsed_s`` seconds after the pattern began."""
        rounds, rest = divmod(max(0.0, elapsed_s) + _EDGE_S, self.round_s)
        if self.times is not None and rounds >= self.times:
            return 0.0
        for seconds, level in self.steps:
            if rest < seconds:
                return level
            rest -= seconds
        return self.steps[-1][1]


# Light: name -> colour -> pattern.
LEDS: Mapping[str, Mapping[str, Pattern]] = {
    "red": {"red": Pattern(((0.2, 1.0), (0.2, 0.0)))},
    "amber": {"amber": Pattern(((0.2, 1.0), (0.2, 0.0), (0.2, 1.0), (0.8, 0.0)))},
    "green": {"green": Pattern(((1.0, 1.0),))},
    "green/hold": {"green": Pattern(((0.1, 1.0), (1.9, 0.0)))},
    "blue": {"blue": Pattern(((1.0, 1.0), (1.0, 0.0)))},
    "blue/fault": {
        "blue": Pattern(((0.5, 1.0), (0.5, 0.0))),
        "red": Pattern(((0.5, 0.0), (0.5, 1.0))),
    },
}

# Vibration: a small motor needs about 0.1 s to spin up, so nothing is shorter than 0.2 s.
VIBRATIONS: Mapping[str, Pattern] = {
    "hold": Pattern(((0.6, 1.0), (0.3, 0.0)), times=2),
    "wait": Pattern(((0.2, 1.0), (0.2, 0.0)), times=3),
    "soft": Pattern(((0.2, 0.6),), times=1),
    "fault": Pattern(((0.2, 0.6), (0.2, 0.0), (0.8, 0.6)), times=1),
}


class Kind(StrEnum):
    """How a cue is kept rare."""

    URGENT = "hold or hang-up"
    SOFT = "soft"
    STANDING = "standing"


class Look(NamedTuple):
    """What a cue looks and feels like, how it is kept rare, and what it says to the wearer."""

    led: str
    vibration: str | None
    kind: Kind
    says: str


# In order of rank: the first goes over all others.
LOOKS: Mapping[CueName, Look] = {
    CueName.PREMATURE_HANG_UP: Look(
        "red", "wait", Kind.URGENT, "You hung up before the customer did"
    ),
    CueName.FREE_TO_HANG_UP: Look(
        "green", None, Kind.URGENT, "The customer is gone: you may hang up"
    ),
    CueName.CHECK_BACK: Look(
        "red", "hold", Kind.URGENT, "Hold: go back again, say how much longer it takes"
    ),
    CueName.HOLD_LIMIT: Look(
        "red", "hold", Kind.URGENT, "Hold: time is up, go back to the customer"
    ),
    CueName.WAIT_FOR_CUSTOMER: Look(
        "amber", "wait", Kind.URGENT, "Wait: let the customer hang up first"
    ),
    CueName.CALL_OUT: Look(
        "amber", None, Kind.SOFT, "The customer is silent: ask whether they hear you"
    ),
    CueName.DEAD_AIR: Look("amber", "soft", Kind.SOFT, "Say what you are doing"),
    CueName.TALK_OVER: Look("amber", "soft", Kind.SOFT, "Let the customer finish"),
    CueName.TOO_LOUD: Look("amber", "soft", Kind.SOFT, "A little softer, please"),
    CueName.TOO_QUIET: Look("amber", "soft", Kind.SOFT, "A little louder, please"),
    CueName.TOO_FAST: Look("amber", "soft", Kind.SOFT, "A little slower, please"),
    CueName.TOO_SLOW: Look("amber", "soft", Kind.SOFT, "A little faster, please"),
    CueName.CALL_BACK: Look(
        "blue", None, Kind.STANDING, "The line dropped: call the customer back"
    ),
    CueName.FAULT: Look(
        "blue/fault", "fault", Kind.STANDING, "The coach has a fault and may miss things"
    ),
}
RANK: Mapping[CueName, int] = {cue: rank for rank, cue in enumerate(LOOKS)}

# An early warning shows and says this, whatever the cue will look like.
EARLY_LED = "amber"
EARLY_SAYS = "Hold: time is nearly up"
# With no cue to show: on hold, within the limit.
ON_HOLD_LED = "green/hold"


def page() -> str:
    """Return ``docs/cues.md``, made from the tables above."""
    rows = [
        "# What the wearer sees and feels",
        "",
        "Made from `coach/patterns.py` by `python -m coach.patterns > docs/cues.md`. The first row",
        "goes over all others; one cue is shown at a time.",
        "",
        "| cue | light | vibration | kind | says |",
        "|---|---|---|---|---|",
    ]
    rows += [
        f"| `{cue}` | {look.led} | {look.vibration or '-'} | {look.kind} | {look.says} |"
        for cue, look in LOOKS.items()
    ]
    rows += [
        "",
        f"An early warning (the hold clock before its limit) is {EARLY_LED} without vibration.",
        f"On hold within the limit the light is {ON_HOLD_LED}; with nothing to say it is dark.",
        "",
        "- **hold or hang-up**: shown at once, as often as it is wanted, and again without",
        "  vibration after a cue that goes over it.",
        "- **soft**: only in a call, not in its first seconds (`cues.quiet_at_start_s`), not begun",
        "  while the customer speaks, not again within `cues.cooldown_s`, not more than",
        "  `cues.cap_per_hour` in an hour.",
        "- **standing**: shown whenever nothing else is. A fault that comes back within",
        "  `cues.cooldown_s` does not vibrate again.",
        "",
        "A cue that was wanted and never shown is recorded once, as `suppressed`, when it is no",
        "longer wanted. Its `reason` is what held it back last: `no_call`, `quiet_at_start`,",
        "`customer_speaks`, `cooldown`, `cap` or `other_cue`.",
        "",
        "| light or vibration | rhythm |",
        "|---|---|",
    ]
    rows += [
        f"| {name} | {'; '.join(f'{c}: {_rhythm(p)}' for c, p in lines.items())} |"
        for name, lines in LEDS.items()
    ]
    rows += [f"| {name} | {_rhythm(pattern)} |" for name, pattern in VIBRATIONS.items()]
    return "\n".join(rows) + "\n"


def _rhythm(pattern: Pattern) -> str:
    steps = [
        f"{seconds:g} s {'off' if not level else 'on' if level == 1 else f'at {level:.0%}'}"
        for seconds, level in pattern.steps
    ]
    if pattern.times is None:
        return ", ".join(steps) if len(steps) > 1 else "steady"
    return ", ".join(steps) + (f", {pattern.times} times" if pattern.times > 1 else "")


if __name__ == "__main__":
    print(page(), end="")
