"""The file in which a unit keeps what it has learned of its agent's own level.

Comes in: what was learned. Goes out: the same after any power cut, or one line on why a file cannot
be believed. Refuses to know: how a level is measured and what a band is for.

One JSON object in one line, sealed by a checksum as a line of the journal is. It is written beside
and put in place at once, so that there is always the old one or the new one.
"""

import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import platformdirs
from msgspec import Meta

from coach.errors import StateError
from coach.journal_reader import seal, unseal
from coach.names import Learned
from coach.sections import Dbov, Seconds, Unit

SCHEMA = 1
NAME = "level.json"
SYSTEM_FOLDER = Path("/var/lib/coach")

_Moment = Annotated[datetime, Meta(tz=True)]
_Decibels = Annotated[float, Meta(ge=0)]


@dataclass(frozen=True, kw_only=True)
class OwnLevel:
    """What is known of an agent's own level.

    ``unit``: whose; ``how`` and ``at`` (to be believed where ``synced``) it was learned;
    ``level_db``: in dBov, None while there are too few calls; ``spread_db``: the standard
    deviation in dB of what it was learned from, talk-spurts or calls; ``speech_s``: seconds of
    speech in that; ``calls_db``: the level of each call in dBov, where it is learned from calls.
    """

    unit: str
    how: Learned
    at: _Moment
    synced: bool
    level_db: Dbov | None
    spread_db: _Decibels | None
    speech_s: Seconds
    calls_db: tuple[Dbov, ...] = ()


def file_of(unit: Unit) -> Path:
    """Return the file of a unit: in ``unit.state_dir``, else the system's, else the user's folder.

    The system's is taken where it exists, which it does where the coach is a service.
    """
    if unit.state_dir:
        return Path(unit.state_dir).expanduser() / NAME
    if SYSTEM_FOLDER.is_dir():
        return SYSTEM_FOLDER / NAME
    return platformdirs.user_state_path("headset-coach") / NAME


def read(file: Path, unit_id: str) -> OwnLevel | None:
    """Return what the file holds; None where there is none.

    Raises StateError for a file that is damaged, not the coach's, a newer one's or another unit's.
    """
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StateError(f"{file}: cannot be read: {error.strerror}") from error
    record = unseal(data.removesuffix(b"\n"))
    if isinstance(record, str):
        raise StateError(f"{file}: damaged or not written by the coach: {record}")
    if record.get("v") != SCHEMA:
        raise StateError(f"{file}: schema {record.get('v')}; this coach reads {SCHEMA}")
    try:
        own = msgspec.convert(record, OwnLevel)
    except msgspec.ValidationError as error:
        raise StateError(f"{file}: not written by the coach: {error}") from error
    if own.unit != unit_id:
        raise StateError(f"{file}: learned by unit {own.unit!r}; this is {unit_id!r}")
    return own


def write(file: Path, own: OwnLevel) -> None:
    """Put ``own`` in the place of what the file holds. Raises StateError naming the file."""
    beside = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as new:
            new.write(seal({"v": SCHEMA, **asdict(own)}))
            new.flush()
            os.fsync(new.fileno())
        beside.replace(file)
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StateError(f"{file}: cannot be written: {error.strerror}") from error


def check_writable(file: Path) -> None:
    """Raise StateError, as `write` would, before anybody has taken the trouble of speaking."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"{file}: cannot be written: {error.strerror}") from error
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise StateError(
            f"{file}: cannot be written by this user; as the coach's user, or set unit.state_dir"
        )
