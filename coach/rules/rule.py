"""What a rule is: a pure function of the facts.

Comes in: the facts of a call and the settings. Goes out: a cue rule's wish for as long as the
facts call for it, or a field rule's part of the call's record. Refuses to know: when a wish began
or ended; because a rule only says what is so now, no cue can outlive its reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coach.names import CueName
from coach.rules.facts import Facts
from coach.settings import Settings

Fields = Mapping[str, float | int | bool | str | None]


@dataclass(frozen=True)
class Want:
    """A cue that a rule (its id in the etiquette) wants shown. ``early``: the first warning."""

    cue: CueName
    rule: str
    early: bool = False


CueRule = Callable[[Facts, Settings], Want | None]
FieldRule = Callable[[Facts, Settings], Fields]
