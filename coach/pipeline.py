"""The arrow: frames of both legs in, cues on the panel and every event to whoever listens.

Start reading here and follow it back. For each pair of frames: features and keywords hear, the
line tells, the call is followed, the rules judge, the arbiter chooses the cue. Time is the sample
count. Refuses to know: where the frames come from, what any room makes of its events.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from coach.blocks import AudioSource, Back, Block, Lost, Over
from coach.call import Call
from coach.cues import Arbiter
from coach.drift import Legs
from coach.events import (
    CallState,
    CueWanted,
    DeadAir,
    Event,
    Fault,
    Tick,
)
from coach.features import Features
from coach.frames import Frame
from coach.keywords.spotter import Spotter
from coach.line import LineSource
from coach.names import Leg, State
from coach.pins import Panel
from coach.rules import Rules
from coach.settings import Settings

TICK_FRAMES = 5  # 100 ms: how late a cue that only waits for time may be
PASSING = (Tick, CueWanted)  # between rooms alone: never written, never shown

# What listens to every event; it may answer with one of its own (a fault of the journal's disk,
# the band that was learned).
Sink = Callable[[Event], Event | None]

DEVICE = {Leg.AGENT: "microphone", Leg.CUSTOMER: "earpiece"}
_NO_CALL = (State.IDLE, State.ENDED, State.DROPPED)


@dataclass(frozen=True)
class Line:
    """The line signals and what they can tell.

    ``hook``: they tell when a call begins and ends; ``far_end``: also when the customer hangs up.
    """

    source: LineSource
    hook: bool
    far_end: bool


class Pipeline:
    """Runs the rooms, one pair of frames at a time."""

    def __init__(
        self,
        settings: Settings,
        spotters: Mapping[Leg, Spotter],
        line: Line,
        panel: Panel,
        sinks: Iterable[Sink] = (),
    ) -> None:
        customer = Leg.CUSTOMER in spotters
        self.features = Features(settings)
        self.t = 0.0
        self._settings = settings
        self._spotters = spotters
        self._line = line
        self._panel = panel
        self._sinks = list(sinks)
        self._call = Call(settings.call, line.hook, customer)
        self._rules = Rules(settings, customer, line.far_end)
        self._arbiter = Arbiter(settings.cues)
        self._state = State.IDLE
        self._state_t = 0.0
        self._silent_hold = False

    def push(self, agent: Frame, customer: Frame | None) -> None:
        """Take one frame of each leg, 20 ms of the call."""
        self.t = agent.t
        for event in self.features.push(agent, customer):
            self._dispatch(event)
        listening = self._listening()
        for frame, leg in ((agent, Leg.AGENT), (customer, Leg.CUSTOMER)):
            if frame is not None:
                voiced = listening and self.features.voiced[leg]
                for phrase in self._spotters[leg].push(frame, voiced):
                    self._dispatch(phrase)
        for signal in self._line.source.until(self.t):
            self._dispatch(signal)
        if (agent.index + 1) % TICK_FRAMES == 0:
            self._dispatch(Tick(t=self.t))
            self._panel.show(
                self.t, self._arbiter.led, self._arbiter.vibration, self._arbiter.since
            )

    def fault(self, part: str, what: str, cleared: bool = False) -> None:
        """Take in that a part outside the rooms fails, or works again."""
        self._dispatch(Fault(t=self.t, part=part, what=what, cleared=cleared))

    def finish(self) -> None:
        """The audio is over: settle what is open, lower every cue."""
        for event in self.features.finish(self.t):
            self._dispatch(event)
        for spotter in self._spotters.values():
            for phrase in spotter.finish(self.t):
                self._dispatch(phrase)
        for state in self._call.finish(self.t):
            self._judge(state)
        for event in self._rules.finish(self.t):
            self._show(event)
        for cue in self._arbiter.close(self.t):
            self._tell(cue)
        self._panel.show(self.t, None, None, self.t)

    def _listening(self) -> bool:
        """Tell whether there is a call: between calls a desk is nobody's business."""
        if not self._line.hook or self._state not in _NO_CALL:
            return True
        return self.t < self._state_t + self._settings.call.settle_s

    def _dispatch(self, event: Event) -> None:
        if isinstance(event, DeadAir) and self._on_hold(event):
            return
        states = self._call.push(event)
        self._judge(event)
        for state in states:
            self._judge(state)

    def _on_hold(self, silence: DeadAir) -> bool:
        """Tell whether a silence was first noticed on hold: there it is no dead air (T5)."""
        if silence.ongoing:
            self._silent_hold = self._state is State.ON_HOLD
        return self._silent_hold

    def _judge(self, event: Event) -> None:
        if isinstance(event, CallState):
            if self._state in _NO_CALL and event.state not in _NO_CALL:
                for spotter in self._spotters.values():
                    spotter.new_call()
            self._state, self._state_t = event.state, event.t
        wanted = self._rules.push(event)
        self._show(event)
        for outcome in wanted:
            self._show(outcome)

    def _show(self, event: Event) -> None:
        cues = self._arbiter.push(event)
        self._tell(event)
        for cue in cues:
            self._tell(cue)

    def _tell(self, event: Event) -> None:
        for sink in self._sinks:
            answer = sink(event)
            if answer is not None:
                self._judge(answer)


def play(
    source: AudioSource, pipeline: Pipeline, settings: Settings, paced: Callable[[], None]
) -> None:
    """Play ``source``, which is open, through ``pipeline`` to its end.

    ``paced`` is called after every pair of frames that went through the whole pipeline: replay
    waits in it for the time to come, a unit feeds its watchdog.
    """
    rates = source.rates
    legs = Legs(rates[Leg.AGENT], rates.get(Leg.CUSTOMER), settings.audio)
    for item in source:
        match item:
            case Block():
                samples = item.samples
                if item.dropped:
                    pipeline.fault(DEVICE[item.leg], f"{item.dropped} samples dropped")
                    pipeline.fault(DEVICE[item.leg], "samples come in again", cleared=True)
                    gap = np.full(item.dropped, np.nan, np.float32)  # not-a-number: no sample
                    samples = np.concatenate([gap, samples])
                pairs = legs.push(item.leg, samples, item.arrival)
            case Over():
                pairs = legs.end(item.leg)
            case Lost():
                pipeline.fault(DEVICE[item.leg], f"{item.device}: {item.reason}")
                continue
            case Back():
                pipeline.fault(DEVICE[item.leg], f"{item.device}: back", cleared=True)
                continue
        for agent, customer in pairs:
            pipeline.push(agent, customer)
            paced()
