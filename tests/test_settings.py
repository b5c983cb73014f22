"""Settings: every field has a default with its unit, layers rank, and errors name the way out."""

import dataclasses
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

from coach.errors import SettingsError
from coach.layers import DEFAULT, types_of
from coach.settings import SYSTEM_FILE, Settings, load, standard_files

DEFAULTS = resources.files("coach").joinpath("defaults.toml").read_text("utf-8")

# How the comment of a key with this ending must name its unit.
UNIT_WORDS = {"s": r"\bs\b", "db": r"\bdB(ov)?\b", "sps": "syllables per s", "mb": r"\bMB\b"}


def commented_keys() -> dict[str, str]:
    """Return each section.key of defaults.toml with the comment on its line."""
    found, section = {}, ""
    for line in DEFAULTS.splitlines():
        if heading := re.match(r"\[(\w+)\]", line):
            section = heading[1]
        elif setting := re.match(r"""(\w+) = ("[^"]*"|[^#]*)\s*(?:# *(.*))?""", line):
            found[f"{section}.{setting[1]}"] = setting[3] or ""
    return found


def written(file: Path, text: str) -> Path:
    file.write_text(text, "utf-8")
    return file


def refusal(*pairs: str, files: tuple[Path, ...] = ()) -> str:
    with pytest.raises(SettingsError) as error:
        load(files, pairs)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_every_field_has_a_default_and_every_default_a_field() -> None:
    given = [f"{s}.{k}" for s, values in tomllib.loads(DEFAULTS).items() for k in values]
    assert sorted(given) == sorted(types_of(Settings))


def test_every_default_has_a_comment_with_its_unit() -> None:
    comments = commented_keys()
    assert comments.keys() == types_of(Settings).keys()
    bare = [key for key, comment in comments.items() if not comment]
    without_unit = [
        key
        for key, comment in comments.items()
        if (unit := UNIT_WORDS.get(key.rpartition("_")[2])) and not re.search(unit, comment)
    ]
    assert (bare, without_unit) == ([], [])


def test_every_number_has_a_range() -> None:
    open_ended = [
        key
        for key, hint in types_of(Settings).items()
        if hint in (int, float) and key not in {"keywords.bias"}  # a cost may have either sign
    ]
    assert open_ended == []


def test_sections_and_defaults_are_frozen() -> None:
    for of_type in [Settings, *get_type_hints(Settings).values()]:
        assert of_type.__dataclass_params__.frozen, of_type


def test_defaults_load_and_say_so() -> None:
    settings, origins = load()
    assert settings.hold.limit_s == 120.0
    assert set(origins.values()) == {DEFAULT}
    assert origins.keys() == types_of(Settings).keys()


def test_layers_rank(tmp_path: Path) -> None:
    low = written(
        tmp_path / "low.toml", "[hold]\nlimit_s = 90\ncheck_back_s = 20\nwarn_share = 0.5"
    )
    high = written(tmp_path / "high.toml", "[hold]\nlimit_s = 80\ncheck_back_s = 30")
    settings, origins = load([low, tmp_path / "absent.toml", high], ["hold.limit_s=70"])
    hold = settings.hold
    assert (hold.limit_s, hold.check_back_s, hold.warn_share) == (70.0, 30.0, 0.5)
    assert isinstance(hold.limit_s, float)
    assert origins["hold.limit_s"] == "--set hold.limit_s=70"
    assert origins["hold.check_back_s"] == str(high)
    assert origins["hold.warn_share"] == str(low)
    assert origins["hold.hard_limit_s"] == DEFAULT


def test_a_units_own_file_comes_before_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/home/agent/.config")
    system, user = standard_files()
    assert system == SYSTEM_FILE
    assert (user.parent.name, user.name) == ("headset-coach", "coach.toml")


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("unit.id=desk 7", "desk 7"),
        ('unit.id="desk"', "desk"),
        ("unit.id=7", "7"),
        ("unit.id=2024-01-01", "2024-01-01"),
        ("unit.id = true ", "true"),
    ],
)
def test_text_needs_no_quotes(pair: str, value: str) -> None:
    if value == "desk 7":
        assert "got 'desk 7'" in refusal(pair)
    else:
        assert load(pairs=[pair]).settings.unit.id == value


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("hold.limt_s=3", "unknown setting hold.limt_s; did you mean 'hold.limit_s'?"),
        ("holds.limit_s=3", "unknown setting holds.limit_s; did you mean 'hold.limit_s'?"),
        ("hold.linger_s=3", "unknown setting hold.linger_s; did you mean 'cues.linger_s'?"),
        ("zzz.qqq=3", "unknown setting zzz.qqq"),
        ("limit_s=3", "expected section.key=value, as in hold.limit_s=90"),
        ("hold.limit_s", "expected section.key=value, as in hold.limit_s=90"),
        ("=", "expected section.key=value, as in hold.limit_s=90"),
    ],
)
def test_a_pair_nobody_knows(pair: str, message: str) -> None:
    assert refusal(pair) == f"--set {pair}: {message}"


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("hold.limit_s=0", "seconds above 0, got 0"),
        ("hold.limit_s=soon", "seconds above 0, got 'soon'"),
        ("hold.limit_s=true", "seconds above 0, got True"),
        ("hold.limit_s=nan", "seconds above 0, got nan"),
        ("hold.limit_s=inf", "a finite number, got inf"),
        ("level.band_low_db=40", "dBov from -100 up to 6, got 40"),
        ("pace.band_low_sps=-1", "syllables per second from 0, got -1"),
        ("hold.warn_share=1.5", "a share from 0 up to 1, got 1.5"),
        ("journal.min_free_mb=-1", "MB from 0, got -1"),
        ("journal.min_free_mb=1.5", "MB from 0, got 1.5"),
        ("voice.aggressiveness=4", "a whole number from 0 up to 3, got 4"),
        ("audio.clip_level=2", "a number above 0 up to 1, got 2"),
        ("journal.dir=", "text that is not empty, got ''"),
        ("unit.language=EN", "a language code as in en or ko, got 'EN'"),
        ("unit.id=../up", "up to 63 letters, digits, dots, hyphens and underscores, got '../up'"),
        (r'unit.id="a\n"', r"up to 63 letters, digits, dots, hyphens and underscores, got 'a\n'"),
    ],
)
def test_a_value_out_of_range_is_told_what_was_expected(pair: str, expected: str) -> None:
    key = pair.partition("=")[0]
    assert refusal(pair) == f"--set {pair}: {key}: expected {expected}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[hodl]\nlimit_s = 3", "unknown section [hodl]; did you mean 'hold'?"),
        ("[hold]\nlimt_s = 3", "unknown setting hold.limt_s; did you mean 'hold.limit_s'?"),
        ("check_back_s = 3", "check_back_s must stand in a [section]; did you mean 'hold.check"),
        ("hold = 3", "hold must stand in a [section]"),
        ("[hold]\nlimit_s = []", "hold.limit_s: expected seconds above 0, got []"),
        ("[hold", "not valid TOML: Expected ']'"),
        ("[hold]\nlimit_s = 1\nlimit_s = 2", "not valid TOML: Cannot overwrite a value"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = written(tmp_path / "coach.toml", text)
    assert refusal(files=(file,)).startswith(f"{file}: {message}")


def test_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "coach.toml").write_bytes(b"\xff\xfe\x00")
    assert "not valid TOML" in refusal(files=(tmp_path / "coach.toml",))
    assert refusal(files=(tmp_path,)) == f"{tmp_path}: cannot be read: Is a directory"


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["hold.limit_s=400"], "hold.limit_s (400) must not be above hold.hard_limit_s (300)"),
        (["hold.hard_limit_s=60"], "hold.limit_s (120) must not be above hold.hard_limit_s (60)"),
        (["level.band_low_db=-10"], "level.band_low_db (-10) must not be above level.band_high_db"),
        (["audio.reopen_s=9"], "audio.reopen_s (9) must not be above audio.reopen_max_s (3)"),
        (["pins.blue=17"], "pins.blue and pins.red are both BCM 17"),
        (["pins.red=27"], "pins.amber and pins.red are both BCM 27"),
    ],
)
def test_values_that_do_not_go_together_blame_who_set_them(pairs: list[str], message: str) -> None:
    assert refusal(*pairs).startswith(f"--set {pairs[0]}: {message}")


def test_pins_that_are_not_wired_may_be_many() -> None:
    pins = load(pairs=["pins.red=-1", "pins.blue=-1"]).settings.pins
    assert (pins.red, pins.blue) == (-1, -1)


def test_every_setting_survives_being_written_out_and_read_back(tmp_path: Path) -> None:
    settings = load(pairs=["hold.limit_s=77"]).settings
    lines = []
    for section, values in dataclasses.asdict(settings).items():
        lines.append(f"[{section}]")
        lines += [f"{k} = {msgspec.json.encode(v).decode()}" for k, v in values.items()]
    assert load([written(tmp_path / "all.toml", "\n".join(lines))]).settings == settings
