"""Word times: every shape that is taken, every slip that is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from coach.errors import RecordingError
from coach.keywords.search import Word
from coach.keywords.words_file import load_words

ONE = {"word": "one", "start": 0.1, "end": 0.4, "conf": 0.9}
MOMENT = {"word": "moment", "start": 0.4, "end": 0.8, "conf": 1}
PLEASE = {"word": "please", "start": 2, "end": 2.5, "conf": 0.5}
WORDS = [
    Word("one", 0.1, 0.4, 0.9),
    Word("moment", 0.4, 0.8, 1.0),
    Word("please", 2.0, 2.5, 0.5),
]


def saved(folder: Path, *values: Any, gap: str = "\n") -> Path:
    path = folder / "words.json"
    path.write_text(gap.join(json.dumps(value, indent=1) for value in values))
    return path


def test_one_result_of_vosk(tmp_path: Path) -> None:
    assert load_words(saved(tmp_path, {"result": [ONE, MOMENT, PLEASE], "text": "..."})) == WORDS


@pytest.mark.parametrize("gap", ["\n", "", "\r\n \n"])
def test_results_one_after_the_other(tmp_path: Path, gap: str) -> None:
    results = ({"result": [ONE, MOMENT]}, {"text": ""}, {"result": [PLEASE]})
    assert load_words(saved(tmp_path, *results, gap=gap)) == WORDS


def test_list_of_results(tmp_path: Path) -> None:
    assert load_words(saved(tmp_path, [{"result": [ONE, MOMENT]}, {"result": [PLEASE]}])) == WORDS


def test_transcript(tmp_path: Path) -> None:
    words = [{"word": w.word, "start": w.start, "end": w.end, "p": w.confidence} for w in WORDS]
    assert load_words(saved(tmp_path, {"source": "machine", "words": words})) == WORDS


def test_nobody_spoke(tmp_path: Path) -> None:
    assert load_words(saved(tmp_path, {"text": ""})) == []


def test_real_transcripts(calls: Path) -> None:
    words = load_words(calls / "Auto_Repairs_40_UTC_agent.words.json")
    assert words[0] == Word("Thank", 0.08, 0.74, 0.8)
    assert [word.word for word in words[1:4]] == ["you", "for", "calling"]
    assert load_words(calls / "Auto_Repairs_40_UTC_caller.words.json")
    assert load_words(calls / "agent1.words.json")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"word": "please", "start": 0.3, "end": 0.5, "conf": 1}, "in order of time"),
        ({"word": "please", "start": 2, "end": 1.5, "conf": 1}, "before it starts"),
        ({"word": "please", "start": 2, "end": float("nan"), "conf": 1}, "end must be 0 or more"),
        ({"word": "please", "start": 2, "end": float("inf"), "conf": 1}, "end must be 0 or more"),
        ({"word": "please", "start": -2, "end": 3, "conf": 1}, "start must be 0 or more"),
        ({"word": "please", "start": "2", "end": 3, "conf": 1}, 'start must be a number, not "2"'),
        ({"word": "please", "start": True, "end": 3, "conf": 1}, "start must be a number"),
        ({"word": "please", "start": 2, "conf": 1}, "end must be a number, not null"),
        ({"word": "please", "start": 2, "end": 3}, "conf must be a number"),
        ({"word": "please", "start": 2, "end": 3, "conf": 1.5}, "from 0 to 1, not 1.5"),
        ({"word": 7, "start": 2, "end": 3, "conf": 1}, "word must be text, not 7"),
        ({"word": " ", "start": 2, "end": 3, "conf": 1}, "word must be text"),
        ("please", "expected an object with word, start, end and conf"),
    ],
)
def test_bad_word_is_named_by_its_number(tmp_path: Path, bad: Any, said: str) -> None:
    path = saved(tmp_path, {"result": [ONE, MOMENT]}, {"result": [bad]})
    with pytest.raises(RecordingError) as refused:
        load_words(path)
    message = str(refused.value)
    assert message.startswith(f"{path}: word 3: ")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    ["", " \n", "[[]]", "{}", '{"result": 3}', '{"words": {}}', "3", "hello", '{"result": [', "\0"],
)
def test_other_files_are_refused_with_what_was_expected(tmp_path: Path, text: str) -> None:
    path = tmp_path / "words.json"
    path.write_text(text)
    with pytest.raises(RecordingError, match=r'words\.json.*expected Vosk results, \{"result"'):
        load_words(path)


def test_recording_given_as_words(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF\xff\xfe\x00\x80")
    with pytest.raises(RecordingError, match=r"a\.wav: not JSON"):
        load_words(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"none\.json: cannot be read: No such file"):
        load_words(tmp_path / "none.json")
