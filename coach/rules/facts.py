"""All that is known about the call so far: one frozen record, and one function that moves it on.

Comes in: the facts and the next event. Goes out: the facts after it. Refuses to know: what any
rule makes of them. Facts begin anew with each call (a ring, or a call begun without one); what
outlives a call is a voice still speaking and a dropped line that nobody has called back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from coach.events import (
    AgentBand,
    BreathGroup,
    CallState,
    DeadAir,
    Event,
    KeyPhrase,
    Level,
    LineSignal,
    Noise,
    Pace,
    TalkOver,
    Voice,
)
from coach.names import Category, Leg, Party, Signal, Source, State
from coach.rules.measures import levelled, paced
from coach.rules.overlaps import Interruptions
from coach.rules.parts import Drift, HoldClock, Said, Speech, reached
from coach.rules.silences import Silences, split
from coach.rules.surroundings import Surroundings
from coach.settings import Settings

TALK = (State.TALKING, State.CLOSING)
NO_CALL = (State.IDLE, State.ENDED, State.DROPPED)

# With these the agent says why nobody is about to speak, with the latter two that it takes a while.
ANNOUNCEMENTS = (Category.READ_BACK, Category.HOLD_REQUEST, Category.TIME_PROMISE)
AT_WORK = (Category.HOLD_REQUEST, Category.TIME_PROMISE)


@dataclass(frozen=True)
class Facts:
    """One call. Times in seconds of audio; ``None`` or ``NEVER``: it has not happened.

    ``state_t``, ``state_source``: when and how the state became known; ``began``: picked up or
    dialled; ``connected``: the two can hear each other; ``gone``: the far end's hook; ``over``: the
    call's end; ``by``: who ended it. ``call_out``, ``notice``: the agent called out, then announced
    to disconnect, and the customer has not said a word since. ``band``: the agent's own, once it is
    known; ``levelled_s``: seconds of the agent's speech in this call whose level could be told.
    ``breaths``, ``fastest_sps``: the agent's breath groups and the pace of the fastest.
    """

    customer_heard: bool = True
    far_end_hook: bool = True
    number: int = 0
    now: float = 0.0
    state: State = State.IDLE
    state_t: float = 0.0
    state_source: Source = Source.LINE
    source: Source = Source.LINE
    direction: str = "unknown"
    rings: int = 0
    began: float | None = None
    connected: float | None = None
    closing: float | None = None
    gone: float | None = None
    over: float | None = None
    by: Party | None = None
    agent: Speech = field(default_factory=Speech)
    customer: Speech = field(default_factory=Speech)
    said: Mapping[tuple[Leg, Category], Said] = field(default_factory=dict)
    hold: HoldClock = field(default_factory=HoldClock)
    band: AgentBand | None = None
    level: Drift = field(default_factory=Drift)
    levelled_s: float = 0.0
    pace: Drift = field(default_factory=Drift)
    breaths: int = 0
    fastest_sps: float | None = None
    interruptions: Interruptions = field(default_factory=Interruptions)
    surroundings: Surroundings = field(default_factory=Surroundings)
    silences: Silences = field(default_factory=Silences)
    call_out: float | None = None
    called_out: bool = False
    notice: float | None = None
    dropped: float | None = None
    called_back_after_s: float | None = None

    def by_agent(self, category: Category) -> Said | None:
        """What the agent said of a category in this call."""
        return self.said.get((Leg.AGENT, category))

    @property
    def first_hook(self) -> float | None:
        """When the first of the two left the line, or the call faded out."""
        return self.over if self.gone is None else self.gone

    @property
    def talking(self) -> bool:
        """Whether the two are connected and nobody is on hold."""
        return self.state in TALK and self.connected is not None

    @property
    def quiet_since(self) -> float | None:
        """Since when nobody has spoken, held the line or connected; None while somebody speaks."""
        if self.agent.active or self.customer.active or self.connected is None:
            return None
        return max(self.agent.until, self.customer.until, self.connected, self.hold.ended)

    def announced(self, silence: float, by: Iterable[Category], settings: Settings) -> bool:
        """Whether a phrase ``by`` the agent just before it announced a silence begun at then."""
        ends = (said.end for category in by if (said := self.by_agent(category)))
        return any(reached(end, silence - settings.dead_air.announced_within_s) for end in ends)

    def dead_air(self, until: float, settings: Settings) -> tuple[float, float]:
        """Seconds of the dead air going on, off hold, unexplained and excused."""
        since = self.silences.since
        if since is None or self.connected is None or self.state not in TALK:
            return 0.0, 0.0
        began = max(since, self.connected, self.hold.ended)
        announced = self.announced(began, ANNOUNCEMENTS, settings)
        return split(until - began, announced, settings.dead_air)


def observe(facts: Facts, event: Event, settings: Settings) -> Facts:
    """Return the facts after ``event``."""
    facts = replace(facts, now=max(facts.now, event.t))
    match event:
        case CallState():
            return _moved(facts, event, settings)
        case Voice():
            return _voiced(facts, event)
        case KeyPhrase():
            return _said(facts, event, settings)
        case LineSignal(signal=Signal.RING) if facts.state is State.RINGING:
            return replace(facts, rings=facts.rings + 1)
        case LineSignal(signal=Signal.OFF_HOOK, by=Party.FAR_END) if facts.began is not None:
            return _connect(facts, event.t)
        case AgentBand():
            return replace(facts, band=event)
        case Level(leg=Leg.AGENT) if _fresh(facts, facts.level):
            return replace(facts, level=levelled(facts.level, event, facts.band, settings))
        case Pace(leg=Leg.AGENT) if _fresh(facts, facts.pace):
            return replace(facts, pace=paced(facts.pace, event, settings))
        case BreathGroup(leg=Leg.AGENT) if facts.talking:
            fastest = max(facts.fastest_sps or 0.0, event.syllables_per_s)
            return replace(facts, breaths=facts.breaths + 1, fastest_sps=fastest)
        case Noise(leg=Leg.AGENT) if facts.connected is not None:
            # on hold the customer does not hear the room
            if facts.state is State.ON_HOLD:
                return facts
            heard = facts.surroundings.hear(event, facts.talking, settings.noise.interval_s)
            return replace(facts, surroundings=heard)
        case TalkOver(leg=Leg.AGENT, ongoing=True) if facts.talking:
            return replace(facts, interruptions=facts.interruptions.hear(event))
        case TalkOver(leg=Leg.AGENT, ongoing=False):
            return replace(facts, interruptions=facts.interruptions.hear(event))
        case DeadAir(ongoing=True):
            return replace(facts, silences=replace(facts.silences, since=event.start))
        case DeadAir():
            over = facts.dead_air(event.start + event.duration_s, settings)
            return replace(facts, silences=replace(facts.silences.add(*over), since=None))
    return facts


def _moved(facts: Facts, event: CallState, settings: Settings) -> Facts:
    if event.previous in NO_CALL:
        facts = _next_call(facts)
    if event.state not in TALK:
        over = facts.dead_air(event.since, settings)
        facts = replace(facts, silences=facts.silences.add(*over))
    if event.state is State.ON_HOLD:
        facts = replace(
            facts,
            hold=facts.hold.begin(event.since),
            level=facts.level.broken(),
            pace=facts.pace.broken(),
        )
    elif event.previous is State.ON_HOLD:
        facts = replace(facts, hold=facts.hold.end(event.since, settings.hold))
    facts = replace(facts, state=event.state, state_t=event.t, state_source=event.source)
    match event.state:
        case State.RINGING:
            return replace(facts, rings=1)
        case State.TALKING if facts.began is None:
            return _picked_up(facts, event, settings)
        case State.TALKING:
            return replace(facts, closing=None)
        case State.CLOSING if event.previous is not State.ON_HOLD:
            return replace(facts, closing=event.since)
        case State.FAR_END_GONE:
            return replace(facts, gone=event.since)
        case State.ENDED:
            return replace(facts, over=event.since, by=event.by)
        case State.DROPPED:
            told = facts.far_end_hook or event.source is Source.AUDIO
            lost = facts.connected is not None and told
            return replace(facts, over=event.since, dropped=event.since if lost else facts.dropped)
    return facts


def _next_call(facts: Facts) -> Facts:
    return Facts(
        customer_heard=facts.customer_heard,
        far_end_hook=facts.far_end_hook,
        number=facts.number + 1,
        now=facts.now,
        agent=Speech(facts.agent.active, facts.agent.begun),
        customer=Speech(facts.customer.active, facts.customer.begun),
        silences=Silences(facts.silences.since),
        band=facts.band,
        dropped=facts.dropped,
    )


def _picked_up(facts: Facts, event: CallState, settings: Settings) -> Facts:
    facts = replace(facts, began=event.since, source=event.source)
    if event.previous is not State.RINGING and event.source is Source.LINE:
        # We dialled: who has been dialled is not there before being heard or seen to answer.
        after = None if facts.dropped is None else event.since - facts.dropped
        late = after is not None and after > settings.closing.call_back_s
        return replace(
            facts,
            direction="outgoing",
            dropped=None,
            called_back_after_s=None if late else after,
        )
    if event.source is Source.AUDIO:  # who called whom cannot be heard: take it for the call back
        facts = replace(facts, dropped=None)
    direction = "incoming" if event.previous is State.RINGING else "unknown"
    return _connect(replace(facts, direction=direction), event.since)


def _connect(facts: Facts, t: float) -> Facts:
    if facts.connected is not None or facts.over is not None:
        return facts
    facts = replace(facts, connected=t)
    if facts.agent.active:
        first = max(t, facts.agent.begun)
        return replace(facts, agent=replace(facts.agent, first=first))
    return facts


def _voiced(facts: Facts, event: Voice) -> Facts:
    speech = facts.agent if event.leg is Leg.AGENT else facts.customer
    since = event.since
    speech = speech.begin(since) if event.active else speech.stop(since, event.drawn_s)
    if event.leg is Leg.AGENT:
        if event.active and facts.connected is not None and speech.first is None:
            speech = replace(speech, first=since)
        if event.level_db is not None and facts.talking and facts.connected is not None:
            lasted = max(0.0, since - max(speech.begun, facts.connected))
            facts = replace(facts, levelled_s=facts.levelled_s + lasted)
        facts = replace(facts, agent=speech)
        return facts if facts.customer_heard else _answered(facts, event)
    facts = replace(facts, customer=speech)
    if event.active and facts.over is None:
        facts = replace(facts, call_out=None, notice=None)
    facts = _answered(facts, event)
    return replace(facts, surroundings=_beside(facts, event))


def _answered(facts: Facts, event: Voice) -> Facts:
    """Connect a dialled call: at the customer's voice or, if that is not heard, the agent's."""
    dialled = event.active and facts.began is not None and event.since >= facts.began
    return _connect(facts, event.since) if dialled else facts


def _said(facts: Facts, event: KeyPhrase, settings: Settings) -> Facts:
    if facts.began is None or event.end <= facts.began:
        return facts
    if facts.first_hook is not None and event.start > facts.first_hook:
        return facts
    key = (event.leg, event.category)
    before = facts.said.get(key)
    last = Said(event.start, event.start, event.end, 1)
    if before is not None:
        last = Said(before.first, event.start, event.end, before.count + 1)
    facts = replace(facts, said={**facts.said, key: last})
    if event.leg is Leg.CUSTOMER:
        return facts
    if event.seconds is not None and event.seconds > 0:
        promise = facts.hold.promise(event.seconds, event.start, event.end)
        facts = replace(facts, hold=promise)
    if event.category is Category.BACK_CHANNEL:
        facts = replace(facts, interruptions=facts.interruptions.listen(event))
    if event.category is Category.CALL_OUT:
        return _called_out(facts, event, settings)
    if event.category is Category.DISCONNECT_NOTICE and facts.call_out is not None:
        waited = reached(event.start, facts.call_out + settings.no_answer.wait_s)
        return replace(facts, notice=event.start) if waited else facts
    return _connect(facts, event.start)  # who is greeted has answered


def _called_out(facts: Facts, event: KeyPhrase, settings: Settings) -> Facts:
    """A call-out is one only to a customer who has been silent, and only till the answer."""
    since = facts.customer.silent_since(event.start)
    if since is None or facts.connected is None:
        return facts
    silent = max(since, facts.connected)
    if not reached(event.start, silent + settings.no_answer.wait_s):
        return facts
    unanswered = facts.customer.begun < event.start
    return replace(facts, called_out=True, call_out=event.end if unanswered else None)


def _beside(facts: Facts, event: Voice) -> Surroundings:
    """The customer's voice beside the knocks: from the connection to the first hook, off hold."""
    if facts.connected is None or (event.active and facts.state is State.ON_HOLD):
        return facts.surroundings
    until = event.since if facts.first_hook is None else min(event.since, facts.first_hook)
    return facts.surroundings.customer(event, until)


def _fresh(facts: Facts, drift: Drift) -> bool:
    """Whether the agent has spoken since the last measure: an old window again is no news."""
    return facts.talking and (facts.agent.active or facts.agent.until > drift.last)
