"""A compiled keyword network: exact phrase paths against a loop of filler words.

Comes in: the folder that ``coach.keywords.compiler`` made. Goes out: the phrases that can be heard
with it, in the model's own words. Refuses to know: how it is made, and audio.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

from coach.errors import ModelError
from coach.keywords.operating_point import NEUTRAL, OperatingPoint
from coach.keywords.pack import Pack, Phrase
from coach.names import Category
from coach.sections import Keywords

FORMAT = 3  # of the compiled folder; a new number compiles every pack anew


class HeardPhrase(NamedTuple):
    """A phrase as the model spells it: what the search in a recogniser's words looks for."""

    words: tuple[str, ...]
    phrase: Phrase


class Network(NamedTuple):
    """A compiled folder and the phrases that it can hear; ``lacking``: words the model has not."""

    folder: Path
    phrases: list[HeardPhrase]
    lacking: list[str]


def compiled_folder(
    cache: Path, model: Path, pack: Pack, settings: Keywords, point: OperatingPoint = NEUTRAL
) -> Path:
    """Return where the network of this model, pack, settings and point is or would be kept."""
    return cache / f"{pack.language}-{_fingerprint(model, pack, settings, point)}"


def is_fresh(folder: Path) -> bool:
    """Tell whether a compiled folder is there and whole."""
    return (folder / "phrases.json").is_file()


def load_network(folder: Path) -> Network:
    """Return the network in a compiled folder. Raises ModelError when it is damaged."""
    try:
        data = json.loads((folder / "phrases.json").read_text("utf-8"))
        phrases = [
            HeardPhrase(tuple(heard), Phrase(Category(category), tuple(words), gloss, seconds))
            for heard, category, words, gloss, seconds in data["phrases"]
        ]
        return Network(folder, phrases, data["lacking"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder}: compiled pack is damaged; delete it and compile") from error


def _fingerprint(model: Path, pack: Pack, settings: Keywords, point: OperatingPoint) -> str:
    """Hash what the network depends on; of the model's files their sizes, heads and tails."""
    digest = hashlib.blake2b(digest_size=8)
    loop = (settings.fillers, settings.near_fillers, settings.gaussians)
    bias = (settings.bias, settings.bias_per_phone, settings.short_phones)
    costs = (point.bias, sorted(point.phrases.items()))
    digest.update(repr((FORMAT, loop, bias, costs, pack)).encode())
    for name in ("am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"):
        try:
            with (model / name).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                digest.update(f"{name} {size}".encode())
                for at in (0, max(0, size - 65536)):
                    file.seek(at)
                    digest.update(file.read(65536))
        except OSError as error:
            raise ModelError(
                f"{model / name}: {error.strerror}; install the model again"
            ) from error
    return digest.hexdigest()
