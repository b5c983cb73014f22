"""``python -m bench.words``: phrases in transcripts with a recogniser's errors, ours and exact.

The same words go to the search of transcripts (``NearSearch``) and to the exact one
(``PhraseSearch``), the peer. Half of the phrases, told by a hash, are there to choose by; the other
half is shown by ``--held``. ``--list`` prints misses and false hits. A hit is a phrase of the right
category where it was said; a phrase that stands whole in what was said is never a false one.
"""

import argparse
import random
import tomllib
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.figures import Missing, keep
from bench.fillers import fillers, has_dialogues
from bench.slips import KINDS, Said, Slips, Speech, sentences, speech
from bench.table import Row
from coach.keywords.near_search import NearSearch
from coach.keywords.network import HeardPhrase
from coach.keywords.pack import Pack, Phrase, load_pack, normalise, shipped_languages
from coach.keywords.search import Found, PhraseSearch, Word

RATE = 0.1  # of the words that are wrong
GAP_S = 0.6  # keywords.word_gap_s
_OF_CATEGORY = 24  # phrases drawn of each category and half
_SEEDS = 3


class Search(Protocol):
    """What finds phrases in words."""

    def push(self, word: Word) -> list[Found]: ...

    def flush(self) -> list[Found]: ...


@dataclass
class Tally:
    """Phrases said and heard, false hits, seconds of speech."""

    said: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def miss(self) -> float:
        return len(self.missed) / self.said if self.said else 0.0

    @property
    def false_per_hour(self) -> float:
        return len(self.false) * 3600 / self.seconds if self.seconds else 0.0


def exact(pack: Pack) -> Search:
    """The peer: word by word."""
    return PhraseSearch([HeardPhrase(phrase.words, phrase) for phrase in pack.phrases], GAP_S)


def ours(pack: Pack) -> Search:
    """What a transcript is searched with."""
    return NearSearch(pack, GAP_S)


def halves(pack: Pack, rng: random.Random) -> tuple[list[Phrase], list[Phrase]]:
    """Return phrases to choose by and phrases held out, as many of each category at most."""
    by: tuple[defaultdict[str, list[Phrase]], ...] = (defaultdict(list), defaultdict(list))
    for phrase in pack.phrases:
        by[zlib.crc32(phrase.text.encode()) % 2][phrase.category].append(phrase)
    drawn = [
        [p for of in half.values() for p in rng.sample(of, min(len(of), _OF_CATEGORY))]
        for half in by
    ]
    return drawn[0], drawn[1]


def score(search: Search, heard: Speech, into: Tally) -> None:
    """Add what a search finds in a transcript to ``into``."""
    found = [f for word in heard.words for f in search.push(word)] + search.flush()
    right: set[int] = set()
    for said in heard.said:
        into.said += 1
        over = [n for n, f in enumerate(found) if f.end > said.start and f.start < said.end]
        hits = [n for n in over if found[n].phrase.category is said.phrase.category]
        if not hits:
            into.missed.append(f"{said.phrase.text}  <  {_text(heard.words, said)}")
        right |= {*hits, *(n for n in over if _within(found[n].phrase, said))}
    for n, f in enumerate(found):
        words = [w.word for w in heard.words if w.start >= f.start and w.end <= f.end]
        if n not in right and not _chance(f, words):
            into.false.append(f"{f.phrase.category} {f.phrase.text}  <  {' '.join(words)}")
    into.seconds += heard.seconds


def _within(phrase: Phrase, said: Said) -> bool:
    return f" {phrase.text} " in f" {said.phrase.text} "


def _chance(found: Found, words: list[str]) -> bool:
    """Whether an error made a phrase letter for letter: no search can know better."""
    return "".join(words) == "".join(found.phrase.words)


def _text(words: list[Word], said: Said) -> str:
    return " ".join(w.word for w in words if w.end > said.start and w.start < said.end)


def tallies(pack: Pack, transcripts: Sequence[Speech]) -> tuple[Tally, Tally]:
    """Return the peer's tally and ours of the same transcripts."""
    peer, mine = Tally(), Tally()
    for heard in transcripts:
        score(exact(pack), heard, peer)
        score(ours(pack), heard, mine)
    return peer, mine


def with_phrases(
    pack: Pack, texts: Sequence[list[str]], phrases: Sequence[Phrase], kind: str
) -> list[Speech]:
    """Return transcripts of sentences and phrases, other errors in each."""
    transcripts = []
    for seed in range(_SEEDS):
        rng = random.Random(seed)
        order = rng.sample(list(phrases), len(phrases))
        transcripts.append(speech(order, texts, _slips(pack, texts, rng), rng, kind, RATE))
    return transcripts


def without_phrases(pack: Pack, texts: Sequence[list[str]], rate: float) -> list[Speech]:
    """Return all sentences, and no phrase, in one transcript."""
    rng = random.Random(0)
    return [sentences(texts, _slips(pack, texts, rng), rng, rate)]


def _slips(pack: Pack, texts: Sequence[list[str]], rng: random.Random) -> Slips:
    return Slips(rng, texts, {word for phrase in pack.phrases for word in phrase.words})


def near_misses(language: str) -> list[list[str]]:
    """Return sentences that are a word off a phrase and mean something else."""
    file = Path(__file__).with_name("near_misses.toml")
    texts = tomllib.loads(file.read_text("utf-8")).get(language, [])
    return [list(filter(None, map(normalise, text.split()))) for text in texts]


def rows() -> Iterator[Row]:
    """Yield misses and false hits of the phrases held out, a tenth of all words wrong."""
    if not has_dialogues():
        raise Missing("the package chatterbot-corpus is not installed; the extra bench brings it")
    for language in shipped_languages():
        pack = load_pack(language)
        texts = fillers(pack)
        if not texts:
            continue
        _, held_out = halves(pack, random.Random(0))
        peer, mine = tallies(pack, with_phrases(pack, texts, held_out, "all"))
        figure = f"{language}, missed at 10 % word errors"
        yield Row(figure, mine.miss, "", ".3f", "exact", peer.miss)
        figure = f"{language}, false per hour at 10 %"
        yield Row(figure, mine.false_per_hour, "", ".1f", "exact", peer.false_per_hour)
        peer, mine = tallies(pack, without_phrases(pack, texts, 0.0))
        figure = f"{language}, false per hour, no errors"
        yield Row(figure, mine.false_per_hour, "", ".1f", "exact", peer.false_per_hour)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m bench.words", description=__doc__)
    parser.add_argument("languages", nargs="*", default=shipped_languages())
    parser.add_argument("--held", action="store_true", help="the phrases held out")
    parser.add_argument("--list", action="store_true", help="print misses and false hits")
    args = parser.parse_args()
    half = "held out" if args.held else "to choose by"
    if not has_dialogues():
        print("the package chatterbot-corpus is not installed: fewer sentences")
    for language in args.languages:
        pack = load_pack(language)
        phrases = halves(pack, random.Random(0))[args.held]
        texts = fillers(pack)
        if not texts:
            print(f"\n{language}: no ordinary sentences to put its phrases among")
            continue
        print(f"\n{language}: {len(phrases)} phrases {half}, {len(texts)} sentences")
        print(f"{'errors':22}{'said':>6}{'miss, exact':>13}{'ours':>8}{'ratio':>7}", end="")
        print(f"{'hours':>7}{'false/h, exact':>16}{'ours':>7}")
        rows = {kind: with_phrases(pack, texts, phrases, kind) for kind in KINDS}
        rows["sentences, right"] = without_phrases(pack, texts, 0.0)
        rows["sentences, wrong"] = without_phrases(pack, texts, RATE)
        rows["near misses"] = without_phrases(pack, near_misses(language), 0.0)
        figures = {}
        for name, transcripts in rows.items():
            peer, mine = tallies(pack, transcripts)
            print(_row(name, peer, mine), flush=True)
            if args.list:
                print("".join(f"    missed: {text}\n" for text in mine.missed), end="")
                print("".join(f"    false: {text}\n" for text in mine.false), end="")
            figures[name] = {
                "miss_exact": peer.miss,
                "miss": mine.miss,
                "false_per_hour_exact": peer.false_per_hour,
                "false_per_hour": mine.false_per_hour,
            }
        keep({f"words {language}, {half}": figures})


def _row(name: str, peer: Tally, mine: Tally) -> str:
    ratio = f"{mine.miss / peer.miss:7.2f}" if peer.miss else f"{'':7}"
    return (
        f"{name:22}{mine.said:6}{peer.miss:13.3f}{mine.miss:8.3f}{ratio}{mine.seconds / 3600:7.2f}"
        f"{peer.false_per_hour:16.1f}{mine.false_per_hour:7.1f}"
    )


if __name__ == "__main__":
    main()
