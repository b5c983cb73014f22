from pathlib import Path

import platformdirs
import pytest

from coach.errors import PhraseError
from coach.keywords import operating_point
from coach.keywords.operating_point import (
    OperatingPoint,
    as_toml,
    load_point,
    parse_point,
    read_point,
)
from coach.keywords.pack import Phrase, load_pack, shipped_languages
from coach.names import Category

HELLO = Phrase(Category.GREETING, ("good", "day"), "", None)


def test_a_phrase_costs_its_own_beside_the_bias_of_all() -> None:
    point = OperatingPoint(0.5, {"good day": 2.0})
    assert point.cost(HELLO) == 2.5
    assert point.cost(HELLO._replace(words=("good", "morning"))) == 0.5


def test_what_is_written_is_read() -> None:
    origin = {"when": "2026-11-24", "recordings": 3, "hours_of_speech": 1.5}
    point = OperatingPoint(-0.5, {'say "hello"': 2.0, "안녕히 계세요": 4.0}, origin)
    assert parse_point(as_toml(point), "x.toml") == point


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("bias = ", "not valid TOML"),
        ('bias = "high"', "Expected `float`, got `str` - at `\\$.bias`"),
        ("[phrases]\nhello = true", "Expected `float`, got `bool` - at `\\$.phrases"),
        ("biass = 1.0", "unknown field `biass`"),
    ],
)
def test_what_is_wrong_is_named(text: str, why: str) -> None:
    with pytest.raises(PhraseError, match=f"^ko.toml: .*{why}"):
        parse_point(text, "ko.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhraseError, match=r"none\.toml: cannot be read"):
        read_point(tmp_path / "none.toml")


def test_the_users_own_is_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda _: tmp_path)
    monkeypatch.setattr(operating_point, "SYSTEM_FOLDER", tmp_path / "system")
    shipped = load_point("ko")
    for folder in (tmp_path / "system", tmp_path / "operating_points"):
        folder.mkdir()
        (folder / "ko.toml").write_text(f"bias = {len(folder.name)}.0")
        assert load_point("ko").bias == len(folder.name)
    assert load_point("en") == OperatingPoint()
    assert shipped != load_point("ko")


@pytest.mark.parametrize("language", shipped_languages())
def test_shipped_points_are_of_phrases_in_the_pack(language: str) -> None:
    texts = {phrase.text for phrase in load_pack(language).phrases}
    assert load_point(language).phrases.keys() <= texts
