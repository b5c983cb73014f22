from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from coach.drift import STALL_S, ClockDrift, Legs, Pair
from coach.names import Leg
from coach.settings import load

AUDIO = load(files=()).settings.audio
BLOCK_S = 0.1


@dataclass
class Card:
    """A sound card whose every sample says at what second it was taken."""

    leg: Leg
    ppm: float = 0
    rate: int = 16000
    opened: float = 0
    gone: tuple[float, float] = (0, 0)  # stalled from, to
    lost: tuple[float, float] = (0, 0)  # samples lost from, to

    def blocks(self, seconds: float, rng: np.random.Generator, jitter_s: float):
        true_rate = self.rate * (1 + self.ppm * 1e-6)
        size = int(BLOCK_S * self.rate)
        latest = 0.0
        for number in range(int((seconds - self.opened) / BLOCK_S)):
            start = self.opened + number * size / true_rate
            late_s = rng.exponential(jitter_s) + rng.uniform(0, 0.1) * (rng.random() < 0.05)
            latest = max(latest, start + size / true_rate + late_s)
            if any(begin < start < end for begin, end in (self.gone, self.lost)):
                continue
            taken = start + np.arange(size) / true_rate
            yield latest, self.leg, (taken / 8000).astype(np.float32)


def live(seconds: float, agent: Card, customer: Card, jitter_s: float = 0.005):
    """Run both cards; return the pairs and, where both are sound, agent's less customer's time."""
    rng = np.random.default_rng(1)
    blocks = [b for card in (agent, customer) for b in card.blocks(seconds, rng, jitter_s)]
    legs = Legs(agent.rate, customer.rate, AUDIO)
    pairs: list[Pair] = []
    for arrival, leg, samples in sorted(blocks, key=lambda block: block[0]):
        pairs += legs.push(leg, samples, 1000 + arrival)
    apart = {
        a.t: (float(a.samples[160]) - float(c.samples[160])) * 8000
        for a, c in pairs
        if not (a.dropout or c.dropout)
    }
    return legs, pairs, apart


@pytest.mark.parametrize(("agent", "customer"), [(0, 100), (60, -140), (-20, -20)])
def test_an_hour_of_drift_stays_within_20_ms(agent: float, customer: float) -> None:
    legs, pairs, apart = live(3600, Card(Leg.AGENT, agent), Card(Leg.CUSTOMER, customer))
    assert len(pairs) == pytest.approx(3600 * 50, rel=3e-4)
    assert max(abs(s) for s in apart.values()) < 0.02
    assert max(abs(s) for t, s in apart.items() if t > 10) < 0.003
    assert legs.drift_ppm == pytest.approx(customer - agent, abs=1)
    assert sum(c.dropout for _, c in pairs) < 10


def test_each_card_at_its_own_rate() -> None:
    _, _, apart = live(60, Card(Leg.AGENT, 80, 8000), Card(Leg.CUSTOMER, -80, 48000, opened=0.5))
    assert max(abs(s) for t, s in apart.items() if t > 2) < 0.02


@pytest.mark.parametrize("stalled", list(Leg))
def test_a_stalled_leg_is_silence_and_finds_its_place_again(stalled: Leg) -> None:
    cards = {leg: Card(leg, gone=(20, 23.05) if leg is stalled else (0, 0)) for leg in Leg}
    _, pairs, apart = live(60, cards[Leg.AGENT], cards[Leg.CUSTOMER])
    filled = [p[list(Leg).index(stalled)].t for p in pairs if p[list(Leg).index(stalled)].dropout]
    assert len(pairs) == pytest.approx(60 * 50, abs=15)
    assert min(filled[10:]) > 19.9
    assert max(filled) < 23.5
    assert len(filled) == pytest.approx(3.05 * 50, abs=15)
    assert max(abs(s) for t, s in apart.items() if t > 23.5) < 0.02


def test_the_other_leg_goes_on_while_one_is_away() -> None:
    legs = Legs(16000, 16000, AUDIO)
    block = np.full(320, 0.1, np.float32)
    waits = []
    for number in range(200):
        pairs = legs.push(Leg.CUSTOMER, block, arrival=number * 0.02)
        waits += [(number + 1) * 0.02 - a.t for a, c in pairs if c is not None]
        assert all(a.dropout and not c.dropout for a, c in pairs)
    assert len(waits) > 180
    assert max(waits) <= STALL_S + 0.041


@pytest.mark.parametrize("loser", list(Leg))
def test_lost_samples_are_made_good(loser: Leg) -> None:
    cards = {leg: Card(leg, lost=(20, 20.25) if leg is loser else (0, 0)) for leg in Leg}
    _, pairs, apart = live(60, cards[Leg.AGENT], cards[Leg.CUSTOMER])
    assert max(abs(s) for t, s in apart.items() if t > 26) < 0.02
    assert len(pairs) == pytest.approx(60 * 50, abs=15)


def test_numbers_run_on_without_a_gap() -> None:
    _, pairs, _ = live(40, Card(Leg.AGENT, 100, gone=(10, 12)), Card(Leg.CUSTOMER, -100))
    assert all(a.index == c.index == i for i, (a, c) in enumerate(pairs))
    assert all(b[0].t - a[0].t == pytest.approx(0.02) for a, b in pairwise(pairs))


def test_memory_is_bounded() -> None:
    drift = ClockDrift(16000)
    for second in range(20_000):
        drift.push(float(second), second * 16000)
    assert len(drift._long) == 360
    assert len(drift._recent) == 5


def test_files_are_paired_and_the_shorter_one_filled_up() -> None:
    legs = Legs(8000, 8000, AUDIO)
    pairs = legs.push(Leg.AGENT, np.full(8000, 0.1, np.float32))
    assert pairs == []
    pairs += legs.push(Leg.CUSTOMER, np.full(4000, 0.2, np.float32))
    pairs += legs.end(Leg.CUSTOMER)
    pairs += legs.end(Leg.AGENT)
    assert [(a.index, c.index) for a, c in pairs] == [(i, i) for i in range(50)]
    assert all(a.samples.any() for a, _ in pairs)
    assert [bool(c.samples.any()) for _, c in pairs] == [True] * 25 + [False] * 25
    assert not any(frame.dropout for pair in pairs for frame in pair)


def test_without_a_customer_the_agent_is_alone() -> None:
    legs = Legs(16000, None, AUDIO)
    pairs = legs.push(Leg.AGENT, np.zeros(700, np.float32)) + legs.end(Leg.AGENT)
    assert [(a.index, c) for a, c in pairs] == [(0, None), (1, None), (2, None)]
    assert legs.drift_ppm is None


def test_drift_is_unknown_at_first_and_right_in_the_end() -> None:
    drift = ClockDrift(8000)
    rng = np.random.default_rng(0)
    known = {}
    for block in range(6000):
        drift.push(block * 0.1 + rng.exponential(0.01), round(block * 800 * (1 + 50e-6)))
        known[block] = drift.ppm
    assert known[400] is None
    assert known[5999] == pytest.approx(50, abs=2)
