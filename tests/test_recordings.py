"""Recordings: real files in every format, and every way in which a file can be wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from coach.blocks import Block, Over, Samples
from coach.errors import RecordingError
from coach.names import Leg
from coach.recordings import Recording


def tone(seconds: float, rate: int, hz: float = 440.0) -> Samples:
    times = np.arange(round(seconds * rate)) / rate
    return np.asarray(0.5 * np.sin(2 * np.pi * hz * times), np.float32)


def written(path: Path, samples: Any, rate: int, **how: Any) -> Path:
    soundfile.write(path, samples, rate, **how)
    return path


def heard(recording: Recording) -> dict[Leg, Samples]:
    blocks: dict[Leg, list[Samples]] = {}
    with recording:
        for item in recording:
            if isinstance(item, Block):
                assert item.rate == recording.rates[item.leg]
                assert item.samples.dtype == np.float32
                assert (item.arrival, item.dropped) == (None, 0)
                blocks.setdefault(item.leg, []).append(item.samples)
    return {leg: np.concatenate(parts) for leg, parts in blocks.items()}


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize(
    ("name", "how", "error"),
    [
        ("a.wav", {"subtype": "PCM_U8"}, 2**-7),
        ("a.wav", {"subtype": "PCM_16"}, 2**-15),
        ("a.wav", {"subtype": "PCM_24"}, 2**-23),
        ("a.wav", {"subtype": "FLOAT"}, 0),
        ("a.wav", {"subtype": "ULAW"}, 2**-5),
        ("a.flac", {"subtype": "PCM_16"}, 2**-15),
        ("a.flac", {"subtype": "PCM_24"}, 2**-23),
        ("a.au", {"subtype": "ULAW"}, 2**-5),
    ],
)
def test_formats(tmp_path: Path, name: str, how: dict[str, str], error: float, rate: int) -> None:
    samples = tone(0.33, rate)
    recording = Recording(written(tmp_path / name, samples, rate, **how))
    assert recording.rates == {Leg.AGENT: rate}
    assert recording.duration_s == pytest.approx(0.33)
    np.testing.assert_allclose(heard(recording)[Leg.AGENT], samples, rtol=0, atol=error)


@pytest.mark.parametrize("name", ["a.ul", "a.ULAW"])
def test_mu_law_without_a_header_is_8_khz_mono(tmp_path: Path, name: str) -> None:
    samples = tone(0.5, 8000)
    path = written(tmp_path / name, samples, 8000, format="RAW", subtype="ULAW")
    recording = Recording(path)
    assert recording.rates == {Leg.AGENT: 8000}
    np.testing.assert_allclose(heard(recording)[Leg.AGENT], samples, rtol=0, atol=2**-5)


def test_legs_come_by_turns_and_each_is_over_once(tmp_path: Path) -> None:
    agent = written(tmp_path / "a.wav", tone(0.25, 8000), 8000)
    customer = written(tmp_path / "c.wav", tone(0.1, 48000), 48000)
    order = [
        (item.leg, len(item.samples) if isinstance(item, Block) else item)
        for item in Recording(agent, customer)
        if isinstance(item, Block | Over)
    ]
    assert order == [
        (Leg.AGENT, 800),
        (Leg.CUSTOMER, 4800),
        (Leg.AGENT, 800),
        (Leg.CUSTOMER, Over(Leg.CUSTOMER)),
        (Leg.AGENT, 400),
        (Leg.AGENT, Over(Leg.AGENT)),
    ]


@pytest.mark.parametrize(("channel", "agent_hz"), [("left", 300), ("right", 1000)])
def test_stereo_gives_each_leg_its_channel(tmp_path: Path, channel: Any, agent_hz: int) -> None:
    left, right = tone(0.3, 16000, 300), tone(0.3, 16000, 1000)
    path = written(tmp_path / "s.wav", np.column_stack([left, right]), 16000, subtype="FLOAT")
    recording = Recording.stereo(path, channel)
    assert recording.paths == [path]
    legs = heard(recording)
    expected = {300: left, 1000: right}
    np.testing.assert_array_equal(legs[Leg.AGENT], expected.pop(agent_hz))
    np.testing.assert_array_equal(legs[Leg.CUSTOMER], expected.popitem()[1])


def test_legs_of_very_different_length_are_only_a_warning(tmp_path: Path) -> None:
    agent = written(tmp_path / "a.wav", tone(9, 8000), 8000)
    customer = written(tmp_path / "c.wav", tone(3, 8000), 8000)
    recording = Recording(agent, customer)
    assert len(recording.warnings) == 1
    for word in ("a.wav 9.0 s", "c.wav 3.0 s", "of one call?"):
        assert word in recording.warnings[0]
    assert recording.duration_s == 9
    assert Recording(agent, agent).warnings == []


def refused(make: Any) -> str:
    with pytest.raises(RecordingError) as error:
        make()
    message = str(error.value)
    assert "\n" not in message
    return message


def test_missing_file_suggests_the_nearest_name(tmp_path: Path) -> None:
    written(tmp_path / "call40_agent.wav", tone(0.1, 8000), 8000)
    message = refused(lambda: Recording(tmp_path / "call40_agnt.wav"))
    assert message == (
        f"{tmp_path / 'call40_agnt.wav'}: no such file; did you mean 'call40_agent.wav'?"
    )


def test_missing_folder(tmp_path: Path) -> None:
    assert "no such file" in refused(lambda: Recording(tmp_path / "nowhere" / "a.wav"))


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    assert f"{tmp_path}: not a file" in refused(lambda: Recording(tmp_path))


def test_zero_length(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    assert refused(lambda: Recording(tmp_path / "a.wav")) == f"{tmp_path / 'a.wav'}: is empty"
    header = written(tmp_path / "h.wav", tone(0, 8000), 8000)
    assert "is empty: a header and not one sample" in refused(lambda: Recording(header))


def test_mono_given_as_stereo(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(0.1, 8000), 8000)
    message = refused(lambda: Recording.stereo(path, "left"))
    assert message.startswith(f"{path}: 1 channel; expected 2 with --stereo")


def test_stereo_given_as_a_leg(tmp_path: Path) -> None:
    path = written(tmp_path / "s.wav", np.zeros((800, 2)), 8000)
    mono = written(tmp_path / "a.wav", tone(0.1, 8000), 8000)
    expected = f"{path}: 2 channels; use --stereo FILE --agent-channel left|right"
    assert refused(lambda: Recording(path)) == expected
    assert refused(lambda: Recording(mono, path)) == expected


def test_seven_channels(tmp_path: Path) -> None:
    path = written(tmp_path / "s.wav", np.zeros((800, 7)), 8000)
    assert refused(lambda: Recording(path)).startswith(f"{path}: 7 channels; expected 1")
    assert refused(lambda: Recording.stereo(path, "left")) == f"{path}: 7 channels; expected 2"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_sample_that_is_no_number_is_named_by_its_second(tmp_path: Path, bad: float) -> None:
    samples = tone(3, 8000)
    samples[[12000, 20000]] = bad
    path = written(tmp_path / "n.wav", samples, 8000, subtype="FLOAT")
    assert "not a finite number at 1.500 s" in refused(lambda: Recording(path))


def test_text_renamed_to_wav(tmp_path: Path) -> None:
    path = tmp_path / "notes.wav"
    path.write_text("Call the customer back on Monday.\n" * 20)
    message = refused(lambda: Recording(path))
    assert message.startswith(f"{path}: not a recording")
    assert "expected WAV, FLAC or µ-law" in message


@pytest.mark.parametrize("rate", [7999, 192001])
def test_rate_out_of_range(tmp_path: Path, rate: int) -> None:
    path = written(tmp_path / "a.wav", tone(0.1, rate), rate)
    assert f"{rate} Hz; expected 8000 to 192000" in refused(lambda: Recording(path))


def test_file_damaged_further_in_is_told_with_the_second(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).standard_normal(32000) * 0.1
    path = written(tmp_path / "a.flac", noise, 16000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    recording = Recording(path)
    message = refused(lambda: heard(recording))
    second = float(message.split("damaged after ")[1].split(" s")[0])
    assert 0.5 < second < 1.5


def test_reads_a_real_call(calls: Path) -> None:
    agent = calls / "Auto_Repairs_40_UTC_agent.wav"
    customer = calls / "Auto_Repairs_40_UTC_caller.wav"
    recording = Recording(agent, customer)
    assert recording.rates == {Leg.AGENT: 8000, Leg.CUSTOMER: 8000}
    assert recording.duration_s == pytest.approx(245, abs=2)
    assert recording.warnings == []
    assert {leg: len(samples) / 8000 for leg, samples in heard(recording).items()} == {
        leg: pytest.approx(recording.duration_s, abs=1) for leg in Leg
    }
