"""The rules of phone etiquette: which cue the facts call for, and the record of a call.

Comes in: every event of the rooms above. Goes out: ``CueWanted`` and one ``CallRecord`` per call.
Refuses to know: whether a wanted cue is shown, what it looks like, what is written where.

``facts`` gathers what is known, each themed module holds the rules of one part of the call; a new
rule is a function of the facts in one of them, listed in its ``CUES`` or ``FIELDS``. A ring that
nobody answered leaves no record: a record is of a call that was picked up or dialled.
"""

from coach.events import CallRecord, CueWanted, Event
from coach.names import CueName
from coach.rules import answering, closing, holding, no_answer, talking
from coach.rules.facts import Facts, observe
from coach.rules.parts import reached
from coach.rules.rule import Want
from coach.settings import Settings

_THEMES = (answering, talking, holding, no_answer, closing)
_CUES = [rule for theme in _THEMES for rule in theme.CUES]
_FIELDS = [rule for theme in _THEMES for rule in theme.FIELDS]


class Rules:
    """Runs all rules after every event.

    ``customer_heard``: there is a customer leg; ``far_end_hook``: the line tells when the far end
    hangs up (a unit with nothing but its own hook switch cannot judge who did so first).
    """

    def __init__(
        self, settings: Settings, customer_heard: bool = True, far_end_hook: bool = True
    ) -> None:
        self._settings = settings
        self._facts = Facts(customer_heard=customer_heard, far_end_hook=far_end_hook)
        self._wanted: dict[CueName, Want] = {}
        self._recorded = 0  # number of the last call whose record is out

    def push(self, event: Event) -> list[Event]:
        """Take the next event; return cues wanted or no longer, and the record once it is due.

        The record is made ``call.settle_s`` after the call, so that phrases said just before the
        hook are in it, or when the next call begins.
        """
        before = self._facts
        self._facts = facts = observe(before, event, self._settings)
        if facts.number != before.number:
            records = self._record(before, event.t)
        elif facts.over is not None and reached(
            facts.now, facts.state_t + self._settings.call.settle_s
        ):
            records = self._record(facts, event.t)
        else:
            records = []
        wants = [want for rule in _CUES if (want := rule(facts, self._settings))]
        return [*self._changes(wants, event.t), *records]

    def finish(self, t: float) -> list[Event]:
        """The recording is over at ``t``: lower every cue and bring out a record still due."""
        return [*self._changes([], t), *self._record(self._facts, t)]

    def _record(self, facts: Facts, t: float) -> list[Event]:
        if facts.over is None or facts.number == self._recorded:
            return []
        self._recorded = facts.number
        fields = {}
        for rule in _FIELDS:
            fields.update(rule(facts, self._settings))
        return [CallRecord(t=t, fields=fields)]

    def _changes(self, wants: list[Want], t: float) -> list[Event]:
        before, self._wanted = self._wanted, {want.cue: want for want in wants}
        lowered = [
            CueWanted(t=t, cue=want.cue, rule=want.rule, wanted=False)
            for want in before.values()
            if want.cue not in self._wanted
        ]
        raised = [
            CueWanted(t=t, cue=want.cue, rule=want.rule, wanted=True, early=want.early)
            for want in wants
            if before.get(want.cue) != want
        ]
        return [*lowered, *raised]
