"""One sound card in a process of its own; the one file that imports PyAudio.

Comes in: which device, as a JSON argument. Goes out, on standard output: records of audio as the
card gives it, or the one line that says why it gives none. Refuses to know: the other leg.

Why a process: PortAudio looks for devices only when it is initialised, and terminating it closes
every stream of its process, so a card that is plugged in again could be seen only at the other
leg's cost. Its ALSA side may also spin for ever or abort when a card goes away, and prints to
standard error whatever it likes. A process can be ended and begun anew, and its chatter dropped.

The sample rate is the first of `RATES` the device takes by itself, mono before stereo; of stereo,
channel 1 is taken: a microphone on one of two channels would lose 6 dB in an average.
"""

import json
import os
import signal
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from coach.errors import CoachError, DeviceError

RATES = (16000, 48000, 44100, 8000)

# Kind, arrival in monotonic seconds, samples dropped before, overflows before, size of what follows
RECORD = struct.Struct("<cdIII")
HEADER, AUDIO, ERROR = b"H", b"A", b"E"

BLOCK_S = 0.02
_LOOK_S = 0.25


class Device(NamedTuple):
    """A capture device. ``rate``, ``channels``: how it would be opened; rate 0 if it cannot be."""

    name: str
    rate: int
    channels: int
    default: bool


def choose(devices: Sequence[Device], key: str, pattern: str) -> Device:
    """Return the one device with ``pattern`` in its name, upper or lower case; a full name wins.

    No pattern stands for the default device. ``key``: the setting, for the message. Raises
    DeviceError listing what there is.
    """
    there = ", ".join(repr(device.name) for device in devices)
    if not devices:
        raise DeviceError(f"{key}: there is no capture device at all")
    if not pattern:
        found = [device for device in devices if device.default]
        if not found:
            raise DeviceError(f"{key} is empty and there is no default device; there are: {there}")
        return found[0]
    wanted = pattern.casefold()
    found = [device for device in devices if wanted in device.name.casefold()]
    found = [device for device in found if device.name.casefold() == wanted] or found
    if not found:
        raise DeviceError(f"{key}: no capture device matches {pattern!r}; there are: {there}")
    if len(found) > 1:
        several = ", ".join(repr(device.name) for device in found)
        raise DeviceError(f"{key}: {pattern!r} matches several capture devices: {several}")
    return found[0]


def main() -> None:
    """Run as ``python -m coach.sound_card JOB``; ends by itself when nobody reads any more."""
    # The parent ends this process; a signal meant for the whole group is the parent's to act on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    job = json.loads(sys.argv[1])
    try:
        if job["key"]:
            _capture(job["key"], job["pattern"], job["rates"], job["queue_s"])
        else:
            audio = _portaudio()
            there = [_fitted(audio, *device, RATES) for device in _devices(audio).items()]
            _send(HEADER, json.dumps(there).encode())
    except BrokenPipeError:
        pass
    except (CoachError, OSError, ValueError) as error:
        _send(ERROR, str(error).encode())
    # Not an orderly end: that may hang in PortAudio if the card is gone.
    os._exit(0)


def _portaudio() -> Any:
    try:
        import pyaudio
    except ImportError as error:
        missing = error.name == "pyaudio"
        raise DeviceError(
            "PyAudio is not installed: pip install headset-coach[unit]"
            if missing
            else f"PyAudio cannot be used: {error}"
        ) from error
    return pyaudio.PyAudio()


def _devices(audio: Any) -> dict[int, Device]:
    """Return the capture devices by PortAudio's number, with all their channels and no rate yet."""
    try:
        default = audio.get_default_input_device_info()["index"]
    except OSError:
        default = None
    infos = [audio.get_device_info_by_index(i) for i in range(audio.get_device_count())]
    return {
        info["index"]: Device(info["name"], 0, info["maxInputChannels"], info["index"] == default)
        for info in infos
        if info["maxInputChannels"] > 0
    }


def _fitted(audio: Any, index: int, device: Device, rates: Sequence[int]) -> Device:
    """Return the device with the rate and channels it is to be opened with."""
    for channels in range(1, min(device.channels, 2) + 1):
        for rate in rates:
            try:
                audio.is_format_supported(
                    rate, input_device=index, input_channels=channels, input_format=_int16()
                )
            except ValueError:
                continue
            return device._replace(rate=rate, channels=channels)
    return device


def _int16() -> int:
    import pyaudio

    return int(pyaudio.paInt16)


class _Queue:
    """Blocks between PortAudio's thread and the pipe; full, it drops the oldest and counts."""

    def __init__(self, blocks: int) -> None:
        self._blocks: deque[tuple[float, bytes, int, int]] = deque()
        self._most = blocks
        self._dropped = 0
        self._overflows = 0
        self._changed = threading.Condition()

    def callback(self, data: bytes, count: int, _times: object, status: int) -> tuple[None, int]:
        """Take a block of ``count`` samples from PortAudio."""
        arrival = time.monotonic()
        with self._changed:
            if len(self._blocks) == self._most:
                _, _, lost, overflows = self._blocks.popleft()
                self._dropped += lost
                self._overflows += overflows
            self._blocks.append((arrival, data, count, int(bool(status))))
            self._changed.notify()
        return None, 0  # paContinue

    def take(self) -> tuple[float, bytes, int, int, int] | None:
        """Return arrival, data, samples, samples dropped before and overflows; None in silence."""
        with self._changed:
            if not self._blocks and not self._changed.wait_for(lambda: self._blocks, _LOOK_S):
                return None
            arrival, data, count, overflow = self._blocks.popleft()
            dropped, overflows = self._dropped, self._overflows + overflow
            self._dropped = self._overflows = 0
        return arrival, data, count, dropped, overflows


def _capture(key: str, pattern: str, rates: list[int], queue_s: float) -> None:
    audio = _portaudio()
    devices = _devices(audio)
    chosen = choose(list(devices.values()), key, pattern)
    index = next(index for index, device in devices.items() if device is chosen)
    chosen = _fitted(audio, index, chosen, rates)
    if not chosen.rate:
        known = ", ".join(str(rate) for rate in RATES)
        raise DeviceError(f"{chosen.name}: in use, or takes none of {known} Hz in 16 bit")
    queue = _Queue(max(1, round(queue_s / BLOCK_S)))
    stream = audio.open(
        rate=chosen.rate,
        channels=chosen.channels,
        format=_int16(),
        input=True,
        input_device_index=index,
        frames_per_buffer=round(chosen.rate * BLOCK_S),
        stream_callback=queue.callback,
    )
    _send(HEADER, json.dumps(chosen).encode())
    last = time.monotonic()
    while True:
        block = queue.take()
        if block is None:
            if not stream.is_active():
                raise DeviceError("the device has stopped")
            continue
        arrival, data, count, dropped, overflows = block
        if overflows:
            # PortAudio does not say how much was lost; the time that passed does.
            dropped += max(0, round((arrival - last) * chosen.rate) - count - dropped)
        last = arrival
        _send(AUDIO, data, arrival, dropped, overflows)


def _send(
    kind: bytes, data: bytes, arrival: float = 0, dropped: int = 0, overflow: int = 0
) -> None:
    record = memoryview(RECORD.pack(kind, arrival, dropped, overflow, len(data)) + data)
    while record:
        record = record[os.write(1, record) :]


if __name__ == "__main__":
    main()
