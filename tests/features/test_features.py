import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as how
from hypothesis import strategies as st

from coach.features import Features
from coach.frames import Framer
from coach.names import Leg
from coach.settings import Settings, load

from .sound import frames, mixed, noise, run, silence, talk, tone

SETTINGS = load(files=()).settings


@how(max_examples=15, deadline=None)
@given(
    agent=st.sampled_from(["silence", "offset", "full scale", "nan", "clicks", "talk"]),
    customer=st.sampled_from(["silence", "offset", "full scale", "nan", "clicks", "talk", None]),
)
@example(agent="nan", customer="nan")
@example(agent="full scale", customer="full scale")
def test_nothing_breaks_it(agent: str, customer: str | None) -> None:
    sounds = {
        "silence": silence(6),
        "offset": np.full(6 * 16000, 0.9, np.float32),
        "full scale": np.sign(tone(6, 0)).astype(np.float32),
        "nan": np.full(6 * 16000, np.nan, np.float32),
        "clicks": np.where(np.arange(6 * 16000) % 8000 == 0, 1, 0).astype(np.float32),
        "talk": talk(6),
        None: None,
    }
    framers = Framer(16000, SETTINGS.audio), Framer(16000, SETTINGS.audio)
    features = Features(SETTINGS)
    for index in range(300):
        pair = [
            framer.push(sound[index * 320 : (index + 1) * 320]) if sound is not None else []
            for framer, sound in zip(framers, (sounds[agent], sounds[customer]), strict=True)
        ]
        for frame in pair[0]:
            other = pair[1].pop(0) if customer else None
            for event in features.push(frame, other):
                numbers = [v for v in event.as_dict().values() if isinstance(v, float)]
                assert all(math.isfinite(number) for number in numbers)
                assert event.t == frame.t


def test_meter_and_voiced_show_the_frame_just_pushed(settings: Settings) -> None:
    features = Features(settings)
    agent, customer = mixed(3, (1, talk(2, -20))), tone(3, -30)
    for frame, other in zip(frames(agent), frames(customer), strict=True):
        features.push(frame, other)
        if frame.index == 40:
            assert features.meter_db[Leg.AGENT] == -100
            assert not features.voiced[Leg.AGENT]
    assert features.meter_db[Leg.CUSTOMER] == pytest.approx(-30, abs=0.01)
    assert features.voiced[Leg.AGENT]


def test_events_come_in_order(settings: Settings) -> None:
    agent = mixed(15, (1, talk(4)), (8, talk(5))) + noise(15, -70)
    events = run(settings, agent, mixed(15, (5, talk(3, pitch=200))) + noise(15, -70, 1))
    assert [e.t for e in events] == sorted(e.t for e in events)
    assert {e.type for e in events} == {"voice", "level", "pace", "breath_group", "noise"}
