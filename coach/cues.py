"""The arbiter: of all the cues the rules want, the one the wearer is shown.

Comes in: what rules want, call states, voice of the customer, faults, ticks. Goes out: cues
started, stopped, suppressed, and what light and vibration to show now. Refuses to know: why a rule
wants a cue, what a light looks like, and any clock but the events' ``t``.

A cue that wins starts at once. What was pushed aside or had to wait starts with the next tick, so
that nothing flashes up between two cues that follow each other in the same moment.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from coach.events import (
    CallState,
    Cue,
    CueWanted,
    Event,
    Fault,
    Tick,
    Voice,
)
from coach.names import CueAction, CueName, Leg, State
from coach.patterns import EARLY_LED, LOOKS, ON_HOLD_LED, RANK, Kind
from coach.sections import Cues

HOUR_S = 3600.0

# With the far end gone nobody is left to be polite to: soft cues end there, not at the hook.
_IN_CALL = frozenset({State.TALKING, State.ON_HOLD, State.CLOSING})


class Reason(StrEnum):
    """What holds a cue back."""

    NO_CALL = "no_call"
    QUIET_AT_START = "quiet_at_start"
    CUSTOMER_SPEAKS = "customer_speaks"
    COOLDOWN = "cooldown"
    CAP = "cap"
    OTHER_CUE = "other_cue"


@dataclass
class _Want:
    rule: str
    early: bool
    shown: bool = False
    vibrated: bool = False
    reason: Reason | None = None


class Arbiter:
    """Chooses one cue at a time: hold and hang-up over all, soft ones rarely, faults last."""

    def __init__(self, settings: Cues) -> None:
        self._settings = settings
        self._wants: dict[CueName, _Want] = {}
        self._active: CueName | None = None
        self._vibration: str | None = None
        self._since = 0.0
        self._state = State.IDLE
        self._connected_at = 0.0
        self._customer_speaks = False
        self._faulty: set[str] = set()
        self._ended: dict[CueName, float] = {}
        self._soft_starts: deque[float] = deque()

    @property
    def active(self) -> CueName | None:
        """The cue shown now."""
        return self._active

    @property
    def led(self) -> str | None:
        """Light to show now: the active cue's, else the status light, else none."""
        if self._active is not None:
            return EARLY_LED if self._wants[self._active].early else LOOKS[self._active].led
        within_limit = CueName.HOLD_LIMIT not in self._wants
        return ON_HOLD_LED if self._state is State.ON_HOLD and within_limit else None

    @property
    def vibration(self) -> str | None:
        """Vibration rhythm that began with the active cue, if it came with one."""
        return self._vibration

    @property
    def since(self) -> float:
        """Seconds of audio at which ``led`` and ``vibration`` began."""
        return self._since

    def push(self, event: Event) -> list[Cue]:
        """Take in one event; return what became of cues by it, in order."""
        match event:
            case CueWanted(wanted=True):
                return self._want(event.t, event.cue, event.rule, event.early)
            case CueWanted():
                return self._drop(event.t, [event.cue])
            case Fault():
                return self._fault(event)
            case CallState():
                return self._call_state(event)
            case Voice(leg=Leg.CUSTOMER):
                self._customer_speaks = event.active
            case Tick():
                return self._choose(event.t, self._wants)
        return []

    def close(self, t: float) -> list[Cue]:
        """Stop the active cue and record those never shown."""
        return self._drop(t, list(self._wants))

    def _want(self, t: float, cue: CueName, rule: str, early: bool) -> list[Cue]:
        want = self._wants.setdefault(cue, _Want(rule, early))
        if want.early != early:
            want.early, want.vibrated = early, False
            if cue is self._active:
                return [self._start(t, cue)]
        return self._choose(t, [cue])

    def _fault(self, event: Fault) -> list[Cue]:
        if event.cleared:
            self._faulty.discard(event.part)
        else:
            self._faulty.add(event.part)
        if self._faulty:
            return self._want(event.t, CueName.FAULT, "fault", early=False)
        return self._drop(event.t, [CueName.FAULT])

    def _call_state(self, event: CallState) -> list[Cue]:
        was_in_call = self._state in _IN_CALL
        self._state = event.state
        if self._active is None:
            self._since = event.t
        if event.state not in _IN_CALL:
            return self._drop(event.t, [c for c in self._wants if LOOKS[c].kind is Kind.SOFT])
        if not was_in_call:
            self._connected_at = event.since
        return []

    def _choose(self, t: float, candidates: Iterable[CueName]) -> list[Cue]:
        """Start the highest candidate that may start and goes over the active cue."""
        cues: list[Cue] = []
        for cue in sorted(candidates, key=RANK.__getitem__):
            if cue is self._active:
                continue
            if self._active is not None and RANK[cue] > RANK[self._active]:
                self._wants[cue].reason = Reason.OTHER_CUE
                continue
            reason = self._held_back(t, cue)
            if reason is None:
                if self._active is not None:
                    cues.append(self._stop(t, self._active))
                cues.append(self._start(t, cue))
            else:
                self._wants[cue].reason = reason
        return cues

    def _held_back(self, t: float, cue: CueName) -> Reason | None:
        if LOOKS[cue].kind is not Kind.SOFT:
            return None
        if self._state not in _IN_CALL:
            return Reason.NO_CALL
        if t - self._connected_at < self._settings.quiet_at_start_s:
            return Reason.QUIET_AT_START
        if self._cooling(t, cue):
            return Reason.COOLDOWN
        while self._soft_starts and self._soft_starts[0] <= t - HOUR_S:
            self._soft_starts.popleft()
        if len(self._soft_starts) >= self._settings.cap_per_hour:
            return Reason.CAP
        return Reason.CUSTOMER_SPEAKS if self._customer_speaks else None

    def _cooling(self, t: float, cue: CueName) -> bool:
        return cue in self._ended and t - self._ended[cue] < self._settings.cooldown_s

    def _start(self, t: float, cue: CueName) -> Cue:
        want, look = self._wants[cue], LOOKS[cue]
        flapping = cue is CueName.FAULT and self._cooling(t, cue)
        silent = want.early or want.vibrated or flapping
        want.shown = want.vibrated = True
        if look.kind is Kind.SOFT:
            self._soft_starts.append(t)
        self._active, self._since = cue, t
        self._vibration = None if silent else look.vibration
        return Cue(
            t=t,
            cue=cue,
            action=CueAction.START,
            led=self.led,
            vibration=self._vibration,
            rule=want.rule,
        )

    def _stop(self, t: float, cue: CueName) -> Cue:
        self._active, self._vibration, self._since = None, None, t
        self._ended[cue] = t
        return Cue(t=t, cue=cue, action=CueAction.STOP, rule=self._wants[cue].rule)

    def _drop(self, t: float, cues: Iterable[CueName]) -> list[Cue]:
        """Forget these wants: stop the one shown, record those that never were."""
        dropped: list[Cue] = []
        for cue in cues:
            if cue is self._active:
                dropped.append(self._stop(t, cue))
            want = self._wants.pop(cue, None)
            if want is not None and not want.shown:
                suppressed = CueAction.SUPPRESSED
                cue_event = Cue(t=t, cue=cue, action=suppressed, rule=want.rule, reason=want.reason)
                dropped.append(cue_event)
        return dropped
