"""Word times from a file: a transcript that stands in for a recogniser in a replay.

Comes in: Vosk's result JSON, one or many, or the ``{"words": [...]}`` of a transcript. Goes out:
words with their times and confidence. Refuses to know: phrases.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coach.errors import RecordingError
from coach.keywords.search import Word

_EXPECTED = 'expected Vosk results, {"result": [...]}, or a transcript, {"words": [...]}'


def load_words(path: Path) -> list[Word]:
    """Return the words of a file in the order of their start times.

    Takes one JSON object, a list of them or one after the other, each with ``result`` (words with
    ``word``, ``start``, ``end``, ``conf``), with ``words`` (``p`` in place of ``conf``), or with
    neither but ``text``: what Vosk says of silence. Raises RecordingError naming the file, the
    word's number counted from 1 and what was expected.
    """
    words: list[Word] = []
    for entry, confidence in _entries(path):
        word = _word(entry, confidence, f"{path}: word {len(words) + 1}")
        if words and word.start < words[-1].start:
            raise RecordingError(
                f"{path}: word {len(words) + 1}: starts at {word.start:g} s, before the word in "
                f"front of it ({words[-1].start:g} s); expected words in order of time"
            )
        words.append(word)
    return words


def _entries(path: Path) -> Iterator[tuple[Any, str]]:
    """Yield each word as it stands in the file with its key of the confidence."""
    for item in _objects(path):
        for result in item if isinstance(item, list) else [item]:
            if not isinstance(result, dict):
                raise RecordingError(f"{path}: {_EXPECTED}")
            for name, confidence in (("result", "conf"), ("words", "p")):
                if isinstance(result.get(name), list):
                    yield from ((entry, confidence) for entry in result[name])
                    break
            else:
                if "text" not in result or "result" in result:
                    raise RecordingError(f"{path}: {_EXPECTED}")


def _objects(path: Path) -> Iterator[Any]:
    """Yield the JSON values of a file that holds one or several."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path}: not JSON; {_EXPECTED}") from error
    text = text.strip()
    if not text:
        raise RecordingError(f"{path}: is empty; {_EXPECTED}")
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise RecordingError(
                f"{path}: line {error.lineno}: not JSON: {error.msg}; {_EXPECTED}"
            ) from error
        yield value
        while at < len(text) and text[at].isspace():
            at += 1


def _word(entry: Any, confidence: str, where: str) -> Word:
    if not isinstance(entry, dict):
        raise RecordingError(f"{where}: expected an object with word, start, end and {confidence}")
    text = entry.get("word")
    if not isinstance(text, str) or not text.strip():
        raise RecordingError(f"{where}: word must be text, not {json.dumps(text)}")
    numbers = []
    for key in ("start", "end", confidence):
        number = entry.get(key)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise RecordingError(f"{where}: {key} must be a number, not {json.dumps(number)}")
        if not math.isfinite(number) or number < 0:
            raise RecordingError(f"{where}: {key} must be 0 or more, not {number}")
        numbers.append(float(number))
    start, end, sure = numbers
    if end < start:
        raise RecordingError(f"{where}: ends at {end:g} s, before it starts ({start:g} s)")
    if sure > 1:
        raise RecordingError(f"{where}: {confidence} must be from 0 to 1, not {sure:g}")
    return Word(text.strip(), start, end, sure)
