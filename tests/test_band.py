"""The agent's own band: learned once, from a calibration or five calls, and then left alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from features.sound import frames, mixed, noise, talk
from test_band_file import NOON, OWN

from coach import band_file
from coach.band import BandKeeper, band_of, calibrated, in_force, set_by_hand
from coach.clock import WallClock
from coach.events import AgentBand, CallRecord, Cue, Event, LineSignal, Tick
from coach.keywords.spotter import DeafSpotter
from coach.layers import DEFAULT
from coach.names import CueAction, CueName, Learned, Leg, Party, Signal
from coach.pins import simulated_panel
from coach.pipeline import Line, Pipeline
from coach.settings import Loaded, load


class Clock(WallClock):
    """A clock that stands still."""

    def __init__(self) -> None:
        super().__init__()

    def wall(self) -> float:
        return NOON.timestamp()

    def synced(self) -> bool:
        return True


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    return load(pairs=["unit.id=desk-7", f"unit.state_dir={tmp_path}"])


@pytest.fixture
def file(loaded: Loaded) -> Path:
    return band_file.file_of(loaded.settings.unit)


def keeper(loaded: Loaded, own: band_file.OwnLevel | None = None) -> BandKeeper:
    said: list[str] = []
    kept = BandKeeper(
        loaded.settings, own, band_file.file_of(loaded.settings.unit), said.append, Clock()
    )
    kept.said = said
    return kept


def call(level_db: float | None, speech_s: float | None = 60.0) -> CallRecord:
    return CallRecord(t=90.0, fields={"level_db": level_db, "level_speech_s": speech_s})


def bands(kept: BandKeeper, *events: Event) -> list[AgentBand]:
    return [band for event in events if (band := kept.write(event))]


def test_median_of_the_first_five_calls_is_learned_and_stays(loaded: Loaded, file: Path) -> None:
    kept = keeper(loaded)
    first = [call(db) for db in (-22, -30, -24.126, -23)]
    assert bands(kept, Tick(t=0.1), *first) == []
    assert band_file.read(file, "desk-7").level_db is None
    (band,) = bands(kept, call(-26), Tick(t=91.0), *[call(-15)] * 10)
    assert (band.level_db, band.low_db, band.high_db) == (-24.13, -30.13, -18.13)
    assert (band.how, band.t) == (Learned.CALLS, 90.0)
    own = band_file.read(file, "desk-7")
    assert own.level_db == -24.13
    assert own.calls_db == (-22, -30, -24.13, -23, -26)
    assert own.speech_s == 300
    assert own.spread_db == pytest.approx(2.82)
    assert own.at == NOON


def test_learning_goes_on_after_a_restart(loaded: Loaded, file: Path) -> None:
    for db in (-22, -30, -24, -23, -26):
        bands(keeper(loaded, band_file.read(file, "desk-7")), call(db))
    (band,) = bands(keeper(loaded, band_file.read(file, "desk-7")), Tick(t=0.1))
    assert (band.level_db, band.t) == (-24, 0.1)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(call(-24, 19.9), id="brief"),
        pytest.param(call(None, None), id="unheard"),
        pytest.param(call(-24, None), id="no speech"),
        pytest.param(call(-38.1), id="microphone turned down"),
        pytest.param(call(-11.9), id="microphone turned up"),
    ],
)
def test_a_call_that_does_not_count(record: CallRecord, loaded: Loaded, file: Path) -> None:
    bands(keeper(loaded), *[record] * 6)
    assert not file.exists()


def test_no_call_counts_where_none_shall(tmp_path: Path) -> None:
    loaded = load(pairs=[f"unit.state_dir={tmp_path}", "level.learn_calls=0"])
    assert bands(keeper(loaded), *[call(-24)] * 6) == []
    assert list(tmp_path.iterdir()) == []


def test_a_calibration_meanwhile_is_taken_up_after_the_call(loaded: Loaded, file: Path) -> None:
    kept = keeper(loaded)
    bands(kept, call(-24), call(-24))
    band_file.write(file, calibrated("desk-7", -20.004, 1.234, 60.04, Clock()))
    (band,) = bands(kept, call(-24))
    assert (band.level_db, band.how) == (-20, Learned.CALIBRATE)
    assert bands(kept, *[call(-24)] * 5) == []
    own = band_file.read(file, "desk-7")
    assert (own.level_db, own.spread_db, own.speech_s) == (-20, 1.23, 60)


def test_a_disk_that_refuses_is_said_once_and_learning_goes_on(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    loaded = load(pairs=[f"unit.state_dir={tmp_path / 'state'}"])
    kept = keeper(loaded)
    (band,) = bands(kept, *[call(-24)] * 7)
    assert band.level_db == -24
    assert len(kept.said) == 1
    assert "cannot be written" in kept.said[0]


def test_a_damaged_file_is_said_and_replaced(loaded: Loaded, file: Path) -> None:
    file.write_text("{}")
    kept = keeper(loaded)
    (band,) = bands(kept, *[call(-24)] * 5)
    assert band.level_db == -24
    assert "damaged" in kept.said[0]
    assert band_file.read(file, "desk-7").level_db == -24


def test_a_keeper_without_a_file_tells_and_learns_nothing(loaded: Loaded, file: Path) -> None:
    assert bands(BandKeeper(loaded.settings, None, None, print), *[call(-24)] * 6) == []
    told = bands(BandKeeper(loaded.settings, OWN, None, print), Tick(t=0.1), call(-20), call(-20))
    assert [band.level_db for band in told] == [-24.25]
    assert not file.exists()


def test_learned_band_in_the_settings_says_where_from(loaded: Loaded, file: Path) -> None:
    settings, origins = in_force(loaded, OWN)
    assert (settings.level.band_low_db, settings.level.band_high_db) == (-30.25, -18.25)
    assert origins["level.band_low_db"] == f"learned by 5 calls, 2026-11-23: {file}"
    assert origins["level.window_s"] == DEFAULT
    assert in_force(loaded, None) == loaded


@pytest.mark.parametrize("key", ["level.band_low_db=-30", "level.band_high_db=-20"])
def test_a_band_set_by_hand_beats_the_learned_one(key: str) -> None:
    loaded = load(pairs=[key])
    assert set_by_hand(loaded) == f"--set {key}"
    assert in_force(loaded, OWN) == loaded


def test_width_of_the_band_is_set() -> None:
    level = load(pairs=["level.band_half_db=4"]).settings.level
    assert band_of(-24, level) == (-28, -20)
    assert band_of(4, level)[1] == 6


class Shift:
    """Line signals of calls of 30 s, a pause of 5 s after each."""

    def __init__(self, calls: int) -> None:
        self._due = [
            (35.0 * number + at, signal)
            for number in range(calls)
            for at, signal in ((1.0, Signal.OFF_HOOK), (31.0, Signal.ON_HOOK))
        ]

    def until(self, t: float) -> Iterator[LineSignal]:
        while self._due and self._due[0][0] <= t:
            at, signal = self._due.pop(0)
            yield LineSignal(t=at, signal=signal, by=Party.AGENT)


def test_a_shift_of_calls_learns_the_band_and_then_tells_drift(
    loaded: Loaded, file: Path, tmp_path: Path
) -> None:
    """Two calls teach the level; in the third the agent speaks 9 dB louder."""
    settings = load(
        pairs=["unit.id=desk-7", f"unit.state_dir={tmp_path}", "level.learn_calls=2"]
    ).settings
    parts = [
        (35 * number + at, talk(8, level_db))
        for number, level_db in enumerate((-30, -30, -21))
        for at in (2, 11, 20)
    ]
    samples = mixed(105, *parts) + noise(105, -75)
    events: list[Event] = []
    with simulated_panel(settings.pins, 1.0) as panel:
        sinks = [events.append, BandKeeper(settings, None, file, print).write]
        line = Line(Shift(3), hook=True, far_end=False)
        pipeline = Pipeline(settings, {Leg.AGENT: DeafSpotter()}, line, panel, sinks)
        for frame in frames(samples):
            pipeline.push(frame, None)
        pipeline.finish()
    records = [e.fields for e in events if isinstance(e, CallRecord)]
    # the window of the third call's first seconds still holds the second one's last words
    assert [r["level_db"] for r in records] == pytest.approx([-30.1, -30.1, -21.1], abs=0.5)
    assert [r["level_drift_db"] for r in records] == [None, None, pytest.approx(9, abs=0.5)]
    assert all(r["level_speech_s"] > 20 for r in records)
    (band,) = [e for e in events if isinstance(e, AgentBand)]
    assert 65 < band.t < 70
    assert band.level_db == pytest.approx(-30, abs=0.3)
    assert records[0]["level_outside_s"] == records[1]["level_outside_s"] == 0
    assert records[2]["level_outside_s"] > 15
    loud = [e for e in events if isinstance(e, Cue) and e.action is CueAction.START]
    assert [e.cue for e in loud] == [CueName.TOO_LOUD]
    assert band_file.read(file, "desk-7").level_db == band.level_db
