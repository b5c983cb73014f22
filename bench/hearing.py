"""Plays recordings through the real pipeline and scores the key-phrases it heard.

Comes in: recordings, and JSON beside them of what was said when. Goes out: hits, misses, false
hits, delays. Refuses to know: thresholds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from coach.events import Event, KeyPhrase
from coach.keywords.engine import Model
from coach.keywords.network import Network
from coach.keywords.spotter import DeafSpotter, Spotter, VoskSpotter
from coach.line import NoLine
from coach.names import Leg
from coach.pins import simulated_panel
from coach.pipeline import Line, Pipeline, play
from coach.recordings import Recording
from coach.settings import Settings

# A hit's phrase may begin this much before and end this much after the utterance it belongs to.
SLACK_S = 0.5


def nothing_to_pace() -> None:
    """As fast as it goes."""


def events_of(
    recording: Recording,
    spotters: Mapping[Leg, Spotter],
    settings: Settings,
    line: Line | None = None,
) -> list[Event]:
    """Return every event of a recording played through the whole pipeline."""
    events: list[Event] = []
    with simulated_panel(settings.pins, settings.cues.led_brightness) as panel, recording:
        line = line or Line(NoLine(), hook=False, far_end=False)
        pipeline = Pipeline(settings, spotters, line, panel, [events.append])
        play(recording, pipeline, settings, nothing_to_pace)
        pipeline.finish()
    return events


def vosk_spotters(
    network: Network, model: Model, settings: Settings, legs: list[Leg]
) -> dict[Leg, Spotter]:
    """Return spotters with Vosk on ``legs``, deaf ones elsewhere."""
    return {
        leg: VoskSpotter(leg, model, network.phrases, settings.keywords)
        if leg in legs
        else DeafSpotter()
        for leg in legs
    }


@dataclass
class Score:
    """What was heard of what was said. ``delays_s``: from the end of a phrase to its event."""

    said: int = 0
    hits: int = 0
    seconds: float = 0.0
    delays_s: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    @property
    def miss(self) -> float:
        """Share of the phrases said that were not heard."""
        return 1 - self.hits / self.said if self.said else 0.0

    @property
    def false_per_hour(self) -> float:
        """False hits an hour of audio."""
        return len(self.false) * 3600 / self.seconds if self.seconds else 0.0


def score(heard: list[KeyPhrase], utterances: list[dict[str, object]], into: Score) -> None:
    """Add to ``into`` what was heard of ``utterances`` (category, text, start, end; neg: nothing).

    A phrase heard within an utterance of another category is no false hit if the utterance's own
    words hold it ("thank you for calling" in a greeting).
    """
    used: set[int] = set()
    for said in utterances:
        if said["category"] == "neg":
            continue
        begin, end = float(str(said["start"])), float(str(said["end"]))
        into.said += 1
        hits = [
            n
            for n, phrase in enumerate(heard)
            if phrase.category == said["category"]
            and phrase.end > begin - SLACK_S
            and phrase.start < end + SLACK_S
        ]
        if hits:
            into.hits += 1
            into.delays_s.append(heard[hits[-1]].t - end)
        else:
            into.missed.append(str(said["text"]))
        used.update(hits)
        used.update(
            n
            for n, phrase in enumerate(heard)
            if phrase.end > begin and phrase.start < end and phrase.phrase in str(said["text"])
        )
    into.false += [f"{p.t:.1f} s {p.phrase}" for n, p in enumerate(heard) if n not in used]


def key_phrases(events: list[Event]) -> list[KeyPhrase]:
    """Return the key-phrases among ``events``."""
    return [event for event in events if isinstance(event, KeyPhrase)]
