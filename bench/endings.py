"""``python -m bench.endings``: who hung up first, told from the sound of 40 generated endings.

Four ways a call may end, either side first, in five countries: a tone, a leg gone dead, silence,
talk going on. Synthetic talk over a noise floor goes through the real features, call and rules;
the goodbye is told to them, not recognised. Silence and talk do not tell: there only ``unknown`` is
right.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.table import Row
from coach import settings as settings_of
from coach.call import Call
from coach.events import (
    CallRecord,
    Event,
    KeyPhrase,
    Tick,
)
from coach.features import Features
from coach.features.cadences import Pattern, patterns
from coach.frames import FRAME, FRAME_S, RATE, Frame, Samples
from coach.names import Category, Leg, Source, ToneName
from coach.rules import Rules
from coach.settings import Settings

COUNTRIES = ("US", "UK", "DE", "JP", "CN")
# The tone a network gives whoever is left, and what an agent who released hears.
LEFT_BEHIND = {"US": ToneName.DISCONNECT, "UK": ToneName.CONGESTION}
KINDS = ("tone", "dead line", "silence", "talk")
GOODBYE = (29.0, 30.0)
LENGTH_S = 48.0
LEAVES_S = 32.0
SETTLED_S = 0.5  # from one end's release to what the other end hears of it


@dataclass(frozen=True)
class Ending:
    """One generated call. ``first``: the true party, ``truth``: what the sound tells of it."""

    kind: str
    first: Leg
    country: str
    legs: dict[Leg, Samples]

    @property
    def truth(self) -> str:
        """The record's ``hung_up_first`` that is right."""
        return str(self.first) if self.kind in ("tone", "dead line") else "unknown"


def endings() -> Iterator[Ending]:
    """Build all 40."""
    seed = 0
    for country in COUNTRIES:
        for kind in KINDS:
            for first in Leg:
                seed += 1
                legs = _conversation(np.random.default_rng(seed))
                _end(legs, kind, first, country, np.random.default_rng(1000 + seed))
                yield Ending(kind, first, country, legs)


def told_of(legs: dict[Leg, Samples], settings: Settings) -> list[Event]:
    """Return every event of a call with the goodbye at ``GOODBYE``, its record last."""
    features, call, rules = Features(settings), Call(settings.call, False), Rules(settings)
    events: list[Event] = []

    def take(event: Event) -> None:
        for each in (event, *call.push(event)):
            events.extend([each, *rules.push(each)])

    begin, end = GOODBYE
    for index in range(min(map(len, legs.values())) // FRAME):
        cut = slice(index * FRAME, (index + 1) * FRAME)
        t = (index + 1) * FRAME_S
        pair = {leg: Frame(index, t, samples[cut]) for leg, samples in legs.items()}
        for event in features.push(pair[Leg.AGENT], pair[Leg.CUSTOMER]):
            take(event)
        if index == round((end + 0.4) / FRAME_S):
            take(
                KeyPhrase(
                    t=t,
                    leg=Leg.AGENT,
                    category=Category.GOODBYE,
                    phrase="goodbye",
                    start=begin,
                    end=end,
                    confidence=1,
                    source=Source.WORDS,
                )
            )
        if (index + 1) % 5 == 0:
            take(Tick(t=t))
    for state in call.finish(t):
        events.extend([state, *rules.push(state)])
    return [*events, *rules.finish(t)]


def hung_up_first(events: list[Event]) -> str:
    """Return what the only record says."""
    (record,) = [event for event in events if isinstance(event, CallRecord)]
    return str(record.fields["hung_up_first"])


def tone_of(pattern: Pattern, seconds: float, level_db: float = -18.0) -> Samples:
    """Return a tone of the table, float32 at 16 kHz, from the beginning of its first burst."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = np.sum([np.sin(2 * np.pi * hz * t) for hz in pattern.sound.hz], axis=0)
    if pattern.sound.beat_hz:
        wave = wave * (1 + 0.9 * np.sin(2 * np.pi * pattern.sound.beat_hz * t))
    wave = wave * 10 ** (level_db / 20) / np.sqrt(np.mean(wave**2))
    if pattern.cadence:
        edges = np.cumsum(pattern.cadence)
        wave = wave * (np.searchsorted(edges, t % edges[-1], side="right") % 2 == 0)
    return wave.astype(np.float32)


def pattern_of(country: str, name: ToneName) -> Pattern:
    """Return a tone of the table."""
    return next(p for p in patterns() if (p.country, p.name) == (country, name))


def talk(rng: np.random.Generator, seconds: float, level_db: float = -24.0) -> Samples:
    """Return syllables of a gliding buzz with wandering formants and pauses between phrases."""
    parts, length = [], 0
    while length < seconds * RATE:
        n = round(rng.uniform(0.12, 0.28) * RATE)
        t = np.arange(n) / RATE
        pitch = rng.uniform(90, 220) * (1 + rng.uniform(-0.4, 0.4) * t)
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        low, high = rng.uniform(300, 800), rng.uniform(900, 2300)
        wave = np.zeros(n)
        for k in range(1, 20):
            hz = k * pitch.mean()
            gain = 1 / (1 + ((hz - low) / 120) ** 2) + 0.5 / (1 + ((hz - high) / 180) ** 2)
            wave += (0.01 + gain) * np.sin(k * phase + k * k)
        parts.append(wave * np.sin(np.pi * t * RATE / n) ** 2)
        if rng.random() < 0.15:
            parts.append(np.zeros(round(rng.uniform(0.2, 0.5) * RATE)))
        length = sum(map(len, parts))
    samples = np.concatenate(parts)[: round(seconds * RATE)]
    return (samples * 10 ** (level_db / 20) / np.sqrt(np.mean(samples**2))).astype(np.float32)


def _conversation(rng: np.random.Generator) -> dict[Leg, Samples]:
    """Both legs: turns up to the goodbye, over each leg's noise floor."""
    legs = {}
    for leg in Leg:
        floor = 10 ** (rng.uniform(-66, -52) / 20) * rng.standard_normal(round(LENGTH_S * RATE))
        legs[leg] = floor.astype(np.float32)
    t, leg = 1.0, Leg.AGENT
    while t < GOODBYE[0] - 4:
        seconds = rng.uniform(1.5, 3.5)
        _add(legs[leg], t, talk(rng, seconds))
        t, leg = t + seconds + rng.uniform(0.2, 0.6), leg.other
    _add(legs[Leg.AGENT], GOODBYE[0], talk(rng, GOODBYE[1] - GOODBYE[0]))
    return legs


def _end(
    legs: dict[Leg, Samples], kind: str, first: Leg, country: str, rng: np.random.Generator
) -> None:
    leaves = LEAVES_S + rng.uniform(-0.5, 0.5)
    heard = leaves + SETTLED_S
    agent, customer = legs[Leg.AGENT], legs[Leg.CUSTOMER]
    by_agent = first is Leg.AGENT
    if kind == "talk":
        _add(legs[first], leaves, talk(rng, LENGTH_S - leaves))
        _add(legs[first.other], leaves + 6, talk(rng, 3))
    if kind not in ("tone", "dead line"):
        return
    agent[round((leaves if by_agent else leaves + 6) * RATE) :] = 0
    at = round((heard if by_agent else leaves) * RATE)
    if kind == "dead line" and country in ("DE", "CN"):
        # some gateways fill a dead line with comfort noise
        steady = 10 ** (-80 / 20) * rng.standard_normal(len(customer) - at)
        customer[at:] = steady.astype(np.float32)
    else:
        customer[at:] = 0
    if kind == "tone":
        name = ToneName.DIAL if by_agent else LEFT_BEHIND.get(country, ToneName.BUSY)
        _add(customer, at / RATE, tone_of(pattern_of(country, name), LENGTH_S - at / RATE))


def _add(leg: Samples, start: float, samples: Samples) -> None:
    at = round(start * RATE)
    leg[at : at + len(samples)] += samples[: len(leg) - at]


def told_and_true() -> Iterator[tuple[Ending, str]]:
    """Yield every ending with what is told of it."""
    settings = settings_of.load(files=()).settings
    for ending in endings():
        yield ending, hung_up_first(told_of(ending.legs, settings))


def rows() -> Iterator[Row]:
    """Yield how many are told right."""
    right = [told == ending.truth for ending, told in told_and_true()]
    figure = f"who hung up first, right of {len(right)}"
    yield Row(figure, sum(right), "", ".0f")


def main() -> None:
    """Print every wrong ending and the share that is right."""
    right = []
    for ending, told in told_and_true():
        right.append(told == ending.truth)
        if not right[-1]:
            print(f"{ending.country} {ending.kind}, {ending.first} first: told {told}")
    print(f"endings_right {sum(right) / len(right):.3f} of {len(right)}")


if __name__ == "__main__":
    main()
