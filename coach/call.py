"""Follows a line through its calls: which trigger of the table an event pulls.

Comes in: line signals, voice, tones, key-phrases and ticks. Goes out: ``CallState``. Refuses to
know: any clock but the events' ``t``, what a rule makes of a state, what was said beside a
category. The states, and what moves a call from one to the next, stand in
``coach/call_states.py``.
"""

from coach.call_states import BEGINNING, TABLE, Trigger
from coach.departure import Departure, Verdict
from coach.events import (
    CallState,
    Event,
    KeyPhrase,
    LineSignal,
    Tick,
    Tone,
    Voice,
)
from coach.names import Category, Leg, Party, Signal, Source, State, ToneName
from coach.sections import CallProgress
from coach.spoken_hold import Speech, SpokenHold, reached

_HOOKS = {Signal.RING, Signal.OFF_HOOK, Signal.ON_HOOK}
_AGENT_CLOSES = {Category.GOODBYE, Category.DISCONNECT_NOTICE, Category.ASK_TO_HANG_UP}
_AGENT_REOPENS = {Category.HOLD_REQUEST, Category.TRANSFER, Category.ANYTHING_ELSE}
_OPEN = {State.TALKING, State.ON_HOLD, State.CLOSING}


class Call:
    """Follows one line through its calls.

    ``line_known``: the unit has ring and hook signals. ``customer_heard``: there is a customer
    leg; without one, the agent's silence may be the customer's turn and ends no call.
    """

    def __init__(
        self, settings: CallProgress, line_known: bool, customer_heard: bool = True
    ) -> None:
        self._settings = settings
        self._line_known = line_known
        self._customer_heard = customer_heard
        self._state = State.IDLE
        self._speech = {leg: Speech() for leg in Leg}
        self._spoken_hold = SpokenHold(self._speech, settings.audio_hold_s)
        self._departure = Departure()
        self._answered = False  # the customer has been heard in this call
        self._handing_on = False  # the agent has announced a transfer
        self._guessed = False  # the call under way began from audio
        self._began = 0.0
        self._last_ring = 0.0
        self._hold_moved = 0.0  # when a hold last began or ended
        self._line_hold = False
        self._closed: float | None = None  # end of the last closing phrase still in force
        self._vanished: float | None = None  # far end's hook, not yet judged
        self._agent_hook: float | None = None  # agent's hook that came while that one waits

    def push(self, event: Event) -> list[CallState]:
        """Take the next event; return the states the call entered by it, mostly none."""
        match event:
            case LineSignal():
                return self._signal(event)
            case Voice():
                return self._voice(event)
            case KeyPhrase():
                return self._phrase(event)
            case Tone():
                self._departure.push(event)
                if event.leg is Leg.CUSTOMER and event.tone is ToneName.RINGBACK:
                    self._answered = False  # what was heard was the ringing
                return self._departed(event.t)
            case Tick():
                return self._tick(event.t) or self._departed(event.t)
        return []

    def finish(self, t: float) -> list[CallState]:
        """End an open call at ``t``, where the recording is over."""
        if self._vanished is not None:
            return self._judge(t)
        if self._state is State.RINGING:
            return [self._go(Trigger.RINGING_STOPS, t, Source.AUDIO)]
        return self._cut_short(t) if self._state in _OPEN | {State.FAR_END_GONE} else []

    def _signal(self, event: LineSignal) -> list[CallState]:
        t, states = event.t, []
        self._line_known |= event.signal in _HOOKS
        trigger = self._trigger(event)
        if self._vanished is not None:
            if trigger is Trigger.AGENT_HANGS_UP:
                self._agent_hook = t
            if trigger not in BEGINNING:
                return []
            states = self._judge(t)
        if trigger is Trigger.RINGS:
            self._last_ring = t
        if trigger is Trigger.HOLD and self._state is State.ON_HOLD:
            self._line_hold = True
        over = self._state is State.FAR_END_GONE or (self._guessed and self._state in _OPEN)
        if trigger in BEGINNING and over:
            states += self._cut_short(t)
        if trigger is None or trigger not in TABLE[self._state]:
            return states
        if trigger is Trigger.FAR_END_VANISHES and self._just_spoken(t):
            self._vanished = t
            return states
        by = None
        if trigger in (Trigger.FAR_END_LEAVES, Trigger.FAR_END_VANISHES):
            by = Party.FAR_END
        elif trigger is Trigger.AGENT_HANGS_UP:
            by = Party.FAR_END if self._state is State.FAR_END_GONE else Party.AGENT
        return [*states, self._go(trigger, t, Source.LINE, by=by)]

    def _trigger(self, event: LineSignal) -> Trigger | None:
        match event.signal:
            case Signal.RING:
                return Trigger.RINGS
            case Signal.OFF_HOOK if event.by is not Party.FAR_END:
                return Trigger.AGENT_LIFTS
            case Signal.ON_HOOK if self._state is State.RINGING:
                return Trigger.RINGING_STOPS
            case Signal.ON_HOOK if event.by is Party.FAR_END:
                closed = self._closed is not None
                return Trigger.FAR_END_LEAVES if closed else Trigger.FAR_END_VANISHES
            case Signal.ON_HOOK:
                return Trigger.AGENT_HANGS_UP
            case Signal.HOLD_ON:
                return Trigger.HOLD
            case Signal.HOLD_OFF:
                return Trigger.BACK if self._closed is None else Trigger.BACK_TO_CLOSING
        return None

    def _voice(self, event: Voice) -> list[CallState]:
        speech = self._speech[event.leg]
        speech.hear(event)
        self._spoken_hold.heard(event.leg)
        if not event.active:
            return []
        if event.leg is Leg.CUSTOMER:
            self._answered = True
        trigger = None
        voice_begins = not self._line_known and not self._departure.no_voice
        if voice_begins and Trigger.VOICE in TABLE[self._state]:
            trigger = Trigger.VOICE
        elif event.leg is Leg.AGENT and self._state is State.ON_HOLD and not self._line_hold:
            trigger = Trigger.BACK
        return [self._go(trigger, event.t, Source.AUDIO, event.since)] if trigger else []

    def _phrase(self, event: KeyPhrase) -> list[CallState]:
        agent = event.leg is Leg.AGENT
        if event.end <= self._began or self._state not in (State.TALKING, State.CLOSING):
            return []
        if event.category is Category.GOODBYE or (agent and event.category in _AGENT_CLOSES):
            return self._close(event)
        self._handing_on |= agent and event.category is Category.TRANSFER
        states = []
        reopens = agent and event.category in _AGENT_REOPENS
        if reopens and self._closed is not None and event.start >= self._closed:
            states = [self._go(Trigger.GOES_ON, event.t, Source.AUDIO, event.start)]
        if agent and event.category is Category.HOLD_REQUEST and self._state is State.TALKING:
            self._spoken_hold.ask(event.end)
        return states

    def _close(self, event: KeyPhrase) -> list[CallState]:
        if self._vanished is not None and event.start >= self._vanished:
            return []
        if self._went_on(event.end, event.t):
            return []
        self._closed = event.end
        if self._state is State.CLOSING:
            return []
        states = [self._go(Trigger.CLOSING_PHRASE, event.t, Source.AUDIO, event.end)]
        for trigger, since in (
            (Trigger.FAR_END_LEAVES, self._vanished),
            (Trigger.AGENT_HANGS_UP, self._agent_hook),
        ):
            if since is not None:
                states.append(self._go(trigger, event.t, Source.LINE, since, Party.FAR_END))
        return states

    def _tick(self, t: float) -> list[CallState]:
        if self._vanished is not None:
            due = reached(t, self._vanished + self._settings.settle_s)
            return self._judge(t) if due else []
        match self._state:
            case State.RINGING if reached(t, self._last_ring + self._settings.rings_gap_s):
                return [self._go(Trigger.RINGING_STOPS, t, Source.LINE)]
            case State.TALKING if (since := self._spoken_hold.since(t)) is not None:
                return [self._go(Trigger.HOLD, t, Source.AUDIO, since)]
            case State.CLOSING if (since := self._reopened(t)) is not None:
                return [self._go(Trigger.GOES_ON, t, Source.AUDIO, since)]
            case State.TALKING | State.CLOSING | State.ON_HOLD if self._faded(t):
                return [self._go(Trigger.SILENCE, t, Source.AUDIO, self._quiet_since())]
        return []

    def _departed(self, t: float) -> list[CallState]:
        """Move on by what the line sounds like."""
        if self._state is State.FAR_END_GONE:
            over = not self._line_known and not self._departure.no_voice
            return self._cut_short(t) if over else []
        closed = self._state is State.CLOSING
        if not closed and (self._state is not State.TALKING or self._handing_on):
            return []  # a second line may be heard on a hold, and by who puts a call through
        told = self._departure.verdict(t, closed, self._line_known, self._hold_moved)
        if told is None:
            return []
        verdict, since = told
        since = max(since, self._began)
        if verdict is Verdict.AGENT_LEFT:
            return [self._go(Trigger.AGENT_HANGS_UP, t, Source.AUDIO, since, Party.AGENT)]
        if verdict is Verdict.OVER or not (closed or self._answered):
            return [self._go(Trigger.LINE_GOES, t, Source.AUDIO, since)]
        trigger = Trigger.FAR_END_LEAVES if closed else Trigger.FAR_END_VANISHES
        return [self._go(trigger, t, Source.AUDIO, since, Party.FAR_END)]

    def _went_on(self, closed: float, t: float) -> bool:
        """Whether somebody has talked past a closing phrase that is known only now."""
        for speech in self._speech.values():
            until = t if speech.active else speech.until
            since = max(speech.turn, closed)
            if reached(until, since + self._settings.reopen_after_s):
                return True
        return False

    def _reopened(self, t: float) -> float | None:
        assert self._closed is not None
        for speech in self._speech.values():
            since = max(speech.turn, self._closed)
            if speech.active and reached(t, since + self._settings.reopen_after_s):
                return since
        return None

    def _faded(self, t: float) -> bool:
        if self._line_known or not self._customer_heard:
            return False
        if any(speech.active for speech in self._speech.values()):
            return False
        on_hold = self._state is State.ON_HOLD
        limit_s = self._settings.audio_hold_max_s if on_hold else self._settings.audio_end_s
        return reached(t, self._quiet_since() + limit_s)

    def _quiet_since(self) -> float:
        spoken = max(speech.until for speech in self._speech.values())
        return max(spoken, self._began, self._hold_moved)

    def _just_spoken(self, t: float) -> bool:
        return self._state is State.TALKING and any(
            speech.active or speech.until > t - self._settings.settle_s
            for speech in self._speech.values()
        )

    def _judge(self, t: float) -> list[CallState]:
        return [self._go(Trigger.FAR_END_VANISHES, t, Source.LINE, self._vanished, Party.FAR_END)]

    def _cut_short(self, t: float) -> list[CallState]:
        by = Party.FAR_END if self._state is State.FAR_END_GONE else None
        return [self._go(Trigger.CUT_SHORT, t, Source.AUDIO, by=by)]

    def _go(
        self,
        trigger: Trigger,
        t: float,
        source: Source,
        since: float | None = None,
        by: Party | None = None,
    ) -> CallState:
        """Move on. Raises KeyError for a move the table does not have: a programming error."""
        previous, self._state = self._state, TABLE[self._state][trigger]
        since = t if since is None else since
        self._spoken_hold.forget()
        if trigger in BEGINNING:
            self._began = since
            self._guessed = trigger is Trigger.VOICE
            self._answered = self._speech[Leg.CUSTOMER].active
            self._handing_on = False
            self._closed = self._vanished = self._agent_hook = None
        elif trigger in (Trigger.HOLD, Trigger.BACK, Trigger.BACK_TO_CLOSING):
            self._hold_moved = since
            self._line_hold = source is Source.LINE
        elif trigger is Trigger.GOES_ON:
            self._closed = None
        elif trigger is Trigger.CLOSING_PHRASE:
            self._handing_on = False
        if self._state in (State.FAR_END_GONE, State.DROPPED, State.ENDED):
            self._vanished = self._agent_hook = None
        return CallState(
            t=t, state=self._state, previous=previous, source=source, since=since, by=by
        )
