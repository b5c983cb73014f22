"""``python -m bench.short_phrases``: which short phrases much else sounds like.

For each phrase that is too short to forgive a wrong word: how often an hour of ordinary sentences
holds it, and how often words one letter away from it, which a recogniser may take for it. What is
near that often cannot be told by its sound: its place in the call has to decide.
"""

import random
import sys
from collections import Counter

from rapidfuzz.distance import Levenshtein

from bench.fillers import sentences
from bench.slips import timed
from coach.keywords.near import Forgiveness, letters
from coach.keywords.pack import Pack, Phrase, load_pack, shipped_languages


def short(pack: Pack) -> list[Phrase]:
    """Return the phrases that are searched exactly."""
    forgiveness = Forgiveness(pack)
    return [phrase for phrase in pack.phrases if not forgiveness.forgives(phrase)]


def counted(phrase: Phrase, texts: list[list[str]]) -> tuple[int, Counter[str]]:
    """Return how often a phrase stands in the sentences, and what is one letter away from it."""
    own = "".join(map(letters, phrase.words))
    said, near = 0, Counter[str]()
    for words in texts:
        spelled = list(map(letters, words))
        for begin in range(len(words)):
            for end in range(begin + 1, min(begin + len(phrase.words) + 1, len(words)) + 1):
                heard = "".join(spelled[begin:end])
                if heard == own:
                    said += 1
                elif abs(len(heard) - len(own)) <= 1 and Levenshtein.distance(heard, own) == 1:
                    near[" ".join(words[begin:end])] += 1
    return said, near


def main() -> None:
    """Print the phrases of each language, the most mistakable first."""
    for language in sys.argv[1:] or shipped_languages():
        texts = sentences(language)
        rng = random.Random(0)
        hours = sum(timed(words, 0.0, rng)[-1].end + 0.5 for words in texts) / 3600
        if not texts:
            print(f"{language}: no ordinary sentences")
            continue
        phrases = short(load_pack(language))
        rows = [(*counted(phrase, texts), phrase) for phrase in phrases]
        rows.sort(key=lambda row: -row[1].total())
        print(f"{language}: {len(phrases)} short phrases, {hours:.2f} h of ordinary sentences")
        print(f"{'phrase':22}{'category':22}{'said/h':>8}{'near/h':>8}  what is near")
        for said, near, phrase in rows:
            if said or near:
                most = ", ".join(f"{text} {n}" for text, n in near.most_common(3))
                print(
                    f"{phrase.text:22}{phrase.category:22}"
                    f"{said / hours:8.1f}{near.total() / hours:8.1f}  {most}"
                )


if __name__ == "__main__":
    main()
