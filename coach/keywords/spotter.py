"""Spots key-phrases on one leg: with Vosk on the compiled network, or in given words.

Comes in: frames with their raw voice activity. Goes out: key-phrase events, each believed only
when nothing will take it back. Refuses to know: the call, the other leg, what else was said.
"""

from collections import deque
from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coach.events import KeyPhrase
from coach.frames import FRAME_S, Frame
from coach.keywords.engine import SAMPLE_RATE, Model
from coach.keywords.near_search import NearSearch
from coach.keywords.network import HeardPhrase
from coach.keywords.pack import Pack, normalise
from coach.keywords.search import Found, PhraseSearch, Word
from coach.names import Leg, Source
from coach.sections import Keywords


class Spotter(Protocol):
    """What hears the key-phrases of one leg."""

    def push(self, frame: Frame, voiced: bool) -> list[KeyPhrase]:
        """Take the next frame and whether it is voiced; return the phrases now believed."""

    def new_call(self) -> None:
        """Forget everything heard so far."""

    def finish(self, t: float) -> list[KeyPhrase]:
        """Return what is left to believe: the leg is over at ``t`` seconds."""


class VoskSpotter:
    """Decodes utterance by utterance: silence costs nothing, a pause settles what was said."""

    def __init__(
        self, leg: Leg, model: Model, phrases: list[HeardPhrase], settings: Keywords
    ) -> None:
        self._leg = leg
        self._model = model
        self._phrases = phrases
        self._set = settings
        self._onset = _frames(settings.onset_s)
        self._end = _frames(settings.end_silence_s)
        self._longest = _frames(settings.longest_utterance_s)
        self._before: deque[Frame] = deque(maxlen=_frames(settings.preroll_s) + self._onset)
        self._carry = _frames(settings.carry_s) if settings.carry_s else 0
        self.new_call()

    def new_call(self) -> None:
        """Drop the recogniser with all it adapted to, and any utterance under way."""
        self._recogniser = self._model.recogniser()
        self._said: list[NDArray[np.float32]] = []
        self._carried: list[NDArray[np.float32]] = []
        self._before.clear()
        self._voiced_run = 0
        self._silent_run = 0
        self._started_at = self._settled_s = 0.0

    def push(self, frame: Frame, voiced: bool) -> list[KeyPhrase]:
        """Take the next frame; an utterance is decoded to its end after a short silence."""
        self._voiced_run = self._voiced_run + 1 if voiced else 0
        self._silent_run = 0 if voiced else self._silent_run + 1
        if not self._said:
            self._before.append(frame)
            if self._voiced_run >= self._onset:
                self._begin()
            return []
        self._hear(frame.samples)
        # past the longest utterance any dip will do, and at twice that none is waited for
        long = len(self._said) // self._longest
        if self._silent_run >= (self._end, 2, 0)[min(long, 2)]:
            return self._finish(frame.t)
        return []

    def finish(self, t: float) -> list[KeyPhrase]:
        """Decode an utterance under way to its end."""
        return self._finish(t) if self._said else []

    def _begin(self) -> None:
        # a phrase may go on after a pause: what was just said is heard again in front of the rest
        carried = self._carried if len(self._before) < (self._before.maxlen or 0) else []
        self._settled_s = len(carried) * FRAME_S
        self._started_at = self._before[0].t - FRAME_S - self._settled_s
        for samples in (*carried, *(frame.samples for frame in self._before)):
            self._hear(samples)
        self._before.clear()

    def _hear(self, samples: NDArray[np.float32]) -> None:
        self._said.append(samples)
        self._recogniser.accept(samples)

    def _finish(self, now: float) -> list[KeyPhrase]:
        heard = [
            found
            for found in self._search(self._recogniser.finish())
            if found.end > self._settled_s and found.confidence >= self._set.min_confidence
        ]
        audio = np.concatenate(self._said) if heard else np.empty(0, np.float32)
        believed = [found for each in heard if (found := self._second_look(each, audio))]
        told = max((_frames(found.end) for found in believed), default=0)
        self._carried = self._said[max(told, len(self._said) - self._carry) :]
        self._said, self._voiced_run = [], 0
        return [
            key_phrase(now, self._leg, found, self._started_at, Source.VOSK) for found in believed
        ]

    def _search(self, words: list[Word]) -> list[Found]:
        search = PhraseSearch(self._phrases, self._set.word_gap_s)
        return [found for word in words for found in search.push(word)] + search.flush()

    def _second_look(self, found: Found, audio: NDArray[np.float32]) -> Found | None:
        """Decode the phrase's own stretch of audio alone; a chance match seldom stands that.

        A promised time has to be heard the same both times, else the phrase stands without it.
        """
        margin = self._set.second_look_s
        if margin == 0:
            return found
        begin = max(0, int((found.start - margin) * SAMPLE_RATE))
        end = int((found.end + margin) * SAMPLE_RATE)
        again = self._model.recogniser()
        again.accept(audio[begin:end])
        phrases = [
            other.phrase
            for other in self._search(again.finish())
            if other.phrase.category is found.phrase.category
        ]
        if not phrases:
            return None
        if any(phrase.seconds == found.phrase.seconds for phrase in phrases):
            return found
        return found._replace(phrase=found.phrase._replace(seconds=None))


class WordSpotter:
    """Finds the phrases in words with times that somebody else recognised, well or not so well."""

    def __init__(self, leg: Leg, words: Iterable[Word], pack: Pack, settings: Keywords) -> None:
        self._leg = leg
        self._words = deque(words)
        self._search = NearSearch(pack, settings.word_gap_s)

    def new_call(self) -> None:
        """Nothing to forget: the words are one recording's."""

    def push(self, frame: Frame, voiced: bool) -> list[KeyPhrase]:
        """Take the words that have ended by now."""
        found = self._until(frame.t)
        if not self._words or self._words[0].start > frame.t:
            found += self._search.settle(frame.t)
        return self._events(frame.t, found)

    def finish(self, t: float) -> list[KeyPhrase]:
        """Search the words that are left."""
        return self._events(t, self._until(float("inf")) + self._search.flush())

    def _until(self, t: float) -> list[Found]:
        found = []
        while self._words and self._words[0].end <= t:
            word = self._words.popleft()
            if spoken := normalise(word.word):
                found += self._search.push(word._replace(word=spoken))
        return found

    def _events(self, t: float, found: list[Found]) -> list[KeyPhrase]:
        return [key_phrase(t, self._leg, f, 0.0, Source.WORDS) for f in found]


class DeafSpotter:
    """For a leg on which nothing is spotted."""

    def new_call(self) -> None:
        """Nothing to forget."""

    def push(self, frame: Frame, voiced: bool) -> list[KeyPhrase]:
        """Hear nothing."""
        return []

    def finish(self, t: float) -> list[KeyPhrase]:
        """Have heard nothing."""
        return []


def key_phrase(now: float, leg: Leg, found: Found, zero: float, source: Source) -> KeyPhrase:
    """Return the event of a phrase found at times counted from ``zero`` seconds of audio."""
    return KeyPhrase(
        t=now,
        leg=leg,
        category=found.phrase.category,
        phrase=found.phrase.text,
        start=zero + found.start,
        end=zero + found.end,
        confidence=min(1.0, max(0.0, found.confidence)),
        source=source,
        seconds=found.phrase.seconds,
        gloss=found.phrase.gloss or None,
    )


def _frames(seconds: float) -> int:
    return max(1, round(seconds / FRAME_S))
