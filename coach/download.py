"""The publisher's list of models, and one file of it fetched whole or not at all.

Comes in: addresses. Goes out: the list's entries, and a file on disk whose size and MD5 are the
list's. A fetch that was cut goes on where it stopped, in this run or in the next. Refuses to
know: what is in the file.
"""

import hashlib
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import requests

from coach.errors import ModelError

# Called with what is being done, the bytes done and the bytes in all.
Progress = Callable[[str, int, int], None]

CONNECT_S = 3.0
READ_S = 30.0
CHUNK = 1 << 14  # bytes; what is lost of a connection that is cut, at most
FRUITLESS_TRIES = 3


class Published(msgspec.Struct, frozen=True):
    """One entry of the publisher's list: a zip and how to know it again. ``size`` in bytes."""

    lang: str
    # Becomes the name of a folder, so it must not be a way out of the models' folder.
    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z")]
    type: str
    size: int
    md5: str
    url: str
    obsolete: bool
    version: str


class _CutError(Exception):
    """The connection ended before the file did."""


def publisher_answers(list_url: str, timeout_s: float = CONNECT_S) -> bool:
    """Tell whether the publisher's list can be reached within ``timeout_s`` seconds."""
    answered = threading.Event()

    def ask() -> None:
        try:
            response = requests.head(list_url, timeout=timeout_s, allow_redirects=True)
        except requests.RequestException:
            return
        if response.ok:
            answered.set()

    # In a thread of its own: looking a name up knows no timeout.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout_s)
    return answered.is_set()


def published(list_url: str) -> list[Published]:
    """Fetch the publisher's list of models.

    Raises ModelError where it cannot be reached or is not such a list.
    """
    try:
        response = requests.get(list_url, timeout=(CONNECT_S, READ_S))
        response.raise_for_status()
        # Not strict: the list writes its booleans as "true" and "false".
        return msgspec.json.decode(response.content, type=list[Published], strict=False)
    except requests.RequestException as error:
        raise ModelError(f"model list {list_url}: {_reason(error)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"model list {list_url}: not a list of Vosk models: {error}") from error


def newest_small(models: list[Published], lang: str) -> Published | None:
    """Return the newest small model of the list for ``lang`` that is not obsolete."""
    fits = [m for m in models if m.lang == lang and m.type == "small" and not m.obsolete]
    return max(fits, key=lambda m: [int(n) for n in re.findall(r"\d+", m.version)], default=None)


def fetch(entry: Published, target: Path, progress: Progress) -> None:
    """Fetch ``entry`` into ``target``, going on with ``target``'s ``.part`` of an earlier run.

    Raises ModelError for what the server refuses, a size or MD5 other than the list's, and a full
    disk. What was fetched before a cut stays for the next run.
    """
    part = target.with_name(f"{target.name}.part")
    resumed = part.exists()
    _fill(part, entry, progress)
    if resumed and _fault(part, entry):
        # The publisher's file may have changed between the runs.
        part.unlink()
        _fill(part, entry, progress)
    fault = _fault(part, entry)
    if fault:
        part.unlink()
        raise ModelError(f"{entry.url}: {fault}; discarded")
    part.rename(target)


def _fill(part: Path, entry: Published, progress: Progress) -> None:
    """Fetch into ``part`` over as many connections as bring something."""
    fruitless = 0
    while _size(part) < entry.size:
        before = _size(part)
        try:
            _fetch_rest(part, entry, progress)
        except _CutError as cut:
            fruitless = 0 if _size(part) > before else fruitless + 1
            if fruitless == FRUITLESS_TRIES:
                raise ModelError(
                    f"{entry.url}: {cut} after {_size(part)} of {entry.size} bytes; "
                    "run the same command to go on from there"
                ) from cut
        else:
            return


def _fetch_rest(part: Path, entry: Published, progress: Progress) -> None:
    """Fetch what ``part`` lacks over one connection; _CutError if it ends before the file."""
    have = _size(part)
    free = shutil.disk_usage(part.parent).free
    if free < entry.size - have:
        raise ModelError(f"{part.parent}: {free} bytes free, {entry.size - have} needed")
    # Identity: of compressed content neither the range nor the size would be the file's.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with requests.get(
            entry.url, headers=headers, stream=True, timeout=(CONNECT_S, READ_S)
        ) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                part.unlink()
                raise _CutError("the file has shrunk")
            response.raise_for_status()
            # 200 to a Range: the server does no ranges and sends it all again.
            if response.status_code != requests.codes.partial_content:
                have = 0
            expected = have + int(response.headers.get("Content-Length", entry.size - have))
            with part.open("r+b" if have else "wb") as file:
                file.seek(have)
                for chunk in response.iter_content(CHUNK):
                    file.write(chunk)
                    progress(entry.name, file.tell(), entry.size)
                    if file.tell() > entry.size:
                        break
    except requests.HTTPError as error:
        raise ModelError(f"{entry.url}: {_reason(error)}") from error
    except requests.RequestException as error:
        raise _CutError(_reason(error)) from error
    except OSError as error:
        raise ModelError(f"{part}: {error.strerror}") from error
    # urllib3 before 2.0 takes an early end for the end.
    if _size(part) < expected:
        raise _CutError("connection lost")


def _fault(part: Path, entry: Published) -> str:
    size = _size(part)
    if size != entry.size:
        return f"{size} bytes where the list says {entry.size}"
    with part.open("rb") as file:
        # MD5 is what the list has. It finds damage; that nobody swapped the file is up to https.
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return "" if md5 == entry.md5.lower() else f"MD5 {md5} where the list says {entry.md5}"


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _reason(error: requests.RequestException) -> str:
    """Say in one line, without Python's own words, why a request failed."""
    if isinstance(error, requests.HTTPError):
        return f"the server says {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection to the server"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "connection lost"
    return " ".join(str(error).split())
