from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from coach import settings
from coach.cli.spotting import compiled
from coach.events import KeyPhrase
from coach.frames import FRAME, FRAME_S, Frame, Framer
from coach.keywords.engine import Model
from coach.keywords.network import Network
from coach.keywords.pack import Pack, Phrase, load_pack
from coach.keywords.search import Word
from coach.keywords.spotter import Spotter, VoskSpotter, WordSpotter
from coach.names import Category, Leg, Source
from speech import telephone

SETTINGS = settings.load(pairs=["unit.language='ko'"]).settings
THANKS = Phrase(Category.THANKS, ("thank", "you"), "thanks", None)
PROMISE = Phrase(Category.TIME_PROMISE, ("one", "minute"), "one minute", 60.0)
PACK = Pack("en", (THANKS, PROMISE))


def frames(samples: np.ndarray) -> Iterator[Frame]:
    for index in range(len(samples) // FRAME):
        chunk = samples[index * FRAME : (index + 1) * FRAME].astype(np.float32)
        yield Frame(index, (index + 1) * FRAME_S, chunk)


def hear(spotter: Spotter, samples: np.ndarray) -> list[KeyPhrase]:
    """Push ``samples``, voiced wherever they are loud."""
    heard = []
    for frame in frames(samples):
        heard += spotter.push(frame, bool(np.abs(frame.samples).max() > 0.01))
    return heard


def test_words_become_events_as_they_end() -> None:
    words = [
        Word("Well,", 0.2, 0.4, 0.9),
        Word("Thank", 1.0, 1.2, 0.9),
        Word("you.", 1.3, 1.5, 0.8),
    ]
    spotter = WordSpotter(Leg.CUSTOMER, words, PACK, SETTINGS.keywords)
    (phrase,) = hear(spotter, np.zeros(16000 * 3))
    assert (phrase.leg, phrase.category, phrase.source) == (
        Leg.CUSTOMER,
        Category.THANKS,
        Source.WORDS,
    )
    assert (phrase.start, phrase.end, phrase.confidence) == (1.0, 1.5, 0.8)
    assert 1.5 <= phrase.t <= 1.5 + 2 * FRAME_S


def test_a_promise_carries_its_seconds() -> None:
    words = [Word("one", 0.2, 0.4, 0.9), Word("minute", 0.5, 0.8, 0.9)]
    (phrase,) = hear(WordSpotter(Leg.AGENT, words, PACK, SETTINGS.keywords), np.zeros(16000 * 2))
    assert (phrase.seconds, phrase.gloss) == (60.0, "one minute")


def test_words_left_at_the_end_are_searched() -> None:
    words = [Word("thank", 1.0, 1.2, 0.9), Word("you", 1.3, 1.5, 0.8)]
    spotter = WordSpotter(Leg.AGENT, words, PACK, SETTINGS.keywords)
    assert hear(spotter, np.zeros(16000)) == []
    assert [phrase.category for phrase in spotter.finish(1.0)] == [Category.THANKS]


@pytest.fixture(scope="module")
def network(korean_model: Path) -> Network:
    return compiled(load_pack("ko"), SETTINGS, print)


@pytest.fixture(scope="module")
def model(network: Network) -> Model:
    return Model(network.folder)


@pytest.fixture
def spotter(network: Network, model: Model) -> VoskSpotter:
    return VoskSpotter(Leg.AGENT, model, network.phrases, SETTINGS.keywords)


@pytest.fixture(scope="module")
def thanks(calls: Path) -> np.ndarray:
    """Two seconds from a rendered set: '이용해 주셔서 감사합니다' and the pause behind it."""
    samples, rate = soundfile.read(calls / "synth/dev-ko-am_onyx.flac", dtype="float32")
    return samples[round(12.0 * rate) : round(15.5 * rate)]


def test_a_phrase_is_believed_after_a_short_silence(
    spotter: VoskSpotter, thanks: np.ndarray
) -> None:
    (phrase,) = hear(spotter, thanks)
    assert (phrase.category, phrase.source) == (Category.THANKS, Source.VOSK)
    assert phrase.t - phrase.end <= 0.5


def test_times_count_from_the_beginning_of_the_leg(
    spotter: VoskSpotter, thanks: np.ndarray
) -> None:
    (alone,) = hear(spotter, thanks)
    spotter.new_call()
    first, second = hear(spotter, np.concatenate([thanks, np.zeros(16000 * 2), thanks]))
    shift = len(thanks) / 16000 + 2.0
    assert (first.start, first.end) == pytest.approx((alone.start, alone.end), abs=0.05)
    assert (second.start, second.end) == pytest.approx(
        (alone.start + shift, alone.end + shift), abs=0.05
    )


def test_what_is_not_voiced_is_not_decoded(spotter: VoskSpotter, thanks: np.ndarray) -> None:
    assert [p for frame in frames(thanks) for p in spotter.push(frame, False)] == []
    assert spotter.finish(10.0) == []


def test_an_utterance_without_a_pause_is_decoded_all_the_same(
    network: Network, model: Model, thanks: np.ndarray
) -> None:
    keywords = settings.load(pairs=["keywords.longest_utterance_s=1.5"]).settings.keywords
    spotter = VoskSpotter(Leg.AGENT, model, network.phrases, keywords)
    heard = [phrase for frame in frames(thanks) for phrase in spotter.push(frame, True)]
    assert [phrase.category for phrase in heard] == [Category.THANKS]
    assert heard[0].t == pytest.approx(2 * 1.5, abs=0.1)  # at twice the longest none is waited for


def test_a_new_call_forgets_an_utterance_under_way(
    spotter: VoskSpotter, thanks: np.ndarray
) -> None:
    for frame in frames(thanks[: 16000 * 2]):
        spotter.push(frame, True)
    spotter.new_call()
    assert spotter.finish(3.0) == []


def cut_in_two(thanks: np.ndarray, pause_s: float) -> np.ndarray:
    """The phrase with silence put into the quietest place about its middle."""
    loud = np.flatnonzero(np.abs(thanks) > 0.01)
    first, last = loud[0] + 0.4 * np.ptp(loud), loud[0] + 0.7 * np.ptp(loud)
    places = np.arange(int(first), int(last), 80)
    middle = min(places, key=lambda at: np.abs(thanks[at - 240 : at + 240]).max())
    return np.concatenate([thanks[:middle], np.zeros(int(pause_s * 16000)), thanks[middle:]])


def test_a_phrase_that_goes_on_after_a_pause_is_one(
    network: Network, model: Model, thanks: np.ndarray
) -> None:
    samples = cut_in_two(thanks, 0.3)
    alone = settings.load(pairs=["keywords.carry_s=0"]).settings.keywords
    deaf = VoskSpotter(Leg.AGENT, model, network.phrases, alone)
    assert hear(deaf, samples) == []
    (phrase,) = hear(VoskSpotter(Leg.AGENT, model, network.phrases, SETTINGS.keywords), samples)
    assert phrase.category is Category.THANKS


def test_a_phrase_told_before_a_pause_is_not_told_again(
    spotter: VoskSpotter, thanks: np.ndarray
) -> None:
    more = thanks[: 16000 // 2] * 0.5
    samples = np.concatenate([thanks[: np.flatnonzero(np.abs(thanks) > 0.01)[-1] + 4500], more])
    assert [phrase.category for phrase in hear(spotter, samples)] == [Category.THANKS]


def test_the_telephone_band_is_heard_as_well(network: Network, model: Model, calls: Path) -> None:
    samples, _ = soundfile.read(calls / "synth/dev-ko-am_onyx.flac", 40 * 16000, dtype="float32")
    framer = Framer(telephone.LINE_RATE, SETTINGS.audio)
    frames_ = [*framer.push(telephone.to_line(samples)), *framer.flush()]
    heard = {}
    for widen in (True, False):
        keywords = replace(SETTINGS.keywords, widen=widen)
        spotter = VoskSpotter(Leg.CUSTOMER, model, network.phrases, keywords)
        heard[widen] = hear(spotter, np.concatenate([frame.samples for frame in frames_]))
    assert len(heard[True]) > len(heard[False])
    assert {phrase.category for phrase in heard[True]} >= {Category.THANKS}
