from pathlib import Path

import numpy as np
import pytest
import soundfile

from coach.events import Noise
from coach.features import Features
from coach.features.impulses import Impulses
from coach.frames import RATE, Framer, Samples
from coach.names import Leg
from coach.settings import Settings

from .sound import frames, hops, mixed, noise, run, silence, talk, tone


def knock(level_db: float = -30, decay_s: float = 0.005, seed: int = 0) -> Samples:
    """Noise that dies away; ``level_db``: of its first ``decay_s``."""
    decay = np.exp(-np.arange(RATE // 10) / (decay_s * RATE))
    return (noise(0.1, level_db, seed) * decay).astype(np.float32)


def key(level_db: float = -30) -> Samples:
    """Down, and up 80 ms later."""
    return mixed(0.2, (0, knock(level_db)), (0.08, knock(level_db - 4, seed=1)))


def told(samples: Samples, voiced: bool = False) -> list[float]:
    impulses, found = Impulses(), []
    for n, hop in enumerate(hops(samples)):
        found += impulses.push((n + 1) / 10, hop, [voiced] * 5)
    return found + impulses.finish()


def impulses_of(settings: Settings, agent: Samples, customer: Samples | None = None) -> list[float]:
    events = run(settings, agent, customer)
    return [at for e in events if isinstance(e, Noise) for at in e.impulses or () or ()]


@pytest.mark.parametrize("decay_s", [0.001, 0.005, 0.02])
def test_a_knock_is_told_when_it_was_heard(decay_s: float) -> None:
    times = [1.0, 1.933, 2.5, 3.071]
    samples = mixed(4, *((at, knock(decay_s=decay_s)) for at in times)) + noise(4, -60)
    assert told(samples) == pytest.approx(times, abs=0.015)


def test_a_key_goes_down_and_up_and_is_one() -> None:
    assert len(told(mixed(5, (1, key()), (2, key()), (2.25, key())) + noise(5, -60))) == 3


def test_a_single_sample_knocks() -> None:
    samples = noise(3, -70)
    samples[20_000] = 0.5
    assert told(samples) == pytest.approx([1.25], abs=0.01)


@pytest.mark.parametrize(
    "samples",
    [
        silence(4),
        noise(4, -30),
        mixed(4, (1, tone(2, -20))),
        mixed(4, (1, noise(1, -30))),  # what stays is no knock
        mixed(4, (1, noise(1, -25) * np.sin(np.linspace(0, np.pi, RATE)).astype(np.float32))),
        mixed(4, (1, knock(-60))),
        np.full(4 * RATE, np.nan, np.float32),
    ],
    ids=["silence", "hiss", "tone", "step", "breath", "faint", "nan"],
)
def test_what_stays_or_rises_slowly_or_is_faint_is_none(samples: Samples) -> None:
    assert told(samples) == []


def test_a_knock_beside_a_voice_is_a_consonant(settings: Settings) -> None:
    speech = talk(2, -22)
    near = mixed(8, (1, knock(-24)), (1.06, speech), (3.2, knock(-24)), (6, knock(-24)))
    assert impulses_of(settings, near + noise(8, -70)) == pytest.approx([6], abs=0.02)


def test_told_within_a_second_and_only_of_the_agents_leg(settings: Settings) -> None:
    typing = mixed(9, *((at, key()) for at in (3.1, 3.4, 7.7))) + noise(9, -65)
    events = [e for e in run(settings, typing, typing) if isinstance(e, Noise) and e.impulses]
    assert {e.leg for e in events} == {Leg.AGENT}
    assert len([at for e in events for at in e.impulses]) == 3
    assert all(e.t - at <= 1.0 for e in events for at in e.impulses or ())


def test_what_knocks_at_the_very_end_is_told_at_the_end(settings: Settings) -> None:
    features = Features(settings)
    samples = mixed(5, (4.85, knock(-30))) + noise(5, -65)
    before = [e for frame in frames(samples) for e in features.push(frame, None)]
    assert [e.impulses for e in before if isinstance(e, Noise)] == [()]
    (last,) = features.finish(5.0)
    assert isinstance(last, Noise)
    assert last.impulses == pytest.approx([4.85], abs=0.015)
    assert features.finish(5.0) == []


def test_real_speech_hardly_knocks(settings: Settings, calls: Path) -> None:
    count = 0
    for name in ("Auto_Repairs_40_UTC_agent.wav", "synth/dev-af_heart.flac"):
        samples, rate = soundfile.read(calls / name, dtype="float32")
        samples = samples[: 100 * rate]
        speech = np.concatenate([f.samples for f in Framer(rate, settings.audio).push(samples)])
        count += len(impulses_of(settings, speech))
    assert count <= 2
