"""Errors: one base, each also the builtin that fits, each with an exit status of its kind."""

import inspect

import pytest

from coach import errors
from coach.errors import CoachError, did_you_mean

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, CoachError) and kind is not CoachError
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_error_is_also_a_builtin_and_keeps_its_message(kind: type[CoachError]) -> None:
    assert issubclass(kind, (ValueError, RuntimeError, OSError))
    assert str(kind("journal.dir: full")) == "journal.dir: full"
    assert 1 <= kind.exit_status < 70


def test_who_can_mend_it_shows_in_the_exit_status() -> None:
    assert {kind.__name__: kind.exit_status for kind in KINDS} == {
        "SettingsError": 2,
        "RecordingError": 2,
        "PhraseError": 2,
        "ModelError": 3,
        "DeviceError": 4,
        "JournalError": 5,
        "StateError": 5,
        "CalibrationError": 6,
    }


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("hold.limt_s", "; did you mean 'hold.limit_s'?"),
        ("replya", "; did you mean 'replay'?"),
        ("quite else", ""),
        ("", ""),
    ],
)
def test_a_near_word_is_suggested_and_a_far_one_not(word: str, hint: str) -> None:
    assert did_you_mean(word, ["hold.limit_s", "dead_air.limit_s", "replay", "run"]) == hint
    assert did_you_mean(word, []) == ""
