"""Line signals from a file."""

from pathlib import Path

import pytest

from coach.errors import RecordingError
from coach.events import LineSignal
from coach.line import LineFile, NoLine
from coach.names import Party, Signal

CALL = """
{"t": 0, "signal": "ring"}
{"t": 4.0, "signal": "off_hook", "by": "agent"}

{"t": 30.5, "signal": "hold_on"}
{"t": 30.5, "signal": "mute_on"}
{"t": 61, "type": "line", "signal": "on_hook", "by": "far_end"}
"""


def line(folder: Path, text: str) -> LineFile:
    path = folder / "line.jsonl"
    path.write_text(text)
    return LineFile(path)


def test_signals_come_once_when_their_time_has_come(tmp_path: Path) -> None:
    source = line(tmp_path, CALL)
    assert source.until(0.0) == [LineSignal(t=0.0, signal=Signal.RING)]
    assert source.until(3.999) == []
    assert source.until(4.0) == [LineSignal(t=4.0, signal=Signal.OFF_HOOK, by=Party.AGENT)]
    assert source.until(31.0) == [
        LineSignal(t=30.5, signal=Signal.HOLD_ON),
        LineSignal(t=30.5, signal=Signal.MUTE_ON),
    ]
    assert source.until(1e9) == [LineSignal(t=61.0, signal=Signal.ON_HOOK, by=Party.FAR_END)]
    assert source.until(1e9) == []


def test_no_line_never_signals() -> None:
    assert NoLine().until(1e9) == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('{"t": 5, "signal": "hold"}', "unknown signal \"hold\"; did you mean 'hold_on'?"),
        ('{"t": 5, "signal": "knock"}', 'unknown signal "knock"; one of ring, off_hook, on_hook'),
        ('{"t": 5}', "unknown signal null; one of ring"),
        ('{"t": 5, "signal": ["ring"]}', 'unknown signal ["ring"]; one of ring'),
        ('{"t": 5, "signal": "on_hook", "by": "farend"}', "did you mean 'far_end'?"),
        ('{"t": 5, "signal": "on_hook", "by": 1}', "unknown by 1; one of agent, far_end"),
        ('{"t": 5, "signl": "ring"}', "unknown key 'signl'; did you mean 'signal'?"),
        ('{"t": 5, "type": "voice", "leg": "agent"}', "an event of type 'voice'"),
        ('{"t": 3.9, "signal": "ring"}', "t is 3.9, less than 4 before it"),
        ('{"t": -1, "signal": "ring"}', "t must be seconds of audio, 0 or more, not -1"),
        ('{"t": NaN, "signal": "ring"}', "t must be seconds of audio, 0 or more, not NaN"),
        ('{"t": Infinity, "signal": "ring"}', "not Infinity"),
        ('{"t": "5", "signal": "ring"}', 'not "5"'),
        ('{"t": true, "signal": "ring"}', "not true"),
        ('{"signal": "ring"}', "not null"),
        ("[]", "not an object"),
        ("hold_on 5", "not JSON"),
    ],
)
def test_bad_line_is_named_by_its_number(tmp_path: Path, bad: str, said: str) -> None:
    with pytest.raises(RecordingError) as refused:
        line(tmp_path, '{"t": 4, "signal": "ring"}\n\n' + bad + "\n")
    message = str(refused.value)
    assert message.startswith(f"{tmp_path / 'line.jsonl'}: line 3: ")
    assert said in message
    assert "\n" not in message


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"none\.jsonl: cannot be read: No such file"):
        LineFile(tmp_path / "none.jsonl")


def test_recording_given_as_line(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF\xff\xfe\x00\x80")
    with pytest.raises(RecordingError, match=r"a\.wav: not text"):
        LineFile(path)
