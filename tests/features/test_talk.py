import numpy as np
import pytest
import soundfile

from coach.events import DeadAir, TalkOver
from coach.frames import Framer
from coach.names import Leg
from coach.settings import Settings

from .sound import mixed, noise, run, silence, talk


def overs(settings: Settings, agent: np.ndarray, customer: np.ndarray) -> list[TalkOver]:
    return [e for e in run(settings, agent, customer) if isinstance(e, TalkOver)]


def pitched(seconds: float, per_s: float = 4.3) -> np.ndarray:
    return talk(seconds, per_s=per_s, pitch=210)


@pytest.mark.parametrize("late", list(Leg))
def test_who_comes_in_talks_over(settings: Settings, late: Leg) -> None:
    owner, newcomer = mixed(12, (1, talk(7))), mixed(12, (4, pitched(6)))
    legs = (newcomer, owner) if late is Leg.AGENT else (owner, newcomer)
    begun, over = overs(settings, *legs)
    assert (begun.leg, begun.ongoing, over.leg, over.ongoing) == (late, True, late, False)
    assert begun.start == over.start == pytest.approx(4, abs=0.1)
    assert begun.duration_s == pytest.approx(settings.talk_over.back_channel_s, abs=0.03)
    assert begun.t < 5.2
    assert over.duration_s == pytest.approx(4, abs=0.3)


def test_back_channels_are_no_talk_over(settings: Settings) -> None:
    yes = [(at, pitched(0.5)) for at in (3, 5, 7.5)]
    assert overs(settings, mixed(12, *yes), mixed(12, (1, talk(10)))) == []


def test_taking_turns_is_no_talk_over(settings: Settings) -> None:
    agent = mixed(20, (0, talk(4)), (8, talk(4)), (16, talk(4)))
    customer = mixed(20, (3.8, pitched(4.2)), (11.9, pitched(4)))
    assert overs(settings, agent, customer) == []


def test_beginning_together_is_nobodys_turn(settings: Settings) -> None:
    assert overs(settings, mixed(8, (1, talk(5))), mixed(8, (1.4, pitched(5)))) == []


def test_a_pause_does_not_end_the_turn(settings: Settings) -> None:
    agent = mixed(14, (1, talk(4)), (5.3, talk(6)))
    events = overs(settings, agent, mixed(14, (5.15, pitched(4))))
    assert [e.leg for e in events] == [Leg.CUSTOMER, Leg.CUSTOMER]


@pytest.mark.parametrize("late_s", [0, 0.05, 0.18])
@pytest.mark.parametrize("loud", list(Leg))
def test_a_leak_is_no_talk_over(settings: Settings, calls, late_s: float, loud: Leg) -> None:
    samples, rate = soundfile.read(calls / "agent1.wav", dtype="float32", frames=60 * 8000)
    heard = np.concatenate([f.samples for f in Framer(rate, settings.audio).push(samples)])
    late = round(late_s * 16000)
    leak = np.concatenate((np.zeros(late, np.float32), heard[: len(heard) - late]))
    leak = leak * np.float32(10 ** (-15 / 20)) + noise(len(heard) / 16000, -65)
    legs = (heard, leak) if loud is Leg.AGENT else (leak, heard)
    assert overs(settings, *legs) == []


@pytest.mark.parametrize(("length_s", "count"), [(1.6, 0), (3.5, 2)])
def test_who_comes_in_in_a_pause_may_be_heard_out(
    settings: Settings, length_s: float, count: int
) -> None:
    customer = mixed(14, (1, talk(4)), (5.4, talk(6)))
    found = overs(settings, mixed(14, (5.25, pitched(length_s))), customer)
    assert len(found) == count
    assert {e.leg for e in found} <= {Leg.AGENT}


def test_an_interruption_through_a_leak_counts(settings: Settings) -> None:
    agent = mixed(12, (1, talk(9)))
    customer = mixed(12, (4, pitched(4))) + agent * np.float32(10 ** (-15 / 20))
    begun, over = overs(settings, agent, customer)
    assert begun.leg is Leg.CUSTOMER
    assert begun.start == pytest.approx(4, abs=0.5)
    # That only the leak is left is seen once the customer's speech is out of the second compared.
    assert 3.5 < over.duration_s < 5


def test_dead_air_from_the_limit_to_the_next_word(settings: Settings) -> None:
    agent = mixed(30, (1, talk(3)), (20, talk(2)))
    events = run(settings, agent, mixed(30, (4, pitched(2))))
    begun, over = (e for e in events if isinstance(e, DeadAir))
    assert begun.ongoing
    assert begun.start == pytest.approx(6, abs=0.15)
    assert begun.t == pytest.approx(begun.start + settings.dead_air.limit_s, abs=0.03)
    assert not over.ongoing
    assert over.start == begun.start
    assert over.duration_s == pytest.approx(14, abs=0.2)


def test_no_dead_air_before_anybody_spoke(settings: Settings) -> None:
    assert run(settings, silence(20), silence(20)) != []
    assert not [e for e in run(settings, silence(20), silence(20)) if isinstance(e, DeadAir)]


def test_without_a_customer_there_is_neither(settings: Settings) -> None:
    events = run(settings, mixed(30, (1, talk(3))))
    assert events
    assert not [e for e in events if isinstance(e, TalkOver | DeadAir)]


def test_a_polite_call_has_few(settings: Settings, calls) -> None:
    legs = []
    for leg in ("agent", "caller"):
        samples, rate = soundfile.read(calls / f"Auto_Repairs_40_UTC_{leg}.wav", dtype="float32")
        framer = Framer(rate, settings.audio)
        legs.append(np.concatenate([f.samples for f in framer.push(samples)]))
    events = run(settings, *legs)
    assert len([e for e in events if isinstance(e, TalkOver) and e.ongoing]) <= 2
    assert not [e for e in events if isinstance(e, DeadAir)]
