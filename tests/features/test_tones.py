from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.endings import pattern_of, talk, tone_of
from coach.events import Event, Tone, Voice
from coach.features import Features
from coach.features.cadences import Pattern, patterns
from coach.features.line_sounds import LineSounds
from coach.frames import RATE, Framer, Samples
from coach.names import Leg, ToneName
from coach.settings import Settings
from features.sound import frames, hops, mixed, noise, silence

LEAD_S = 0.317  # so that bursts begin anywhere in a frame
# Names that one country gives the same sound and cadence: the first is told.
SAME = {ToneName.CONGESTION: ToneName.BUSY}


def heard(leg: Leg, samples: Samples) -> list[Tone]:
    sounds, told = LineSounds(leg), []
    for n, hop in enumerate(hops(samples), 1):
        told += sounds.push(n / 10, hop, False)
    return told


def tones(samples: Samples) -> list[Tone]:
    dead = ToneName.DEAD_LINE
    return [tone for tone in heard(Leg.CUSTOMER, samples) if tone.tone is not dead]


def sent(pattern: Pattern, level_db: float = -18, noise_db: float = -50) -> Samples:
    """Three periods of a tone, or 3 s, then a pause longer than any in a cadence."""
    seconds = 3 * sum(pattern.cadence) or 3.0
    whole = mixed(LEAD_S + seconds + 6, (LEAD_S, tone_of(pattern, seconds, level_db)))
    return whole + noise(len(whole) / RATE, noise_db)[: len(whole)]


@pytest.mark.parametrize("pattern", patterns(), ids=lambda p: f"{p.country} {p.name}")
def test_each_tone_of_each_country_within_one_and_a_half_periods(pattern: Pattern) -> None:
    begun, over = tones(sent(pattern))
    twin = any(
        (p.country, p.name, p.cadence) == (pattern.country, SAME.get(pattern.name), pattern.cadence)
        for p in patterns()
    )
    assert begun.tone is (SAME[pattern.name] if twin else pattern.name)
    assert pattern.country in begun.countries
    assert begun.since == pytest.approx(LEAD_S, abs=0.045)
    # what lasts as long as a burst of ringback is told from one only after it; 0.1 s a step
    due_s = 1.5 * sum(pattern.cadence) or 1.1
    assert begun.t - LEAD_S <= due_s + 0.1
    assert (over.tone, over.ongoing, over.since) == (begun.tone, False, begun.since)


@pytest.mark.parametrize("level_db", [-40, -6])
@pytest.mark.parametrize("country", ["US", "DE", "JP"])
def test_level_does_not_matter(country: str, level_db: float) -> None:
    (begun, _) = tones(sent(pattern_of(country, ToneName.BUSY), level_db, level_db - 15))
    assert begun.tone is ToneName.BUSY


def test_cadence_joined_in_its_middle() -> None:
    busy = tone_of(pattern_of("UK", ToneName.BUSY), 4)[round(0.2 * RATE) :]
    assert tones(mixed(4, (0, busy)))[0].tone is ToneName.BUSY


def test_countries_that_share_a_tone_are_all_named() -> None:
    assert tones(sent(pattern_of("KR", ToneName.BUSY)))[0].countries == ("US", "KR")
    assert tones(sent(pattern_of("PL", ToneName.DIAL)))[0].countries == ("DE", "PL")


@pytest.mark.parametrize(
    ("hz", "cadence"),
    [
        ([425], (0.75, 0.2)),  # no such cadence
        ([300], (0.5, 0.5)),  # no such frequency
        ([480, 700], (0.5, 0.5)),
        ([480], (0.5, 0.5)),  # half of a pair
    ],
)
def test_what_is_in_no_table_is_no_tone(hz: list[float], cadence: tuple[float, ...]) -> None:
    of = pattern_of("DE", ToneName.BUSY)
    other = Pattern("", of.name, of.sound._replace(hz=tuple(hz)), cadence)
    assert tones(sent(other)) == []


def test_speech_over_a_tone_is_no_tone() -> None:
    speech = talk(np.random.default_rng(1), 5)
    both = tone_of(pattern_of("DE", ToneName.DIAL), 5, -24) + speech
    assert tones(both) == []


@pytest.mark.parametrize(
    "name",
    [
        "Auto_Repairs_40_UTC_agent.wav",
        "Auto_Repairs_40_UTC_caller.wav",
        "agent1.wav",
        "korean/speeches.flac",
        "synth/dev-ko-am_onyx.flac",
        "synth/dev-af_heart.flac",
    ],
)
def test_no_tone_no_music_no_dead_line_in_real_speech(
    calls: Path, name: str, settings: Settings
) -> None:
    samples, rate = soundfile.read(calls / name, dtype="float32")
    framer, features = Framer(rate, settings.audio), Features(settings)
    told: list[Event] = []
    for frame in [*framer.push(samples), *framer.flush()]:
        told += features.push(frame, frame)
    assert [event for event in told if isinstance(event, Tone)] == []


def melody(seconds: float, level_db: float = -22) -> Samples:
    """Broken chords of plucked notes with six partials."""
    rng, parts = np.random.default_rng(3), []
    for _ in range(round(seconds / 0.5)):
        t = np.arange(RATE // 2) / RATE
        chord = 220 * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 12], 3) / 12)
        waves = [np.sin(2 * np.pi * k * hz * t) / k for hz in chord for k in range(1, 7)]
        parts.append(np.sum(waves, axis=0) * np.exp(-1.5 * t))
    samples = np.concatenate(parts)
    return (samples * 10 ** (level_db / 20) / np.sqrt(np.mean(samples**2))).astype(np.float32)


def test_music_begins_and_ends() -> None:
    speech = talk(np.random.default_rng(1), 8)
    begun, over = tones(np.concatenate([speech, melody(12), speech]))
    assert begun.tone is ToneName.MUSIC
    assert 7 <= begun.since <= 9
    assert begun.t <= 14
    assert over.ongoing is False
    assert 20 <= over.t <= 22


def test_neither_a_tone_nor_music_is_a_voice(settings: Settings) -> None:
    busy = tone_of(pattern_of("US", ToneName.BUSY), 20)
    features, told = Features(settings), []
    floor = noise(20, -60)
    for agent, customer in zip(frames(floor), frames(busy + floor), strict=True):
        told += features.push(agent, customer)
        if agent.t > 2:
            assert not features.voiced[Leg.CUSTOMER]
    assert [event for event in told if isinstance(event, Voice) and event.t > 2] == []


def test_digital_zero_is_a_dead_line_where_there_was_a_floor() -> None:
    floor = noise(6, -60)
    begun, over = heard(Leg.AGENT, np.concatenate([floor, silence(4), floor]))
    assert (begun.tone, begun.leg, begun.since) == (ToneName.DEAD_LINE, Leg.AGENT, 6)
    assert begun.t == pytest.approx(8)
    assert over.t == pytest.approx(10.2)


def test_zero_tells_nothing_where_pauses_are_zero_anyway() -> None:
    words = np.concatenate([noise(0.5, -30), silence(0.5)])
    assert heard(Leg.CUSTOMER, np.concatenate([*[words] * 10, silence(10)])) == []
    assert heard(Leg.CUSTOMER, silence(20)) == []


def test_comfort_noise_far_under_the_floor_is_a_dead_line() -> None:
    (begun,) = heard(Leg.CUSTOMER, np.concatenate([noise(8, -55), noise(6, -75, 1)]))
    assert (begun.tone, begun.since) == (ToneName.DEAD_LINE, pytest.approx(8))
    assert begun.t == pytest.approx(11)
    assert heard(Leg.CUSTOMER, np.concatenate([noise(8, -55), noise(6, -58, 1)])) == []
