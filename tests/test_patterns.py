"""Lights and vibrations as data: safe to look at, told apart without colour, shown in the docs."""

import itertools
from pathlib import Path

import pytest

from coach.names import CueName
from coach.patterns import (
    COLOURS,
    EARLY_LED,
    LEDS,
    LOOKS,
    ON_HOLD_LED,
    VIBRATIONS,
    Kind,
    Pattern,
    page,
)

ALL = [*itertools.chain(*(lines.values() for lines in LEDS.values())), *VIBRATIONS.values()]
STEP_S = 0.01


def lit(pattern: Pattern, seconds: float) -> list[bool]:
    return [pattern.level(i * STEP_S) > 0 for i in range(round(seconds / STEP_S))]


def flash_times(lines: list[list[bool]]) -> list[float]:
    """Times at which any of the lines lights up."""
    edges = []
    for line in lines:
        edges += [i * STEP_S for i, on in enumerate(line) if on and (i == 0 or not line[i - 1])]
    return sorted(edges)


@pytest.mark.parametrize("led", LEDS)
def test_no_light_flashes_more_than_three_times_in_any_second(led):
    times = flash_times([lit(pattern, 20.0) for pattern in LEDS[led].values()])
    most = max(sum(start <= t < start + 1.0 for t in times) for start in times)
    assert 1 <= most <= 3


def test_flashes_are_counted_where_there_are_too_many():
    frantic = Pattern(((0.1, 1.0), (0.1, 0.0)))
    assert len(flash_times([lit(frantic, 1.0)])) == 5


def test_every_light_has_a_rhythm_of_its_own():
    rhythms = {tuple(map(tuple, (lit(p, 20.0) for p in lines.values()))) for lines in LEDS.values()}
    assert len(rhythms) == len(LEDS)


def test_vibrations_differ_in_length():
    lengths = [sum(lit(p, 10.0)) for p in VIBRATIONS.values()]
    assert len(set(lengths)) == len(VIBRATIONS)


def test_vibrations_end_and_lights_do_not():
    assert all(p.level(p.round_s * (p.times or 0)) == 0.0 for p in VIBRATIONS.values())
    assert all(p.times for p in VIBRATIONS.values())
    for lines in LEDS.values():
        assert all(p.times is None and any(lit(p, 5.0)[-300:]) for p in lines.values())


@pytest.mark.parametrize("pattern", ALL)
def test_steps_are_whole_ticks_and_levels_shares(pattern):
    for seconds, level in pattern.steps:
        assert seconds * 10 == pytest.approx(round(seconds * 10))
        assert seconds >= 0.1
        assert 0.0 <= level <= 1.0


def test_level_at_the_edges_of_steps_in_summed_time():
    pattern = Pattern(((0.2, 1.0), (0.1, 0.5)), times=2)
    levels, t = [], 0.0
    for _ in range(7):
        levels.append(pattern.level(t))
        t += 0.1
    assert levels == [1.0, 1.0, 0.5, 1.0, 1.0, 0.5, 0.0]


def test_every_cue_has_a_look_made_of_known_parts():
    assert set(LOOKS) == set(CueName)
    for look in LOOKS.values():
        assert look.led in LEDS
        assert look.vibration is None or look.vibration in VIBRATIONS
    assert {EARLY_LED, ON_HOLD_LED} <= set(LEDS)
    assert {colour for lines in LEDS.values() for colour in lines} == set(COLOURS)


def test_hold_and_hang_up_rank_over_soft_over_standing():
    order = list(Kind)
    assert [order.index(look.kind) for look in LOOKS.values()] == sorted(
        order.index(look.kind) for look in LOOKS.values()
    )
    assert list(LOOKS)[-1] is CueName.FAULT


def test_what_a_light_says_is_said_by_its_colour():
    """Red and green are for hold and hang-up alone; free to hang up is not the hold's green."""
    for look in LOOKS.values():
        if look.led in ("red", "green"):
            assert look.kind is Kind.URGENT
    assert LOOKS[CueName.FREE_TO_HANG_UP].led != ON_HOLD_LED


def test_the_page_in_the_docs_is_current():
    docs = Path(__file__).parents[1] / "docs" / "cues.md"
    assert docs.read_text("utf-8") == page(), "run: python -m coach.patterns > docs/cues.md"
