"""The downloader against a real server on loopback that behaves well and badly."""

import json
import shutil
import socket
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_server import Publisher

from coach.download import CHUNK, Published, fetch, newest_small, published, publisher_answers
from coach.errors import ModelError

CONTENT = bytes(range(256)) * 4000  # 1 MB: several chunks
NAME = "vosk-model-small-en-us-0.15"


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


def quiet(what: str, done: int, total: int) -> None:
    pass


def ranges_asked(publisher: Publisher) -> list[str | None]:
    return [wanted for path, wanted in publisher.requests if path.endswith(".zip")]


def entry(lang: str, version: str, type: str = "small", obsolete: bool = False) -> Published:
    name = f"vosk-model-{type}-{lang}-{version}"
    return Published(lang, name, type, 1, "00", "http://nowhere", obsolete, version)


def test_a_file_arrives_whole_and_progress_reaches_its_size(
    publisher: Publisher, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int]] = []
    fetch(publisher.publish(CONTENT), tmp_path / "m.zip", lambda *args: told.append(args))
    assert (tmp_path / "m.zip").read_bytes() == CONTENT
    assert told[-1] == (NAME, len(CONTENT), len(CONTENT))
    assert [f.name for f in tmp_path.iterdir()] == ["m.zip"]


def test_a_cut_connection_goes_on_where_it_stopped(publisher: Publisher, tmp_path: Path) -> None:
    published_entry = publisher.publish(CONTENT)
    publisher.cuts = [20 * CHUNK, 0, 30 * CHUNK]
    fetch(published_entry, tmp_path / "m.zip", quiet)
    assert (tmp_path / "m.zip").read_bytes() == CONTENT
    assert ranges_asked(publisher) == [
        None,
        f"bytes={20 * CHUNK}-",
        f"bytes={20 * CHUNK}-",
        f"bytes={50 * CHUNK}-",
    ]


def test_a_server_that_stops_sending_is_given_up_and_the_next_run_goes_on(
    publisher: Publisher, tmp_path: Path
) -> None:
    published_entry = publisher.publish(CONTENT)
    publisher.cuts = [20 * CHUNK, 0, 0, 0]
    with pytest.raises(ModelError, match="lost after 327680 of 1024000 bytes; run the same"):
        fetch(published_entry, tmp_path / "m.zip", quiet)
    assert not (tmp_path / "m.zip").exists()
    fetch(published_entry, tmp_path / "m.zip", quiet)
    assert (tmp_path / "m.zip").read_bytes() == CONTENT
    assert ranges_asked(publisher)[-1] == f"bytes={20 * CHUNK}-"


def test_a_server_without_ranges_sends_it_all_again(publisher: Publisher, tmp_path: Path) -> None:
    published_entry = publisher.publish(CONTENT)
    publisher.ranges = False
    publisher.cuts = [300_000]
    fetch(published_entry, tmp_path / "m.zip", quiet)
    assert (tmp_path / "m.zip").read_bytes() == CONTENT


@pytest.mark.parametrize("size", [400_000, len(CONTENT), len(CONTENT) + 5])
def test_a_part_of_another_file_is_not_believed(
    publisher: Publisher, tmp_path: Path, size: int
) -> None:
    published_entry = publisher.publish(CONTENT)
    (tmp_path / "m.zip.part").write_bytes(b"x" * size)
    fetch(published_entry, tmp_path / "m.zip", quiet)
    assert (tmp_path / "m.zip").read_bytes() == CONTENT


def test_a_wrong_md5_is_refused_and_nothing_is_left(publisher: Publisher, tmp_path: Path) -> None:
    published_entry = publisher.publish(CONTENT, md5="0" * 32)
    with pytest.raises(ModelError, match=r"MD5 \w+ where the list says 0000"):
        fetch(published_entry, tmp_path / "m.zip", quiet)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("said", [len(CONTENT) - 10, len(CONTENT) + 10])
def test_a_wrong_size_is_refused_and_nothing_is_left(
    publisher: Publisher, tmp_path: Path, said: int
) -> None:
    published_entry = publisher.publish(CONTENT, size=said)
    with pytest.raises(ModelError, match=f"bytes where the list says {said}"):
        fetch(published_entry, tmp_path / "m.zip", quiet)
    assert list(tmp_path.iterdir()) == []


def test_a_part_longer_than_what_the_server_now_has_is_fetched_anew(
    publisher: Publisher, tmp_path: Path
) -> None:
    published_entry = publisher.publish(CONTENT[:1000], size=2000)
    (tmp_path / "m.zip.part").write_bytes(b"x" * 1500)
    with pytest.raises(ModelError, match="1000 bytes where the list says 2000"):
        fetch(published_entry, tmp_path / "m.zip", quiet)


def test_a_file_the_server_does_not_have(publisher: Publisher, tmp_path: Path) -> None:
    published_entry = publisher.publish(CONTENT)
    publisher.files.clear()
    with pytest.raises(ModelError, match=r"the server says 404 Not Found$"):
        fetch(published_entry, tmp_path / "m.zip", quiet)


def test_a_disk_without_room_is_named_before_anything_is_fetched(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 7, 3))
    with pytest.raises(ModelError, match="3 bytes free, 1024000 needed"):
        fetch(publisher.publish(CONTENT), tmp_path / "m.zip", quiet)
    assert publisher.requests == []


def test_a_folder_that_cannot_be_written(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "m.zip.part").mkdir()
    with pytest.raises(ModelError, match=r"m\.zip\.part: Is a directory"):
        fetch(publisher.publish(CONTENT), tmp_path / "m.zip", quiet)


def test_the_list_as_its_publisher_writes_it(publisher: Publisher) -> None:
    publisher.publish(CONTENT)
    (only,) = published(publisher.list_url)
    assert (only.lang, only.name, only.size, only.obsolete) == ("en-us", NAME, 1024000, False)


@pytest.mark.parametrize(
    "garbage",
    [b"<html>busy</html>", b"[1, 2]", b"{}", b"\xff\xfe", b"", b'[{"lang": "en-us"}]'],
)
def test_a_list_that_is_none(publisher: Publisher, garbage: bytes) -> None:
    publisher.files["/list.json"] = garbage
    with pytest.raises(ModelError, match=r"list\.json: not a list of Vosk models"):
        published(publisher.list_url)


@pytest.mark.parametrize("name", ["../evil", "/etc", ".hidden", "a/b", "", "a\n"])
def test_a_name_that_leads_elsewhere_is_refused(publisher: Publisher, name: str) -> None:
    publisher.publish(CONTENT)
    listed = json.loads(publisher.files["/list.json"])
    listed[0]["name"] = name
    publisher.files["/list.json"] = json.dumps(listed).encode()
    with pytest.raises(ModelError, match="not a list of Vosk models"):
        published(publisher.list_url)


def test_a_list_nobody_serves(publisher: Publisher, refused_url: str) -> None:
    with pytest.raises(ModelError, match="the server says 404 Not Found"):
        published(publisher.list_url)
    with pytest.raises(ModelError, match="no connection to the server"):
        published(refused_url)


def test_whether_the_publisher_answers(publisher: Publisher, refused_url: str) -> None:
    assert not publisher_answers(publisher.list_url)
    publisher.publish(CONTENT)
    assert publisher_answers(publisher.list_url)
    assert not publisher_answers(refused_url)


def test_a_publisher_that_says_nothing_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/list.json"
        assert not publisher_answers(url, timeout_s=0.2)


def test_the_newest_small_model_is_taken() -> None:
    listed = [
        entry("ko", "0.22"),
        entry("en-us", "0.4"),
        entry("en-us", "0.15"),
        entry("en-us", "0.99", obsolete=True),
        entry("en-us", "1.0", type="big"),
        entry("en-in", "2.0"),
    ]
    best = newest_small(listed, "en-us")
    assert best is not None
    assert best.version == "0.15"
    assert newest_small(listed, "de") is None
