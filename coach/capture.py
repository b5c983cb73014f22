"""The two sound cards of a unit: one device for the agent's leg, one for the customer's.

Comes in: the name patterns of the devices. Goes out: blocks of both legs as they arrive, and word
of a device that was lost or is back. Refuses to know: PortAudio, which runs once per leg in
`coach.sound_card`, and what becomes of a leg without its device.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

import numpy as np

from coach.blocks import Back, Block, Item, Lost
from coach.errors import DeviceError
from coach.names import Leg
from coach.sections import Audio
from coach.sound_card import AUDIO, ERROR, HEADER, RATES, RECORD, Device, choose

# A device that gives nothing for this long is lost.
_SILENT_S = 1.0
# Until the first audio: Python starts, PortAudio looks at all devices, a sound server wakes up.
_OPEN_S = 10.0
# How often the time goes on while there is no audio: as often as the pipeline looks at the time.
_FILL_S = 0.1
# The pipe's part of the queue: as little as there can be, so that queue_s tells the truth.
_PIPE_BYTES = 4096

_PROGRAM = (sys.executable, "-P", "-m", "coach.sound_card")


def devices() -> list[Device]:
    """Return the capture devices there are. Raises DeviceError if nobody can tell."""
    job = json.dumps({"key": None})
    try:
        run = subprocess.run((*_PROGRAM, job), capture_output=True, timeout=_OPEN_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise DeviceError("PortAudio hangs while it looks for sound cards") from error
    if len(run.stdout) < RECORD.size:
        said = run.stderr.decode(errors="replace").strip().splitlines() or [str(run.returncode)]
        raise DeviceError(f"PortAudio ended while it looked for sound cards: {said[-1]}")
    kind, text = run.stdout[:1], run.stdout[RECORD.size :].decode()
    if kind == ERROR:
        raise DeviceError(text)
    return [Device(*fields) for fields in json.loads(text)]


def choose_both(there: list[Device], audio: Audio) -> dict[Leg, Device]:
    """Return the device of each leg. Raises DeviceError naming the setting and what there is."""
    if there and not audio.customer_device:
        names = ", ".join(repr(device.name) for device in there)
        raise DeviceError(
            "audio.customer_device is not set; expected part of the name of one of the capture "
            f"devices: {names}"
        )
    chosen = {leg: choose(there, *_wanted(leg, audio)) for leg in Leg}
    if chosen[Leg.AGENT].name == chosen[Leg.CUSTOMER].name:
        raise DeviceError(
            f"audio.agent_device and audio.customer_device are both {chosen[Leg.AGENT].name!r}; "
            "expected one device for each leg"
        )
    return chosen


def _wanted(leg: Leg, audio: Audio) -> tuple[str, str]:
    key = f"{leg}_device"
    return f"audio.{key}", str(getattr(audio, key))


class SoundCards:
    """Both legs live; opens the devices on entering ``with``.

    A device that is silent for a second, stops or fails is `Lost`, and reopened after
    ``audio.reopen_s``, then twice as long up to ``reopen_max_s``, until it is `Back`; the other leg
    goes on. Entering raises DeviceError naming the setting or device and what was expected.
    """

    def __init__(self, audio: Audio) -> None:
        self._audio = audio
        self._cards = {leg: _Card(leg, audio) for leg in Leg}

    def __enter__(self) -> Self:
        choose_both(devices(), self._audio)
        try:
            # One after the other: a device that is being looked at seems busy to the other.
            for card in self._cards.values():
                card.open()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        for card in self._cards.values():
            card.end()

    @property
    def rates(self) -> dict[Leg, int]:
        """Samples per second of each leg."""
        return {leg: card.rate for leg, card in self._cards.items()}

    @property
    def names(self) -> dict[Leg, str]:
        """Name of each leg's device."""
        return {leg: card.name for leg, card in self._cards.items()}

    @property
    def dropped(self) -> dict[Leg, int]:
        """Samples lost so far on each leg while its device was there."""
        return {leg: card.dropped for leg, card in self._cards.items()}

    @property
    def overflows(self) -> dict[Leg, int]:
        """How often a device was not read in time; what that lost is in `dropped`, too."""
        return {leg: card.overflows for leg, card in self._cards.items()}

    def __iter__(self) -> Iterator[Item]:
        """Yield what comes, as it comes, for ever.

        While both devices are lost, blocks of not-a-number stand for the agent's missing samples,
        so that the time of the call goes on and the wearer can be told.
        """
        agent, cards = self._cards[Leg.AGENT], self._cards.values()
        while True:
            alone = all(card.lost for card in cards)
            first = min(card.deadline for card in cards) - time.monotonic()
            ready = _readable(cards, min(first, _FILL_S) if alone else first)
            for card in cards:
                # While PortAudio looks at the devices they seem busy to another one.
                opening = any(other.opening for other in cards)
                yield from card.read() if card in ready else card.look(may_open=not opening)
            if alone and agent.lost:
                yield agent.missing(since=max(card.until for card in cards))


class _Card:
    """One leg's device: open, being opened, or waiting to be opened again."""

    def __init__(self, leg: Leg, audio: Audio) -> None:
        self._leg = leg
        self._audio = audio
        self.name = ""
        self.rate = 0
        self.dropped = 0
        self.overflows = 0
        self.lost = False
        self.opening = False
        self.until = 0.0  # when the last audio came
        self.deadline = 0.0
        self._channels = 1
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = bytearray()
        self._wait_s = audio.reopen_s
        self._patience_s = _OPEN_S

    @property
    def pipe(self) -> int | None:
        """File descriptor to wait for, if there is anything to wait for but time."""
        return self._process.stdout.fileno() if self._process and self._process.stdout else None

    def open(self) -> None:
        """Open the device; return when it is open. Raises DeviceError if it does not open."""
        self._start()
        while not self.rate:
            if not _readable([self], self.deadline - time.monotonic()):
                raise DeviceError(f"the {self._leg}'s device does not open within {_OPEN_S:.0f} s")
            for item in self.read():
                if isinstance(item, Lost):
                    raise DeviceError(item.reason)
        self.until = time.monotonic()

    def read(self) -> Iterator[Item]:
        """Take in what the device's process has written."""
        assert self.pipe is not None
        data = os.read(self.pipe, 65536)
        if not data:
            yield from self._fail("its process has ended")
            return
        self._heard += data
        while len(self._heard) >= RECORD.size:
            kind, arrival, dropped, overflows, size = RECORD.unpack_from(self._heard)
            if len(self._heard) < RECORD.size + size:
                return
            payload = bytes(self._heard[RECORD.size : RECORD.size + size])
            del self._heard[: RECORD.size + size]
            if kind == AUDIO:
                yield from self._block(payload, arrival, dropped, overflows)
            elif kind == HEADER:
                self.opening = False
                self.name, self.rate, self._channels, _ = json.loads(payload)
            else:
                yield from self._fail(payload.decode())
                return

    def look(self, may_open: bool) -> Iterator[Item]:
        """Act on time that has passed."""
        if time.monotonic() < self.deadline:
            return
        if self._process is None:
            if may_open:
                self._start()
            else:
                self._await(_FILL_S)
        elif not _readable([self], 0):  # else it was the reader who was slow
            yield from self._fail(f"no audio for {self._patience_s:.0f} s")

    def missing(self, since: float) -> Block:
        """Return not-a-number for the samples from ``since`` (monotonic seconds) until now."""
        self.until = time.monotonic()
        count = round((self.until - since) * self.rate)
        return Block(self._leg, np.full(count, np.nan, np.float32), self.rate, self.until)

    def end(self) -> None:
        """End the device's process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
            self.opening = False

    def _start(self) -> None:
        key, pattern = _wanted(self._leg, self._audio)
        # The rate it had comes first: what reads the leg is set up for it.
        rates = sorted(RATES, key=lambda rate: rate != self.rate)
        job = {"key": key, "pattern": pattern, "rates": rates, "queue_s": self._audio.queue_s}
        self._heard.clear()
        self._process = subprocess.Popen(
            (*_PROGRAM, json.dumps(job)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pipesize=_PIPE_BYTES,
            start_new_session=True,
        )
        self.opening = True
        self._await(_OPEN_S)

    def _block(self, data: bytes, arrival: float, dropped: int, overflows: int) -> Iterator[Item]:
        self._await(_SILENT_S)
        self.dropped += dropped
        self.overflows += overflows
        if self.lost:
            self.lost = False
            self._wait_s = self._audio.reopen_s
            yield Back(self._leg, self.name)
        self.until = arrival
        samples = np.frombuffer(data, "<i2")[:: self._channels] * np.float32(1 / 32768)
        yield Block(self._leg, samples, self.rate, arrival, dropped)

    def _await(self, seconds: float) -> None:
        self._patience_s = seconds
        self.deadline = time.monotonic() + seconds

    def _fail(self, reason: str) -> Iterator[Item]:
        self.end()
        self.deadline = time.monotonic() + self._wait_s
        self._wait_s = min(2 * self._wait_s, self._audio.reopen_max_s)
        if not self.lost:
            self.lost = True
            yield Lost(self._leg, self.name, reason)


def _readable(cards: Iterable[_Card], timeout: float) -> list[_Card]:
    """Return the cards whose process has written, or none after ``timeout`` seconds."""
    by_pipe = {card.pipe: card for card in cards if card.pipe is not None}
    ready, _, _ = select.select(list(by_pipe), [], [], max(0.0, timeout))
    return [by_pipe[pipe] for pipe in ready]
