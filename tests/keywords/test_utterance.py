import numpy as np
import pytest

from coach.frames import RATE
from coach.keywords.search import Word
from coach.keywords.utterance import NOTHING, Utterance


class Ear:
    """Hears one word, all of what it is given."""

    def __init__(self) -> None:
        self.heard: list[np.ndarray] = []

    def accept(self, samples: np.ndarray) -> None:
        self.heard.append(samples)

    def finish(self) -> list[Word]:
        return [Word("all", 0.0, sum(map(len, self.heard)) / RATE, 1.0)]


def sound(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(int(seconds * RATE)).astype(np.float32) / 9


def test_what_comes_in_is_heard_as_it_is() -> None:
    ear = Ear()
    utterance = Utterance(ear, 5.0, NOTHING, widen=False)
    for part in np.split(sound(1), 50):
        utterance.push(part)
    (word,) = utterance.finish()
    assert (utterance.begin, utterance.seconds, word.end) == (5.0, pytest.approx(1), 1.0)
    assert np.array_equal(utterance.audio, sound(1))
    assert np.array_equal(np.concatenate(ear.heard), sound(1))


def test_what_was_carried_over_is_heard_first() -> None:
    ear = Ear()
    utterance = Utterance(ear, 5.0, sound(0.5, 1), widen=False)
    utterance.push(sound(1))
    assert (utterance.begin, utterance.carried_s, utterance.seconds) == (4.5, 0.5, 1.0)
    assert np.array_equal(utterance.audio, np.concatenate((sound(0.5, 1), sound(1))))


def test_a_widened_utterance_keeps_its_length() -> None:
    ear = Ear()
    utterance = Utterance(ear, 0.0, sound(0.5, 1), widen=True)
    for part in np.split(sound(1), 50):
        utterance.push(part)
    (word,) = utterance.finish()
    assert word.end == 1.5
    assert np.array_equal(utterance.audio[: RATE // 2], sound(0.5, 1))
    assert len(utterance.audio) == 1.5 * RATE
