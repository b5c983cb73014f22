"""The sound cards: real PortAudio on a real sound server."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sound_server import SoundServer, sound_server

from coach import settings
from coach.blocks import Back, Block, Item, Lost, Samples
from coach.capture import SoundCards, choose_both, devices
from coach.errors import DeviceError
from coach.names import Leg
from coach.sections import Audio
from coach.sound_card import Device, choose

__all__ = ["sound_server"]

USB = [
    Device("USB PnP Sound Device: Audio (hw:1,0)", 48000, 1, False),
    Device("USB Audio CODEC: - (hw:2,0)", 44100, 2, False),
    Device("sysdefault", 16000, 1, False),
    Device("default", 16000, 1, True),
]


def audio(agent: str = "agent", customer: str = "customer", **seconds: float) -> Audio:
    pairs = [f"audio.agent_device='{agent}'", f"audio.customer_device='{customer}'"]
    pairs += [f"audio.{key}={value}" for key, value in seconds.items()]
    return settings.load(files=(), pairs=pairs).settings.audio


def tone(path: Path, hz: float, seconds: float, rate: int, level: float) -> Path:
    times = np.arange(round(seconds * rate)) / rate
    soundfile.write(path, level * np.sin(2 * np.pi * hz * times), rate)
    return path


def gather(items: Iterator[Item], leg: Leg, count: int) -> list[Block]:
    """Return the next blocks of a leg with ``count`` samples in all, whatever else comes."""
    blocks: list[Block] = []
    while sum(len(block.samples) for block in blocks) < count:
        item = next(items)
        if isinstance(item, Block) and item.leg is leg:
            blocks.append(item)
    return blocks


def until(items: Iterator[Item], kind: type[Lost] | type[Back], legs: set[Leg]) -> list[Item]:
    """Return all items up to the last of one of ``kind`` for each leg."""
    seen: list[Item] = []
    while legs:
        seen.append(next(items))
        if isinstance(seen[-1], kind):
            legs = legs - {seen[-1].leg}
    return seen


def pitch(samples: Samples, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def test_pattern_matches_part_of_a_name_in_any_case() -> None:
    assert choose(USB, "audio.agent_device", "usb pnp") is USB[0]


def test_full_name_wins_over_names_that_contain_it() -> None:
    assert choose(USB, "audio.agent_device", "Default") is USB[3]


def test_no_pattern_is_the_default_device() -> None:
    assert choose(USB, "audio.agent_device", "") is USB[3]


@pytest.mark.parametrize(
    ("there", "pattern", "words"),
    [
        (USB, "usb", ["audio.agent_device", "several", "PnP", "CODEC"]),
        (USB, "jabra", ["audio.agent_device", "no capture device matches 'jabra'", "CODEC"]),
        (USB[:3], "", ["no default device", "PnP"]),
        ([], "usb", ["no capture device at all"]),
    ],
)
def test_pattern_that_does_not_name_one_device(
    there: list[Device], pattern: str, words: list[str]
) -> None:
    with pytest.raises(DeviceError) as refused:
        choose(there, "audio.agent_device", pattern)
    for word in words:
        assert word in str(refused.value)


def test_each_leg_needs_a_device_of_its_own() -> None:
    with pytest.raises(DeviceError, match=r"both 'default'; expected one device for each leg"):
        choose_both(USB, audio("", "default"))


def test_customer_device_has_no_default() -> None:
    with pytest.raises(DeviceError, match=r"audio\.customer_device is not set.*PnP"):
        choose_both(USB, audio("CODEC", ""))


def test_machine_without_sound_cards() -> None:
    with pytest.raises(DeviceError, match="there is no capture device at all"):
        choose_both([], audio("", ""))


def test_without_pyaudio_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyaudio.py").write_text('raise ModuleNotFoundError("gone", name="pyaudio")\n')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(DeviceError, match=r"PyAudio is not installed: pip install headset-coach"):
        devices()


def test_portaudio_that_aborts_takes_nobody_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyaudio.py").write_text("import os\nos.abort()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(DeviceError, match="PortAudio ended while it looked for sound cards"):
        devices()


def test_devices_are_found_with_their_formats(
    sound_server: SoundServer, capfd: pytest.CaptureFixture[str]
) -> None:
    found = {device.name: device for device in devices()}
    assert found["agent"] == Device("agent", 16000, 1, False)
    assert found["customer"] == Device("customer", 16000, 1, False)
    assert capfd.readouterr().err == ""  # ALSA and JACK have much to say


def test_unknown_device_is_refused_before_anything_is_opened(sound_server: SoundServer) -> None:
    with pytest.raises(DeviceError, match=r"audio\.agent_device: .*'jabra'.*'customer'"):
        SoundCards(audio("jabra")).__enter__()


def test_tone_is_captured_at_its_level_and_pitch(sound_server: SoundServer, tmp_path: Path) -> None:
    sound_server.play("agent", tone(tmp_path / "a.wav", 440, 20, 44100, level=0.1))
    with SoundCards(audio()) as cards:
        assert cards.rates == {Leg.AGENT: 16000, Leg.CUSTOMER: 16000}
        items = iter(cards)
        gather(items, Leg.AGENT, 24000)  # until the player is at it
        blocks = gather(items, Leg.AGENT, 16000)
        heard = np.concatenate([block.samples for block in blocks])
        quiet = np.concatenate([b.samples for b in gather(items, Leg.CUSTOMER, 1600)])
        assert (cards.dropped, cards.overflows) == (
            dict.fromkeys(Leg, 0),
            dict.fromkeys(Leg, 0),
        )
    assert heard.dtype == np.float32
    assert np.sqrt(np.mean(heard**2)) == pytest.approx(0.1 / np.sqrt(2), rel=0.01)
    assert pitch(heard, 16000) == pytest.approx(440, abs=2)
    assert not quiet.any()
    arrivals = [block.arrival for block in blocks if block.arrival is not None]
    assert len(arrivals) == len(blocks)
    assert all(earlier < later for earlier, later in pairwise(arrivals))


def test_leg_without_audio_is_lost_and_back_while_the_other_goes_on(
    sound_server: SoundServer,
) -> None:
    with SoundCards(audio(reopen_s=0.1, reopen_max_s=0.2)) as cards:
        items = iter(cards)
        gather(items, Leg.AGENT, 1600)
        gather(items, Leg.CUSTOMER, 1600)
        sound_server.suspend("agent")
        lost = until(items, Lost, {Leg.AGENT})
        assert lost[-1] == Lost(Leg.AGENT, "agent", "no audio for 1 s")
        meanwhile = gather(items, Leg.CUSTOMER, 8000)
        assert sum(block.dropped for block in meanwhile) == 0
        sound_server.suspend("agent", False)
        back = until(items, Back, {Leg.AGENT})
        assert back[-1] == Back(Leg.AGENT, "agent")
        assert {item.leg for item in back[:-1]} == {Leg.CUSTOMER}
        assert gather(items, Leg.AGENT, 1600)
        assert cards.dropped[Leg.CUSTOMER] == 0


def test_server_that_crashes_takes_both_legs_and_gives_both_back(sound_server: SoundServer) -> None:
    with SoundCards(audio(reopen_s=0.1, reopen_max_s=0.2)) as cards:
        items = iter(cards)
        gather(items, Leg.CUSTOMER, 1600)
        sound_server.kill()
        until(items, Lost, set(Leg))
        first, second = (item for item in (next(items), next(items)) if isinstance(item, Block))
        assert np.isnan(first.samples).all()  # the time of the call goes on
        assert first.leg is second.leg is Leg.AGENT
        assert first.arrival is not None
        assert second.arrival is not None
        assert len(second.samples) == pytest.approx((second.arrival - first.arrival) * 16000, abs=1)
        sound_server.start()
        until(items, Back, set(Leg))
        assert gather(items, Leg.AGENT, 1600)
        assert gather(items, Leg.CUSTOMER, 1600)


def test_what_the_queue_cannot_hold_is_counted(sound_server: SoundServer) -> None:
    with SoundCards(audio(queue_s=0.2)) as cards:
        items = iter(cards)
        before = gather(items, Leg.AGENT, 1600)[-1]
        time.sleep(1.5)  # nobody reads for longer than the queue is
        after = gather(items, Leg.AGENT, 16000)
        assert cards.dropped[Leg.AGENT] == sum(block.dropped for block in after) > 8000
    assert before.arrival is not None
    assert after[-1].arrival is not None
    lasted = (after[-1].arrival - before.arrival) * 16000
    received = sum(len(block.samples) + block.dropped for block in after)
    assert received == pytest.approx(lasted, abs=1600)  # nothing is lost and not counted
