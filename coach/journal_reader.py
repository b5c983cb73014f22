"""One line of a journal, both ways: sealed with its checksum, and read back or told damaged.

Comes in: records; journal files in whatever state a power cut left them. Goes out: sealed lines;
records and a list of damage. Refuses to know: what a record is about, and how a file is kept.
"""

import zlib
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from coach.errors import JournalError

SCHEMA = 1

# A sealed line ends in ,"crc":"xxxxxxxx"} and the CRC-32 is that of every byte before the comma.
_MARK = b',"crc":"'
_SEAL = len(_MARK) + 8 + len(b'"}')


class Damage(NamedTuple):
    """A line that cannot be believed: its number in the file, from 1, and what is wrong."""

    line: int
    what: str


class Reading(NamedTuple):
    """The whole records of a file in its order, and what was damaged."""

    records: list[dict[str, Any]]
    damage: list[Damage]


def seal(record: dict[str, Any]) -> bytes:
    """Return the record as one line with its checksum, newline included."""
    body = msgspec.json.encode(record, enc_hook=_plain)[:-1]
    return body + _MARK + b'%08x"}\n' % zlib.crc32(body)


def _plain(value: Any) -> Any:
    """Return a number of numpy's as Python's own."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{value!r} cannot stand in a journal")


def unseal(line: bytes) -> dict[str, Any] | str:
    """Return the record of a line without its newline, or what is wrong with it."""
    body, seal_bytes = line[:-_SEAL], line[-_SEAL:]
    if not (body.startswith(b"{") and seal_bytes.startswith(_MARK) and line.endswith(b'"}')):
        return "not a whole line"
    if seal_bytes[len(_MARK) : -2] != b"%08x" % zlib.crc32(body):
        return "checksum does not match"
    try:
        return msgspec.json.decode(body + b"}", type=dict[str, Any])
    except msgspec.DecodeError:
        return "not JSON"


def read(file: Path) -> Reading:
    """Read a journal file; damaged lines are listed, never raised.

    Raises JournalError where the file cannot be read or a newer coach wrote it.
    """
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError as error:
        raise JournalError(f"{file}: cannot be read: {error.strerror}") from error
    reading = Reading([], [])
    for number, line in enumerate(lines, 1):
        if number == len(lines) and not line:
            break
        record = unseal(line)
        if isinstance(record, str):
            reading.damage.append(Damage(number, record))
        elif not isinstance(record.get("v"), int) or record["v"] > SCHEMA:
            raise JournalError(
                f"{file}: line {number}: journal schema {record.get('v')};"
                f" this coach reads up to {SCHEMA}"
            )
        else:
            reading.records.append(record)
    return reading


class Tail(NamedTuple):
    """The end of a journal file: its last sequence number and the bytes after its last whole line.

    ``unended``: the last line is whole but for its newline.
    """

    seq: int
    torn: int
    unended: bool


def tail(file: Path) -> Tail:
    """Look at the end of a file, from the end, no further than to the last whole line."""
    data = file.read_bytes()
    end = len(data)
    last = data[data.rfind(b"\n") + 1 :]
    unended = bool(last) and isinstance(unseal(last), dict)
    torn = 0 if unended else len(last)
    while end > 0:
        begin = data.rfind(b"\n", 0, end) + 1
        record = unseal(data[begin:end])
        if isinstance(record, dict) and isinstance(record.get("seq"), int):
            return Tail(record["seq"], torn, unended)
        end = begin - 1
    return Tail(0, torn, unended)
