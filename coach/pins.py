"""The one file that imports gpiozero: lights and motor out, hook switch and hold key in.

Comes in: names of light and vibration with the time they began; levels of the input pins. Goes
out: pin levels; line signals. Refuses to know: cues, calls and every clock (the caller gives t).

lgpio makes PWM in software on any pin, in steps of 1 %. A switch or key closes its pin to ground;
the pull-up is the Pi's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, NamedTuple, Self

from gpiozero import PWMLED, DigitalInputDevice, GPIOZeroError, PWMOutputDevice
from gpiozero.pins.mock import MockFactory, MockPWMPin

from coach.errors import DeviceError
from coach.events import LineSignal
from coach.names import Party, Signal
from coach.patterns import COLOURS, LEDS, VIBRATIONS
from coach.sections import Pins

MOTOR = "motor"

# Contacts of hook switches and keys settle within 5 to 20 ms.
BOUNCE_S = 0.03


class Board(NamedTuple):
    """A gpiozero pin factory and the errors its pins raise."""

    factory: Any
    errors: tuple[type[Exception], ...]


def board() -> Board:
    """Open this Pi's pins. Raises DeviceError where there are none or lgpio is missing."""
    try:
        import lgpio
        from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError as error:
        raise DeviceError(
            "pins: lgpio is missing; install headset-coach[unit] or use --simulate-pins"
        ) from error
    except OSError as error:  # lgpio makes a pipe where it is started
        raise DeviceError(f"pins: lgpio cannot write to the working folder: {error}") from error
    errors = (GPIOZeroError, OSError, lgpio.error)
    try:
        return Board(LGPIOFactory(), errors)
    except errors as error:
        raise DeviceError(f"pins: {error}; expected a Raspberry Pi or --simulate-pins") from error


def simulated_board() -> Board:
    """Return pins that exist in memory only."""
    return Board(MockFactory(pin_class=MockPWMPin), (GPIOZeroError,))


class Panel:
    """The four lights and the motor."""

    def __init__(self, pins: Pins, brightness: float, on: Board) -> None:
        """Claim the wired pins (-1: not wired). ``brightness``: 0..1. Raises DeviceError."""
        self._brightness = brightness
        self._errors = on.errors
        self._lines: dict[str, PWMOutputDevice] = {}
        for line in (*COLOURS, MOTOR):
            bcm: int = getattr(pins, line)
            if bcm >= 0:
                kind = PWMOutputDevice if line == MOTOR else PWMLED
                with _naming(line, bcm, on.errors):
                    self._lines[line] = kind(bcm, pin_factory=on.factory)
        self._levels = dict.fromkeys(self._lines, 0.0)

    def show(self, t: float, led: str | None, vibration: str | None, since: float) -> None:
        """Set each pin to its level at ``t``, the patterns having begun at ``since`` (seconds).

        Writes only the pins that change. To be called every tick, also while no audio comes:
        the motor runs on until it is told otherwise. Raises DeviceError.
        """
        levels = dict.fromkeys(self._lines, 0.0)
        if led is not None:
            for colour, pattern in LEDS[led].items():
                levels[colour] = pattern.level(t - since) * self._brightness
        if vibration is not None:
            levels[MOTOR] = VIBRATIONS[vibration].level(t - since)
        for line, device in self._lines.items():
            if levels[line] != self._levels[line]:
                with _naming(line, device.pin.info.name, self._errors):
                    device.value = levels[line]
                self._levels[line] = levels[line]

    def reading(self) -> dict[str, float]:
        """Return the level, 0..1, of each wired light and of ``motor``."""
        return dict(self._levels)

    def close(self) -> None:
        """Switch everything off and give the pins back."""
        for line, device in self._lines.items():
            device.close()
            self._levels[line] = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def simulated_panel(pins: Pins, brightness: float) -> Panel:
    """Return a panel on pins that exist in memory only."""
    return Panel(pins, brightness, simulated_board())


class LineKeys:
    """Line signals from the agent's hook switch (closed: off hook) and hold key (closed: hold)."""

    def __init__(self, pins: Pins, on: Board) -> None:
        """Claim the wired inputs. A contact closed already is the first signal."""
        self._signals: SimpleQueue[Signal] = SimpleQueue()
        self._contacts: list[DigitalInputDevice] = []
        for line, closed, opened in (
            ("hook_switch", Signal.OFF_HOOK, Signal.ON_HOOK),
            ("hold_key", Signal.HOLD_ON, Signal.HOLD_OFF),
        ):
            bcm: int = getattr(pins, line)
            if bcm >= 0:
                with _naming(line, bcm, on.errors):
                    self._contacts.append(self._contact(bcm, closed, opened, on))

    def _contact(self, bcm: int, closed: Signal, opened: Signal, on: Board) -> DigitalInputDevice:
        contact = DigitalInputDevice(
            bcm, pull_up=True, bounce_time=BOUNCE_S, pin_factory=on.factory
        )
        if contact.is_active:
            self._signals.put(closed)
        # These run in gpiozero's thread: they queue and do nothing else.
        contact.when_activated = lambda: self._signals.put(closed)
        contact.when_deactivated = lambda: self._signals.put(opened)
        return contact

    def until(self, t: float) -> list[LineSignal]:
        """Return what came since the last call, stamped ``t`` (seconds of audio)."""
        signals: list[LineSignal] = []
        while True:
            try:
                signal = self._signals.get_nowait()
            except Empty:
                return signals
            hook = signal in (Signal.OFF_HOOK, Signal.ON_HOOK)
            signals.append(LineSignal(t=t, signal=signal, by=Party.AGENT if hook else None))

    def close(self) -> None:
        """Give the pins back."""
        for contact in self._contacts:
            contact.close()


@contextmanager
def _naming(line: str, pin: object, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Turn what gpiozero and lgpio raise into one line that names the setting and the pin."""
    try:
        yield
    except errors as error:
        raise DeviceError(f"pins.{line}: pin {pin}: {error}") from error
