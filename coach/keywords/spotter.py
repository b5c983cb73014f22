"""Spots key-phrases on one leg: with Vosk on the compiled network, or in given words.

Comes in: frames with their raw voice activity. Goes out: key-phrase events, each believed only
when nothing will take it back. Refuses to know: the call, the other leg, what else was said.
"""

from collections import deque
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from coach.events import KeyPhrase
from coach.frames import FRAME_S, Frame, Samples
from coach.keywords.engine import SAMPLE_RATE, Model
from coach.keywords.near_search import NearSearch
from coach.keywords.network import HeardPhrase
from coach.keywords.pack import Pack, normalise
from coach.keywords.search import Found, PhraseSearch, Word
from coach.keywords.utterance import NOTHING, Utterance
from coach.keywords.wideband import Narrowness
from coach.names import Leg, Source
from coach.sections import Keywords

# Seconds of audio after which a recogniser is taken anew: it remembers every place in the network
# that it has been to. It adapts to each utterance by itself, so nothing is lost.
RENEW_S = 20.0
# How a phrase that was heard is looked at again: with so many seconds on both sides, so fast. Each
# look differs in what is around the phrase or how it sounds, and chance hangs on both.
LOOKS = ((0.1, 1.0), (0.25, 1.05), (0.5, 1.0))


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
        self._before: deque[Frame] = deque(maxlen=_frames(settings.preroll_s) + self._onset)
        self.new_call()

    def new_call(self) -> None:
        """Take a new recogniser, and drop any utterance under way."""
        self._recogniser = self._model.recogniser()
        self._narrowness = Narrowness()
        self._utterance: Utterance | None = None
        self._carried = NOTHING
        self._before.clear()
        self._voiced_run = 0
        self._silent_run = 0

    def push(self, frame: Frame, voiced: bool) -> list[KeyPhrase]:
        """Take the next frame; an utterance is decoded to its end after a short silence."""
        self._narrowness.push(frame.samples)
        self._voiced_run = self._voiced_run + 1 if voiced else 0
        self._silent_run = 0 if voiced else self._silent_run + 1
        if self._utterance is None:
            self._before.append(frame)
            if self._voiced_run >= self._onset:
                self._utterance = self._begin()
            return []
        self._utterance.push(frame.samples)
        # past the longest utterance any dip will do, and at twice that none is waited for
        long = int(self._utterance.seconds / self._set.longest_utterance_s)
        if self._silent_run >= (self._end, 2, 0)[min(long, 2)]:
            return self._finish(self._utterance, frame.t)
        return []

    def finish(self, t: float) -> list[KeyPhrase]:
        """Decode an utterance under way to its end."""
        return self._finish(self._utterance, t) if self._utterance else []

    def _begin(self) -> Utterance:
        if self._recogniser.heard_s > RENEW_S:
            self._recogniser = self._model.recogniser()
        # a phrase may go on after a pause: what was just said is heard again in front of the rest
        carried = self._carried if len(self._before) < (self._before.maxlen or 0) else NOTHING
        begin = self._before[0].t - FRAME_S
        narrow = self._set.widen and self._narrowness.narrow
        utterance = Utterance(self._recogniser, begin, carried, widen=narrow)
        for frame in self._before:
            utterance.push(frame.samples)
        self._before.clear()
        return utterance

    def _finish(self, utterance: Utterance, now: float) -> list[KeyPhrase]:
        heard = [
            found
            for found in self._search(utterance.finish())
            if found.end > utterance.carried_s and found.confidence >= self._set.min_confidence
        ]
        audio = utterance.audio
        believed = [found for each in heard if (found := self._look_again(each, audio))]
        told = max((int(found.end * SAMPLE_RATE) for found in believed), default=0)
        self._carried = audio[max(told, len(audio) - int(self._set.carry_s * SAMPLE_RATE)) :]
        self._utterance, self._voiced_run = None, 0
        return [
            key_phrase(now, self._leg, found, utterance.begin, Source.VOSK) for found in believed
        ]

    def _search(self, words: list[Word]) -> list[Found]:
        search = PhraseSearch(self._phrases, self._set.word_gap_s)
        return [found for word in words for found in search.push(word)] + search.flush()

    def _look_again(self, found: Found, audio: Samples) -> Found | None:
        """Decode the phrase's own stretch of audio alone; a chance match seldom stands that.

        It is believed if its category is heard every time. A promised time has to be heard the
        same every time too, else the phrase stands without it.
        """
        for margin_s, speed in LOOKS[: self._set.looks]:
            begin = max(0, int((found.start - margin_s) * SAMPLE_RATE))
            end = int((found.end + margin_s) * SAMPLE_RATE)
            self._recogniser.accept(_faster(audio[begin:end], speed))
            phrases = [
                other.phrase
                for other in self._search(self._recogniser.finish())
                if other.phrase.category is found.phrase.category
            ]
            if not phrases:
                return None
            if all(phrase.seconds != found.phrase.seconds for phrase in phrases):
                found = found._replace(phrase=found.phrase._replace(seconds=None))
        return found


def _faster(samples: Samples, speed: float) -> Samples:
    """Return ``samples`` played ``speed`` times as fast, pitch and all."""
    if speed == 1:
        return samples
    at = np.arange(0, len(samples) - 1, speed)
    faster: Samples = np.interp(at, np.arange(len(samples)), samples).astype(np.float32)
    return faster


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
