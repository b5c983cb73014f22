"""Lights, motor, hook switch and hold key on gpiozero's mock pins."""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from coach.errors import DeviceError
from coach.events import LineSignal
from coach.names import Party, Signal
from coach.patterns import LEDS, VIBRATIONS
from coach.pins import BOUNCE_S, Board, LineKeys, Panel, board, simulated_board, simulated_panel
from coach.sections import Pins
from coach.settings import load

PINS: Pins = replace(load().settings.pins, hook_switch=5, hold_key=6)
DARK = {"red": 0.0, "amber": 0.0, "green": 0.0, "blue": 0.0, "motor": 0.0}


@pytest.fixture
def on() -> Board:
    return simulated_board()


def states(on: Board, bcm: int) -> list[float]:
    return [state.state for state in on.factory.pin(bcm).states]


def ticks(begin: float, seconds: float) -> list[float]:
    return [begin + i / 10 for i in range(round(seconds * 10))]


def test_a_light_blinks_in_audio_time_at_its_brightness(on):
    with Panel(PINS, 0.5, on) as panel:
        for t in ticks(7.0, 0.8):
            panel.show(t, "red", None, since=7.0)
        assert states(on, PINS.red) == [0.0, 0.5, 0.0, 0.5, 0.0]
        assert [states(on, getattr(PINS, c)) for c in ("amber", "green", "blue", "motor")] == [
            [0.0]
        ] * 4


def test_a_pin_is_written_only_when_it_changes(on):
    with Panel(PINS, 1.0, on) as panel:
        for t in ticks(0.0, 5.0):
            panel.show(t, "green", None, since=0.0)
        assert states(on, PINS.green) == [0.0, 1.0]


def test_the_motor_runs_its_rhythm_at_full_strength_once(on):
    with Panel(PINS, 0.1, on) as panel:
        for t in ticks(3.0, 10.0):
            panel.show(t, None, "wait", since=3.0)
        assert states(on, PINS.motor) == [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize("led", LEDS)
@pytest.mark.parametrize("vibration", [None, *VIBRATIONS])
def test_what_is_read_is_what_the_pins_have(on, led, vibration):
    with Panel(PINS, 0.6, on) as panel:
        for t in ticks(1.0, 3.0):
            panel.show(t, led, vibration, since=1.0)
            levels = {line: states(on, getattr(PINS, line))[-1] for line in DARK}
            assert panel.reading() == levels


def test_one_light_goes_out_as_the_next_comes_on(on):
    with Panel(PINS, 1.0, on) as panel:
        panel.show(0.0, "amber", None, since=0.0)
        panel.show(0.1, "red", "hold", since=0.1)
        assert panel.reading() == DARK | {"red": 1.0, "motor": 1.0}
        panel.show(0.2, None, None, since=0.2)
        assert panel.reading() == DARK


def test_close_switches_everything_off(on):
    panel = Panel(PINS, 1.0, on)
    panel.show(0.0, "green", "hold", since=0.0)
    panel.close()
    assert states(on, PINS.green) == [0.0, 1.0, 0.0]
    assert states(on, PINS.motor) == [0.0, 1.0, 0.0]
    assert panel.reading() == DARK
    assert on.factory.pin(PINS.motor).function == "input"


def test_what_is_not_wired_is_left_alone(on):
    with Panel(replace(PINS, blue=-1, motor=-1), 1.0, on) as panel:
        panel.show(0.6, "blue/fault", "hold", since=0.0)
        assert panel.reading() == {"red": 1.0, "amber": 0.0, "green": 0.0}


def test_lights_are_dimmed_by_pwm(on):
    with Panel(PINS, 1.0, on):
        assert on.factory.pin(PINS.red).frequency == 100
        assert on.factory.pin(PINS.motor).frequency == 100


def test_a_pin_in_use_is_named(on):
    with Panel(PINS, 1.0, on), pytest.raises(DeviceError, match=rf"^pins.red: pin {PINS.red}: .+"):
        Panel(PINS, 1.0, on)


def test_simulated_panel():
    with simulated_panel(PINS, 1.0) as panel:
        panel.show(0.0, "green", None, since=0.0)
        assert panel.reading() == DARK | {"green": 1.0}


def test_hook_and_hold_become_line_signals(on):
    keys = LineKeys(PINS, on)
    hook, hold = on.factory.pin(PINS.hook_switch), on.factory.pin(PINS.hold_key)
    assert keys.until(1.0) == []
    hook.drive_low()
    assert keys.until(2.0) == [LineSignal(t=2.0, signal=Signal.OFF_HOOK, by=Party.AGENT)]
    hold.drive_low()
    hold.drive_high()
    assert keys.until(3.0) == [
        LineSignal(t=3.0, signal=Signal.HOLD_ON),
        LineSignal(t=3.0, signal=Signal.HOLD_OFF),
    ]
    hook.drive_high()
    assert keys.until(4.0) == [LineSignal(t=4.0, signal=Signal.ON_HOOK, by=Party.AGENT)]
    assert keys.until(5.0) == []
    keys.close()
    hook.drive_low()
    assert keys.until(6.0) == []


class ClosedContact(MockPWMPin):
    """A pin that a closed contact holds low against the pull-up."""

    def _set_pull(self, value):
        self._pull = value
        self.drive_low()


def test_a_contact_closed_at_the_start_is_told():
    keys = LineKeys(PINS, Board(MockFactory(pin_class=ClosedContact), ()))
    assert [s.signal for s in keys.until(0.0)] == [Signal.OFF_HOOK, Signal.HOLD_ON]


def test_contacts_are_pulled_up_and_debounced(on):
    LineKeys(PINS, on)
    for bcm in (PINS.hook_switch, PINS.hold_key):
        assert on.factory.pin(bcm).pull == "up"
        assert on.factory.pin(bcm).bounce == BOUNCE_S


def test_inputs_not_wired_give_nothing(on):
    keys = LineKeys(replace(PINS, hook_switch=-1, hold_key=-1), on)
    assert keys.until(1.0) == []


@pytest.mark.skipif(
    Path("/dev/gpiochip0").exists() or importlib.util.find_spec("lgpio") is None,
    reason="needs lgpio on a machine without pins",
)
def test_a_machine_without_pins_is_told_so_in_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # lgpio makes a pipe in the working folder
    with pytest.raises(
        DeviceError, match=r"^pins: .+; expected a Raspberry Pi or --simulate-pins$"
    ):
        board()


def test_lgpio_missing_is_told_in_one_line():
    code = (
        "import sys; sys.modules['lgpio'] = None\n"
        "from coach.pins import board\n"
        "try: board()\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "DeviceError pins: lgpio is missing; install headset-coach[unit] or use --simulate-pins\n"
    )


def test_importing_the_room_loads_no_pin_library():
    code = "import coach.pins, sys; print('lgpio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
