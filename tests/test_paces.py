import pytest

from coach.paces import OTHER, pace_of, paces
from coach.settings import load


def test_every_language_of_the_etiquette_is_there() -> None:
    assert paces().keys() == {"en", "de", "ja", "zh", "ko", "pl", OTHER}


def test_bands_hold_what_is_usual() -> None:
    for code, pace in paces().items():
        assert pace.low_sps < pace.usual_sps < pace.high_sps, code
        assert 0.8 < pace.per_nucleus < 1.3, code


def test_japanese_is_counted_in_morae() -> None:
    assert {code for code, pace in paces().items() if pace.unit == "mora"} == {"ja"}
    assert pace_of("ja").per_nucleus > pace_of("en").per_nucleus


def test_a_language_nobody_has_measured() -> None:
    assert pace_of("xx") == paces()[OTHER]


@pytest.mark.parametrize(("language", "high_sps"), [("en", 6.8), ("zh", 5.7), ("ja", 8.6)])
def test_the_band_in_force_is_the_languages(language: str, high_sps: float) -> None:
    pace = load(files=(), pairs=[f"unit.language={language}"]).settings.pace
    assert (pace.band_low_sps, pace.band_high_sps) == (pace_of(language).low_sps, high_sps)
    assert pace.per_nucleus == pace_of(language).per_nucleus


def test_a_band_that_is_given_stands() -> None:
    pace = load(files=(), pairs=["unit.language=ja", "pace.band_high_sps=7"]).settings.pace
    assert (pace.band_low_sps, pace.band_high_sps) == (3.9, 7.0)
