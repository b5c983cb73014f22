"""The speech that key-phrases are scored on: rendered sets in parts, and what is done to them.

Goes out: recordings with what is said in them when. Three parts: ``dev`` is the shared sets of
four voices, ``tune`` are other wordings by other voices, ``test`` are wordings and voices that
nothing was tuned on. Conversation without any key-phrase has a ``tune`` and a ``test`` part too,
again of different sentences and voices. Refuses to know: recognisers.
"""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from scipy.signal import resample_poly

from bench.figures import LANGUAGE, ROOT, Missing, rendered_sets
from bench.sound import utterances
from coach.keywords.pack import load_pack
from speech import telephone
from speech.sets import NEGATIVE, Item, build_set, conversation, write_set
from speech.voices import RATE, Samples

KEPT = ROOT / "build" / "speech"
# voices of the phrases and of the conversation
VOICES = {
    "tune": ("jf_alpha", "jm_kumo", "hf_alpha", "im_nicola"),
    "test": ("jf_tebukuro", "hm_omega", "if_sara", "pm_alex"),
}
TALKERS = {"tune": ("jf_alpha", "jm_kumo"), "test": ("jf_tebukuro", "hm_omega", "if_sara")}
SPEEDS = (0.9, 1.0, 1.1, 1.2)
# Each talker is also heard with pitch and pace moved together: played by this ratio too fast.
TURNED = ((1, 1), (12, 13), (14, 13))
WORDINGS_OF_A_CATEGORY = 5
TIMES_SAID = 2
# What agents put before a phrase, before every third of them.
BEFORE = ("네 고객님", "그러면", "알겠습니다 고객님")


class Leg(NamedTuple):
    """One leg: ``path`` of its recording and the utterances in it."""

    path: Path
    utterances: list[dict[str, Any]]


def tuned_on() -> list[str]:
    """Return the parts that were tuned on; of other languages than Korean there is but one."""
    return ["dev", "tune"] if LANGUAGE == "ko" else ["dev"]


def phrase_items(part: str) -> list[Item]:
    """Return the items of the phrases of ``tune`` or ``test``, each voice's in one run."""
    shared = {u["text"] for path in rendered_sets() for u in utterances(path)}
    pack = sorted(load_pack("ko").phrases, key=lambda phrase: phrase.category)
    chosen: list[tuple[str, str]] = []
    for category, phrases in groupby(pack, key=lambda phrase: phrase.category):
        texts = [phrase.text for phrase in phrases if phrase.text not in shared]
        mine = [
            text for text in sorted(texts, key=_number) if _number(text) % 2 == (part == "test")
        ]
        chosen += [(category.value, text) for text in mine[:WORDINGS_OF_A_CATEGORY]]
    voices = VOICES[part]
    items = []
    for turn in range(TIMES_SAID):
        for n, (category, text) in enumerate(chosen):
            words = f"{BEFORE[n // 3 % len(BEFORE)]} {text}" if n % 3 == 0 else text
            voice = voices[(n + turn) % len(voices)]
            items.append(Item(category, words, voice, SPEEDS[(n + turn) // 2 % len(SPEEDS)]))
    return sorted(items, key=lambda item: item.voice)


def talk_items(part: str, voice: str) -> list[Item]:
    """Return the sentences of conversation that belong to ``part``, said by ``voice``."""
    mine = conversation()[part == "test" :: 2]
    return [Item(NEGATIVE, text, voice, SPEEDS[n % len(SPEEDS)]) for n, text in enumerate(mine)]


def phrases(part: str) -> list[Leg]:
    """Return the recordings of the phrases of a part."""
    if part == "dev":
        return [Leg(path.with_suffix(".flac"), utterances(path)) for path in rendered_sets()]
    if part not in tuned_on() and LANGUAGE != "ko":
        raise Missing(f"there is no {part} part in language {LANGUAGE!r}")
    by_voice = groupby(phrase_items(part), key=lambda item: item.voice)
    return [_kept(f"{part}-{voice}", list(items)) for voice, items in by_voice]


def talk(part: str) -> Iterator[Leg]:
    """Yield the recordings of the conversation of a part, which there is in Korean."""
    if LANGUAGE != "ko":
        return
    for voice in TALKERS[part]:
        whole = _kept(f"talk-{part}-{voice}", talk_items(part, voice))
        for up, down in TURNED:
            yield whole if up == down else _turned(whole, up, down)


def condition(samples: Samples, name: str, seed: int = 5) -> tuple[Samples, int]:
    """Return ``samples`` (16 kHz) as they are heard in a condition, and the rate then.

    ``name``: ``clean``, ``30 dB`` (babble of nine talkers so far under the active speech level),
    ``telephone`` (300-3400 Hz, 8 kHz, µ-law) or ``telephone 20 dB``.
    """
    snr = name.removeprefix("telephone")
    if snr.strip().endswith("dB"):
        babble = telephone.babble(_babble(), len(samples), talkers=9, seed=seed)
        samples = telephone.mix(samples * np.float32(0.7), babble, float(snr.split()[0]))
    if "telephone" in name:
        return telephone.to_line(samples), telephone.LINE_RATE
    return samples, RATE


def in_condition(leg: Leg, name: str) -> Leg:
    """Return a leg in a condition, kept on disk."""
    if name == "clean":
        return leg
    path = KEPT / f"{leg.path.stem} {name}.flac".replace(" ", "-")
    if not path.exists():
        samples, _ = soundfile.read(leg.path, dtype="float32")
        KEPT.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, *condition(samples, name), subtype="PCM_16")
    return Leg(path, leg.utterances)


def _number(text: str) -> int:
    """A number that a wording always has, wherever it stands in the pack."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest())


def _kept(name: str, items: Sequence[Item]) -> Leg:
    file = KEPT / f"{name}.flac"
    if not file.exists():
        write_set(KEPT, name, *build_set(items, "ko"))
    return Leg(file, utterances(file.with_suffix(".json")))


def _turned(leg: Leg, up: int, down: int) -> Leg:
    path = leg.path.with_name(f"{leg.path.stem}-{up}-{down}.flac")
    if not path.exists():
        samples, _ = soundfile.read(leg.path, dtype="float32")
        turned = resample_poly(samples, up, down).clip(-1, 1).astype(np.float32)
        soundfile.write(path, turned, RATE, subtype="PCM_16")
    ratio = up / down
    moved = [{**u, "start": u["start"] * ratio, "end": u["end"] * ratio} for u in leg.utterances]
    return Leg(path, moved)


def _babble() -> list[Samples]:
    """Return what the talkers of the office say: conversation of the ``tune`` part."""
    voice = TALKERS["tune"][1]
    path = _kept(f"talk-tune-{voice}", talk_items("tune", voice)).path
    samples, _ = soundfile.read(path, dtype="float32")
    return list(np.array_split(samples, 40))
