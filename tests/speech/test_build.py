"""Timing is the builder's own: the sentences here are bursts put in place of rendered ones."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speech import build as builder
from speech.build import BuiltCall, Line, Pause, Say, build
from speech.sets import Item, build_set, conversation, items_of, write_set
from speech.telephone import active_level_db, in_band, level_db
from speech.voices import RATE, Samples


def burst(text: str, lang: str, voice: str, speed: float = 1.0) -> Samples:
    """A quarter of a second of noise a word, half that of silence at each comma."""
    parts = []
    random = np.random.default_rng(len(text))
    for word in text.split():
        parts.append(0.1 * random.standard_normal(int(RATE / 4 / speed)).astype(np.float32))
        parts += [np.zeros(RATE // 8, dtype=np.float32)] * word.endswith(",")
    return np.concatenate(parts)


@pytest.fixture(autouse=True)
def bursts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("speech.build.render", burst)
    monkeypatch.setattr("speech.sets.render", burst)


def agent(text: str, **more: float) -> Say:
    return Say(leg="agent", text=text, lang="en", voice="v", **more)


def customer(text: str, **more: float) -> Say:
    return Say(leg="customer", text=text, lang="en", voice="v", **more)


def heard(samples: Samples, rate: int) -> tuple[float, float]:
    """First and last second that is louder than the noise."""
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return loud[0] / rate, (loud[-1] + 1) / rate


def call() -> BuiltCall:
    return build(
        [
            Line(signal="ring", at=1.0),
            Line(signal="off_hook", by="agent", after=0.5),
            agent("one two four", after=0.5),
            customer("five six nine nine", after=-0.25),
            Pause(seconds=2.0),
            Line(signal="on_hook", by="far_end", after=0.25),
        ],
        tail_s=1.0,
    )


def test_times_are_exact() -> None:
    built = call()
    assert [(u.leg, u.start, u.end) for u in built.utterances] == [
        ("agent", 2.0, 2.75),
        ("customer", 2.5, 3.5),
    ]
    assert built.line == [
        {"t": 1.0, "signal": "ring"},
        {"t": 1.5, "signal": "off_hook", "by": "agent"},
        {"t": 5.75, "signal": "on_hook", "by": "far_end"},
    ]
    assert len(built.agent) == 6.75 * RATE
    assert len(built.customer) == 6.75 * RATE / 2
    assert heard(built.agent, RATE) == pytest.approx((2.0, 2.75), abs=0.002)
    assert heard(built.customer, RATE // 2) == pytest.approx((2.5, 3.5), abs=0.01)


def test_levels_and_floor() -> None:
    built = call()
    assert level_db(built.agent[: 2 * RATE]) == pytest.approx(-65, abs=0.3)
    assert active_level_db(built.agent[2 * RATE : 2 * RATE + 12000]) == pytest.approx(-24, abs=0.1)
    assert active_level_db(built.customer[20000:28000], RATE // 2) == pytest.approx(-24, abs=0.5)
    quiet = build([agent("one two four", level_db=-40)])
    assert active_level_db(in_band(quiet.agent)) < -38


def test_words_skip_the_pauses_of_a_sentence() -> None:
    words = build([agent("aaaa, bbbb cccc", at=1.0)]).words("agent")["words"]
    assert [w["word"] for w in words] == ["aaaa,", "bbbb", "cccc"]
    times = [(w["start"], w["end"]) for w in words]
    assert times[0] == pytest.approx((1.0, 1.25), abs=0.011)
    assert times[1] == pytest.approx((1.375, 1.625), abs=0.011)
    assert times[2] == pytest.approx((1.625, 1.875), abs=0.011)


def test_more_words_than_sound_still_get_times_in_order() -> None:
    clip = 0.1 * np.ones(480, dtype=np.float32)
    times = builder._word_times("a b c d e f", clip, 0.0)
    assert len(times) == 6
    assert all(0 <= start < end <= 0.0301 for _, start, end in times)


def test_a_leg_cannot_talk_over_itself() -> None:
    with pytest.raises(ValueError, match="agent says 'b' while still saying 'a'"):
        build([agent("a", at=1.0), agent("b", at=1.1)])


def test_nothing_begins_before_the_call() -> None:
    with pytest.raises(ValueError, match="before the call"):
        build([agent("a", after=-1.0)])


def test_files_hold_the_call(tmp_path: Path) -> None:
    built = call()
    built.write(tmp_path, "x", bits=11)
    assert sorted(f.name for f in tmp_path.iterdir()) == [
        "x-agent-words.json",
        "x-agent.flac",
        "x-customer-words.json",
        "x-customer.flac",
        "x-line.jsonl",
    ]
    samples, rate = soundfile.read(tmp_path / "x-agent.flac", dtype="int16")
    assert (rate, len(samples)) == (16000, len(built.agent))
    assert np.all(samples % 32 == 0)
    assert np.max(np.abs(samples / 32767 - built.agent)) <= 17 / 32767
    assert soundfile.info(tmp_path / "x-customer.flac").samplerate == 8000
    lines = (tmp_path / "x-line.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == built.line
    assert json.loads((tmp_path / "x-agent-words.json").read_text("utf-8")) == built.words("agent")


def test_a_set_says_where_each_item_is(tmp_path: Path) -> None:
    items = [Item("goodbye", "one two", "v"), Item("neg", "one two four", "v", 0.5)]
    audio, content = build_set(items, "en")
    first, second = content["utterances"]
    assert (first["start"], first["end"]) == (1.0, 1.5)
    assert second["end"] - second["start"] == pytest.approx(1.5)
    assert heard(audio, RATE) == pytest.approx((1.0, second["end"]), abs=0.002)
    write_set(tmp_path, "s", audio, content)
    assert soundfile.info(tmp_path / "s.flac").frames == len(audio)
    again = items_of(tmp_path / "s.json", "w")
    assert again == [Item("goodbye", "one two", "w"), Item("neg", "one two four", "w", 0.5)]


def test_conversation_is_many_different_sentences() -> None:
    sentences = conversation()
    assert len(sentences) >= 120
    assert len(set(sentences)) == len(sentences)
