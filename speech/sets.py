"""Test sets: many short sentences in one long recording, with what each of them is.

Comes in: items of category, text, voice and speed. Goes out: audio at 16 kHz and the JSON that
says when each item is said; category ``neg`` where there is no key-phrase to find. Refuses to
know what a recogniser makes of it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from speech import telephone
from speech.voices import RATE, Samples, render

NEGATIVE = "neg"
_PAUSES_S = (0.4, 0.7, 1.1, 2.6)  # between items, in random order
_FLOOR_DB = -65.0
_LEVEL_DB = -24.0


@dataclass(frozen=True)
class Item:
    """One sentence of a set. ``category``: of its key-phrase, or ``neg``."""

    category: str
    text: str
    voice: str
    speed: float = 1.0


def conversation() -> list[str]:
    """Return Korean everyday sentences without any key-phrase."""
    file = resources.files("speech") / "ko_conversation.txt"
    return [line for line in file.read_text("utf-8").splitlines() if line.strip()]


def items_of(file: Path, voice: str, speed: float | None = None) -> list[Item]:
    """Return the items of a set's JSON said by another voice, at its own speeds or at ``speed``."""
    said = json.loads(file.read_text("utf-8"))["utterances"]
    return [Item(u["category"], u["text"], voice, speed or u.get("speed", 1.0)) for u in said]


def build_set(items: Sequence[Item], lang: str, seed: int = 0) -> tuple[Samples, dict[str, Any]]:
    """Return float32[n] at 16 kHz and ``{"lang", "rate", "utterances"}``, items in their order.

    Each utterance has ``category``, ``text``, ``start``, ``end`` (s), ``voice`` and ``speed``.
    Raises as ``render`` does.
    """
    random = np.random.default_rng(seed)
    parts: list[Samples] = [np.zeros(RATE, dtype=np.float32)]
    utterances: list[dict[str, Any]] = []
    at = RATE
    for item in items:
        clip = telephone.at_level(render(item.text, lang, item.voice, item.speed), _LEVEL_DB)
        pause = np.zeros(int(random.choice(_PAUSES_S) * RATE), dtype=np.float32)
        utterances.append(
            {
                "category": item.category,
                "text": item.text,
                "start": round(at / RATE, 3),
                "end": round((at + len(clip)) / RATE, 3),
                "voice": item.voice,
                "speed": item.speed,
            }
        )
        parts += [clip, pause]
        at += len(clip) + len(pause)
    audio = np.concatenate(parts)
    audio += telephone.noise(len(audio), _FLOOR_DB, seed)
    return audio, {"lang": lang, "rate": RATE, "utterances": utterances}


def write_set(folder: Path, name: str, audio: Samples, content: dict[str, Any]) -> None:
    """Write ``NAME.flac`` and ``NAME.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / f"{name}.flac", audio, RATE, subtype="PCM_16")
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    (folder / f"{name}.json").write_text(text, "utf-8")
