"""The recorded calls of ../shared/calls through the whole pipeline, against their notes."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.hearing import Score, events_of, key_phrases, score, vosk_spotters
from bench.sound import utterances
from coach import settings as coach_settings
from coach.cli.spotting import compiled, spotters
from coach.events import CallRecord, Cue, Event, KeyPhrase
from coach.keywords.engine import Model
from coach.keywords.pack import load_pack
from coach.keywords.spotter import Spotter
from coach.line import LineFile
from coach.names import Category, CueName, Leg, Source
from coach.pipeline import Line
from coach.recordings import Recording
from coach.settings import Settings

ENGLISH = coach_settings.load(pairs=["unit.language='en'"]).settings
KOREAN = coach_settings.load(pairs=["unit.language='ko'"]).settings
EMPTY_OF_PHRASES = (
    "korean/speeches.flac",
    "Auto_Repairs_40_UTC_agent.wav",
    "Auto_Repairs_40_UTC_caller.wav",
    "agent1.wav",
)
# Each: category, from and to where the notes have it, in seconds, give or take the word times'
# 0.2 s and the half second that a phrase may take to be believed.
CALL_40 = [
    ("greeting", 0.1, 5.9),
    ("apology", 45.0, 47.0),
    ("read_back", 57.0, 58.5),
    ("thanks", 67.1, 68.0),
    ("thanks", 91.4, 92.5),
    ("anything_else", 233.3, 235.4),
    ("thanks", 239.8, 242.5),
    ("goodbye", 244.0, 244.6),
]
AGENT_1 = [
    ("thanks", 1.8, 3.5),
    ("greeting", 4.0, 6.8),
    ("hold_request", 11.5, 13.4),
    ("hold_request", 23.4, 26.7),
    ("hold_request", 57.5, 60.4),
    ("hold_request", 101.4, 102.5),
    ("hold_request", 145.0, 146.4),
    ("anything_else", 113.0, 119.0),
    ("anything_else", 169.0, 171.5),
    ("thanks", 181.6, 184.1),
    ("goodbye", 192.5, 193.3),
]
PACE = {CueName.TOO_FAST, CueName.TOO_SLOW}
HOLD_AND_HANG_UP = {
    CueName.HOLD_LIMIT,
    CueName.CHECK_BACK,
    CueName.WAIT_FOR_CUSTOMER,
    CueName.PREMATURE_HANG_UP,
    CueName.FREE_TO_HANG_UP,
    CueName.CALL_BACK,
}


def replayed(calls: Path, agent: str, customer: str | None) -> list[Event]:
    names = {Leg.AGENT: agent, Leg.CUSTOMER: customer}
    words = {leg: calls / f"{name}.words.json" for leg, name in names.items() if name}
    recording = Recording(calls / f"{agent}.wav", calls / f"{customer}.wav" if customer else None)
    return events_of(recording, spotters(ENGLISH, words, print), ENGLISH)


@pytest.mark.parametrize(
    ("agent", "customer", "noted"),
    [
        ("Auto_Repairs_40_UTC_agent", "Auto_Repairs_40_UTC_caller", CALL_40),
        ("agent1", None, AGENT_1),
    ],
)
def test_what_the_notes_list_is_found_and_no_hold_hang_up_or_pace_cue(
    calls: Path, agent: str, customer: str | None, noted: list[tuple[str, float, float]]
) -> None:
    events = replayed(calls, agent, customer)
    said = [e for e in key_phrases(events) if e.leg is Leg.AGENT]
    assert {phrase.source for phrase in said} == {Source.WORDS}
    for category, begin, end in noted:
        assert any(
            phrase.category == category and phrase.start < end + 0.3 and phrase.end > begin - 0.3
            for phrase in said
        ), (category, begin, end)
    assert [e for e in events if isinstance(e, Cue) and e.cue in HOLD_AND_HANG_UP | PACE] == []


def test_a_phrase_in_words_is_told_within_its_gap(calls: Path) -> None:
    late = [p.t - p.end for p in key_phrases(replayed(calls, "agent1", None))]
    assert max(late) <= ENGLISH.keywords.word_gap_s + 0.05


def with_times(words: dict[Leg, Path], *pairs: str) -> tuple[dict[Leg, Spotter], Settings]:
    to = coach_settings.load(pairs=["unit.language='en'", *pairs]).settings
    return spotters(to, words, print), to


def record_of(events: list[Event]) -> dict[str, object]:
    (record,) = (e for e in events if isinstance(e, CallRecord))
    return dict(record.fields)


def test_the_waits_that_agent_1_announced_are_excused(calls: Path, tmp_path: Path) -> None:
    # the customer's leg was not recorded: a silent one, and no wait long enough to be a hold
    agent = calls / "agent1.wav"
    samples, rate = soundfile.read(agent, dtype="int16")
    soundfile.write(tmp_path / "silent.wav", np.zeros_like(samples), rate)
    (tmp_path / "silent.json").write_text('{"words": []}')
    words = {Leg.AGENT: calls / "agent1.words.json", Leg.CUSTOMER: tmp_path / "silent.json"}
    hearing, to = with_times(words, "dead_air.limit_s=2", "call.audio_hold_s=60")
    events = events_of(Recording(agent, tmp_path / "silent.wav"), hearing, to)
    said = [p.phrase for p in key_phrases(events) if p.category is Category.TIME_PROMISE]
    assert said == ["i'm just pulling up"]
    # after "give me a second to set that up" 2.3 s, after "one moment, please" 5.7 s
    assert record_of(events)["dead_air_excused_s"] == pytest.approx(8.0, abs=0.3)


def test_keys_over_the_customer_and_clatter_at_the_end_are_in_the_record(
    calls: Path, tmp_path: Path
) -> None:
    names = {Leg.AGENT: "Auto_Repairs_40_UTC_agent", Leg.CUSTOMER: "Auto_Repairs_40_UTC_caller"}
    legs = {leg: soundfile.read(calls / f"{name}.wav", 60 * 8000)[0] for leg, name in names.items()}
    random = np.random.default_rng(1)
    for at in (10.3, 12.1, 13.6, 23.3, 25.0, 59.4):
        knock = 0.05 * random.standard_normal(800) * np.exp(-np.arange(800) / 50)
        legs[Leg.AGENT][round(at * 8000) :][:800] += knock
    for leg, samples in legs.items():
        soundfile.write(tmp_path / f"{leg}.wav", samples, 8000)
    (tmp_path / "line.jsonl").write_text(
        '{"t": 0.0, "signal": "off_hook"}\n{"t": 59.6, "signal": "on_hook"}\n'
    )
    hearing, to = with_times({leg: calls / f"{name}.words.json" for leg, name in names.items()})
    line = Line(LineFile(tmp_path / "line.jsonl"), hook=True, far_end=False)
    recording = Recording(tmp_path / "agent.wav", tmp_path / "customer.wav")
    fields = record_of(events_of(recording, hearing, to, line))
    assert fields["clatter"] is True
    speech_min = 31.5 / 60  # the customer's, by the voice detector
    assert fields["impulses_per_min"] == pytest.approx(5 / speech_min, rel=0.25)
    assert fields["interruptions"] == 0
    assert fields["noise_floor_db"] is not None
    assert fields["snr_db"] is not None


@pytest.fixture(scope="module")
def korean_hearing(korean_model: Path) -> tuple[object, Model]:
    network = compiled(load_pack("ko"), KOREAN, print)
    return network, Model(network.folder)


def heard(recording: Recording, hearing: tuple[object, Model]) -> list[KeyPhrase]:
    network, model = hearing
    spotter = vosk_spotters(network, model, KOREAN, [Leg.AGENT])  # type: ignore[arg-type]
    return key_phrases(events_of(recording, spotter, KOREAN))


def test_korean_key_phrases_are_heard(calls: Path, korean_hearing: tuple[object, Model]) -> None:
    total = Score()
    for path in sorted((calls / "synth").glob("dev-ko-*.json")):
        score(heard(Recording(path.with_suffix(".flac")), korean_hearing), utterances(path), total)
    assert total.said == 120
    assert total.miss <= 0.08, total.missed
    assert len(total.false) <= 3, total.false


def test_nothing_is_heard_in_speech_without_key_phrases(
    calls: Path, korean_hearing: tuple[object, Model]
) -> None:
    false = [
        p.phrase for f in EMPTY_OF_PHRASES for p in heard(Recording(calls / f), korean_hearing)
    ]
    assert len(false) <= 1, false
