from pathlib import Path

import numpy as np
import pytest
import soundfile

from coach.events import TalkOver
from coach.features.leak import Leaks
from coach.frames import RATE, Framer, Samples
from coach.names import Leg
from coach.settings import Settings

from .sound import hops, mixed, noise, run, talk

AGENT, CUSTOMER = Leg.AGENT, Leg.CUSTOMER


def leg(calls: Path, name: str, settings: Settings) -> Samples:
    samples, rate = soundfile.read(calls / f"{name}.wav", dtype="float32")
    return np.concatenate([f.samples for f in Framer(rate, settings.audio).push(samples)])


def leaked(samples: Samples, level_db: float, late_s: float) -> Samples:
    """What arrives of a leg in the other one; negative: it leads, for the clocks are apart."""
    shifted = np.roll(samples, round(late_s * RATE))
    return shifted * np.float32(10 ** (level_db / 20))


def overs(settings: Settings, agent: Samples, customer: Samples) -> list[TalkOver]:
    return [e for e in run(settings, agent, customer) if isinstance(e, TalkOver)]


def echoes(agent: Samples, customer: Samples) -> list[Leg | None]:
    """Who is but an echo after each 100 ms."""
    leaks, found = Leaks(), []
    for pair in zip(hops(agent), hops(customer), strict=True):
        leaks.hear(dict(zip(Leg, pair, strict=True)), True)
        found.append(leaks.echo)
    return found


@pytest.mark.parametrize("source", list(Leg))
@pytest.mark.parametrize(("level_db", "late_s"), [(-15, 0.0), (-15, -0.2), (-20, 0.2), (-30, 0.02)])
def test_a_leak_in_a_real_call_is_no_talk_over(
    settings: Settings, calls: Path, source: Leg, level_db: float, late_s: float
) -> None:
    agent = leg(calls, "Auto_Repairs_40_UTC_agent", settings)
    customer = leg(calls, "Auto_Repairs_40_UTC_caller", settings)
    length = min(len(agent), len(customer)) // 4
    agent, customer = agent[:length], customer[:length]
    if source is AGENT:
        customer = customer + leaked(agent, level_db, late_s)
    else:
        agent = agent + leaked(customer, level_db, late_s)
    assert overs(settings, agent, customer) == []


@pytest.mark.parametrize("late_s", [-0.2, -0.05, 0.0, 0.1, 0.2])
def test_an_echo_is_told_whichever_leg_is_late(late_s: float) -> None:
    agent = talk(6) * np.float32(0.3) * (1 + np.repeat(np.random.default_rng(2).random(60), 1600))
    agent = agent.astype(np.float32)
    found = echoes(agent, leaked(agent, -15, late_s) + noise(6, -70))
    assert set(found[20:]) == {CUSTOMER}


def test_two_talkers_are_no_echo_of_each_other(settings: Settings, calls: Path) -> None:
    one = leg(calls, "Auto_Repairs_40_UTC_agent", settings)
    two = leg(calls, "agent1", settings)
    length = min(len(one), len(two)) // 1600 * 1600
    assert echoes(one[:length], two[:length] * np.float32(0.3)).count(CUSTOMER) <= 5


def test_speech_over_a_known_leak_is_heard_at_once_and_the_leak_again_after_it() -> None:
    agent = mixed(14, (0, talk(14, per_s=4.7)))
    own = mixed(14, (6, talk(3, per_s=4.3, pitch=210)))
    found = echoes(agent, leaked(agent, -15, 0.03) + own + noise(14, -70))
    assert set(found[20:60]) == {CUSTOMER}
    assert CUSTOMER not in found[62:90]
    assert set(found[95:]) == {CUSTOMER}


def test_a_path_that_carries_nothing_any_more_is_forgotten() -> None:
    agent = mixed(12, (0, talk(12, per_s=4.7)))
    leak = leaked(agent, -15, 0.03)
    leak[6 * RATE :] = 0
    quiet = mixed(12, (8, talk(4, -48, per_s=4.3, pitch=210))) + noise(12, -80)
    found = echoes(agent, leak + quiet)
    assert set(found[20:60]) == {CUSTOMER}
    assert CUSTOMER not in found[90:]


def test_a_leak_whose_delay_changes_is_learned_anew() -> None:
    agent = mixed(20, (0, talk(20, per_s=4.7)))
    agent *= np.repeat(0.3 + 0.7 * np.random.default_rng(1).random(100), 3200).astype(np.float32)
    leak = np.concatenate(
        (leaked(agent, -15, 0.02)[: 8 * RATE], leaked(agent, -15, 0.15)[8 * RATE :])
    )
    found = echoes(agent, leak + noise(20, -70))
    assert set(found[20:80]) == {CUSTOMER}
    assert set(found[120:]) == {CUSTOMER}
