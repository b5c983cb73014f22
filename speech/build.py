"""A call from a script: what is said and signalled goes in, two legs and their exact times out.

Goes out: the agent's leg as a headset microphone gives it (16 kHz), the customer's as an earpiece
does (8 kHz, telephone band), utterances, word times and line signals. Refuses to know what the
coach makes of it.
"""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile

from speech import telephone
from speech.voices import RATE, Samples, render

LegName = Literal["agent", "customer"]
LEGS: tuple[LegName, LegName] = ("agent", "customer")
_FLOOR_DB = {"agent": -65.0, "customer": -62.0}  # dBov: a quiet headset, a quiet line
_PAUSE_DB = -35.0  # under an utterance's loudest frame: a pause inside it
_STEP_S = 0.01


@dataclass(frozen=True, kw_only=True)
class Say:
    """A sentence on a leg. ``at``: its start in s; else ``after`` s after all that came before.

    A negative ``after`` talks over what came before. ``level_db``: active level in dBov.
    """

    leg: LegName
    text: str
    lang: str
    voice: str
    speed: float = 1.0
    at: float | None = None
    after: float = 0.5
    level_db: float = -24.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line signal, timed as ``Say`` is. ``by``: whose hook, for ``on_hook`` and ``off_hook``."""

    signal: str
    by: str | None = None
    at: float | None = None
    after: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Nothing for ``seconds``."""

    seconds: float


@dataclass(frozen=True)
class Utterance:
    """What was said from ``start`` to ``end`` (s) on a leg; ``words``: (word, start, end)."""

    leg: LegName
    text: str
    start: float
    end: float
    words: list[tuple[str, float, float]] = field(repr=False)


@dataclass(frozen=True)
class BuiltCall:
    """``agent``: float32[n] at 16 kHz; ``customer``: float32[n / 2] at 8 kHz; line in order."""

    agent: Samples
    customer: Samples
    utterances: list[Utterance]
    line: list[dict[str, Any]]

    def words(self, leg: LegName) -> dict[str, Any]:
        """Return the word times of a leg as ``{"words": [{"word", "start", "end", "p"}]}``."""
        said = sorted((w for u in self.utterances if u.leg == leg for w in u.words), key=_start)
        return {"words": [{"word": w, "start": s, "end": e, "p": 1.0} for w, s, e in said]}

    def write(self, folder: Path, name: str, bits: int = 16) -> None:
        """Write ``NAME-agent.flac``, ``-customer.flac``, ``-line.jsonl`` and ``-LEG-words.json``.

        ``bits``: 16 bit samples are rounded to so many; FLAC stores no more than those.
        """
        folder.mkdir(parents=True, exist_ok=True)
        step = 2 ** (16 - bits)
        for leg, rate, samples in (
            ("agent", RATE, self.agent),
            ("customer", telephone.LINE_RATE, self.customer),
        ):
            rounded = (np.round(samples * 32767 / step) * step).clip(-32768, 32767)
            file = folder / f"{name}-{leg}.flac"
            soundfile.write(
                file, rounded.astype(np.int16), rate, subtype="PCM_16", compression_level=1.0
            )
        signals = "".join(json.dumps(entry) + "\n" for entry in self.line)
        (folder / f"{name}-line.jsonl").write_text(signals, "utf-8")
        for leg in LEGS:
            words = json.dumps(self.words(leg), ensure_ascii=False, indent=0) + "\n"
            (folder / f"{name}-{leg}-words.json").write_text(words, "utf-8")


def build(script: Sequence[Say | Line | Pause], tail_s: float = 2.0, seed: int = 0) -> BuiltCall:
    """Return the call that ``script`` tells, ending ``tail_s`` after its last entry.

    Raises ValueError where an entry would begin before the call does or a leg talks over itself,
    and as ``render`` does.
    """
    now = 0.0  # end of all that came before
    clips: list[Samples] = []
    utterances: list[Utterance] = []
    line: list[dict[str, Any]] = []
    for entry in script:
        if isinstance(entry, Pause):
            now += entry.seconds
            continue
        start = entry.at if entry.at is not None else now + entry.after
        if start < 0:
            raise ValueError(f"{entry}: would begin at {start:g} s, before the call")
        if isinstance(entry, Line):
            line.append({"t": round(start, 3), "signal": entry.signal})
            line[-1] |= {"by": entry.by} if entry.by else {}
            now = max(now, start)
            continue
        start = round(start * telephone.LINE_RATE) / telephone.LINE_RATE  # a sample on both legs
        clip = render(entry.text, entry.lang, entry.voice, entry.speed)
        heard = telephone.in_band(clip) if entry.leg == "customer" else clip
        clips.append(telephone.at_level(heard, entry.level_db))
        end = start + len(clip) / RATE
        words = _word_times(entry.text, clip, start)
        utterances.append(Utterance(entry.leg, entry.text, start, end, words))
        now = max(now, end)
    length = 2 * round((now + tail_s) * telephone.LINE_RATE)
    legs = {leg: telephone.noise(length, _FLOOR_DB[leg], seed + i) for i, leg in enumerate(LEGS)}
    for clip, said in zip(clips, utterances, strict=True):
        first = round(said.start * RATE)
        legs[said.leg][first : first + len(clip)] += clip
    _refuse_self_overlap(utterances)
    line.sort(key=lambda signal: float(signal["t"]))
    return BuiltCall(legs["agent"], telephone.to_line(legs["customer"]), utterances, line)


def _start(word: tuple[str, float, float]) -> float:
    return word[1]


def _refuse_self_overlap(utterances: Sequence[Utterance]) -> None:
    for leg in LEGS:
        said = sorted((u for u in utterances if u.leg == leg), key=lambda u: u.start)
        for before, after in itertools.pairwise(said):
            if after.start < before.end:
                raise ValueError(f"{leg} says {after.text!r} while still saying {before.text!r}")


def _word_times(text: str, clip: Samples, start: float) -> list[tuple[str, float, float]]:
    """Spread the words over the sounding frames of ``clip`` by their number of letters."""
    words = text.split()
    step = int(_STEP_S * RATE)
    frames = clip[: len(clip) // step * step].reshape(-1, step)
    level = np.sqrt(np.mean(np.square(frames), axis=1))
    sounding = np.flatnonzero(level > level.max() * 10 ** (_PAUSE_DB / 20))
    letters = np.cumsum([0] + [sum(c.isalnum() for c in word) for word in words])
    edges = np.round(letters / letters[-1] * len(sounding)).astype(int)
    times = []
    for word, first, after in zip(words, edges[:-1], edges[1:], strict=True):
        last = sounding[max(first, after - 1)]
        begin, end = start + sounding[first] * _STEP_S, start + (last + 1) * _STEP_S
        times.append((word, round(float(begin), 3), round(float(end), 3)))
    return times
