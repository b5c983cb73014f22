"""The journal: append-only JSON lines that survive a power cut and hold no spoken word.

Comes in: every event. Goes out: one sealed line for each of the types kept (``docs/journal.md``),
a fault when writing begins to fail and one when it works again. Refuses to know: what events mean,
beyond when a call begins and ends, and every word that was said.

Lines are written at once, each in one write, and synced at the end of a call and every few
seconds. What cannot be written waits in memory and is tried again; a half-written line is cut
back, so no line is ever run into another.
"""

import fcntl
import os
from collections import deque
from datetime import UTC, datetime
from errno import ENOSPC
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from coach.clock import WallClock
from coach.errors import JournalError
from coach.events import (
    AgentBand,
    CallRecord,
    CallState,
    Cue,
    DeadAir,
    Event,
    Fault,
    KeyPhrase,
    LineSignal,
    TalkOver,
    Tone,
)
from coach.journal_reader import SCHEMA, seal, tail
from coach.names import State
from coach.sections import JournalKeeping

KEPT = (
    CallState,
    KeyPhrase,
    Cue,
    Fault,
    LineSignal,
    Tone,
    TalkOver,
    DeadAir,
    AgentBand,
    CallRecord,
)
# Of a key-phrase nothing else is kept: no phrase, no gloss, no time promised.
KEPT_OF_KEY_PHRASE = ("t", "type", "leg", "category")

# Lines that wait in memory while the disk refuses them: about 3 MB, a shift of calls.
WAITING_MAX = 10_000


class Journal:
    """Keeps the journal of one unit in one folder, to which nobody else may write meanwhile."""

    def __init__(
        self, folder: Path, keeping: JournalKeeping, unit_id: str, clock: WallClock | None = None
    ) -> None:
        """Open or continue the folder's journal. Raises JournalError naming the folder.

        Torn ends left by a power cut are cut off and recorded as a fault. A full disk is no
        error here but the first ``write``'s fault.
        """
        self._folder = folder
        self._keeping = keeping
        self._unit_id = unit_id
        self._clock = clock or WallClock()
        self._waiting: deque[dict[str, Any]] = deque(maxlen=WAITING_MAX)
        self._header: list[dict[str, Any]] = []
        self._lost = 0
        self._seq = 0
        self._page: Path | None = None
        self._file = self._directory = -1
        self._size = 0
        self._state = State.IDLE
        self._in_call = False
        self._unsynced = False
        self._synced_at = self._clock.monotonic()
        self._retry_at: float | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._mend()
            self._turn_page()
        except OSError as error:
            self._close_files()
            raise JournalError(f"journal {folder}: {_why(error)}") from error

    def write(self, event: Event) -> Fault | None:
        """Keep the event if it is of a kept type; write and sync what is due.

        Never raises for a disk that refuses: the line waits in memory. Returns a fault when
        writing begins to fail, nothing while it goes on failing, and the fault cleared when it
        works again.
        """
        if isinstance(event, KEPT):
            self._keep(event)
        try:
            return self._work(event)
        finally:
            self._follow(event)

    def close(self) -> None:
        """Write and sync what is left. Raises JournalError if lines remain unwritten."""
        try:
            self._append()
            self._sync()
        except OSError as error:
            left = len(self._waiting) + self._lost
            raise JournalError(
                f"journal {self._folder}: {error.strerror}; {left} lines not written"
            ) from error
        finally:
            self._close_files()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _work(self, event: Event) -> Fault | None:
        now = self._clock.monotonic()
        if self._retry_at is not None and now < self._retry_at:
            return None
        try:
            self._append()
            if isinstance(event, CallRecord) or now - self._synced_at >= self._keeping.sync_s:
                self._sync()
        except OSError as error:
            first = self._retry_at is None
            self._retry_at = now + self._keeping.sync_s
            return self._fault(event.t, f"{error.strerror}") if first else None
        if self._retry_at is None:
            return None
        self._retry_at = None
        lost, self._lost = self._lost, 0
        what = f"written again, {lost or 'no'} lines lost"
        return self._fault(event.t, what, cleared=True)

    def _keep(self, event: Event) -> None:
        fields = event.as_dict()
        if isinstance(event, KeyPhrase):
            fields = {key: fields[key] for key in KEPT_OF_KEY_PHRASE}
        self._lost += len(self._waiting) == WAITING_MAX
        self._waiting.append(self._stamped(fields))

    def _stamped(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return the fields behind the journal's own, which no event may overwrite."""
        wall = datetime.fromtimestamp(self._clock.wall(), UTC)
        stamp = {
            "t": fields["t"],
            "wall": wall.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "mono": round(self._clock.monotonic(), 3),
            "boot": self._clock.boot,
            "synced": self._clock.synced(),
            "v": SCHEMA,
        }
        return {"seq": 0, **stamp, **fields, **stamp}

    def _append(self) -> None:
        """Write all that waits in one write, to the page of the day. Raises OSError."""
        self._turn_page()
        records = [*self._header, *self._waiting]
        if not records:
            return
        self._cut_back()
        free = os.fstatvfs(self._directory)
        if free.f_bavail * free.f_frsize < self._keeping.min_free_mb * 1_000_000:
            raise OSError(ENOSPC, f"less than {self._keeping.min_free_mb} MB free")
        numbered = enumerate(records, self._seq + 1)
        lines = b"".join(seal({**record, "seq": seq}) for seq, record in numbered)
        written = os.write(self._file, lines)
        self._unsynced = True
        if written < len(lines):
            self._cut_back()
            raise OSError(ENOSPC, os.strerror(ENOSPC))
        self._size += written
        self._seq += len(records)
        self._header.clear()
        self._waiting.clear()

    def _cut_back(self) -> None:
        if os.fstat(self._file).st_size != self._size:
            os.ftruncate(self._file, self._size)

    def _turn_page(self) -> None:
        """Open the page of this day or, before the clock is set, of this boot; not in a call."""
        if self._in_call and self._page is not None:
            return
        day = datetime.fromtimestamp(self._clock.wall(), UTC).date()
        name = f"{day}" if self._clock.synced() else f"boot-{self._clock.boot}"
        page = self._folder / f"{name}.jsonl"
        if page == self._page:
            return
        self._sync()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        file = os.open(page, flags, 0o640)
        if self._file >= 0:
            os.close(self._file)
        self._file, self._page, self._size = file, page, os.fstat(file).st_size
        self._header = [self._stamped({"t": 0.0, "type": "journal", "unit": self._unit_id})]
        os.fsync(self._directory)  # else a power cut may take the new file's name

    def _sync(self) -> None:
        if self._unsynced:
            os.fdatasync(self._file)
            self._unsynced = False
            self._synced_at = self._clock.monotonic()

    def _mend(self) -> None:
        """Find the last sequence number and cut torn ends off. Raises OSError."""
        for page in sorted(self._folder.glob("*.jsonl")):
            end = tail(page)
            self._seq = max(self._seq, end.seq)
            if end.unended:
                with page.open("ab") as file:
                    file.write(b"\n")
            if end.torn:
                os.truncate(page, page.stat().st_size - end.torn)
                what = f"{page.name}: torn last line of {end.torn} bytes cut off"
                self._keep(Fault(t=0.0, part="journal", what=what, cleared=True))

    def _follow(self, event: Event) -> None:
        """Know whether a call is on or its record still due: all its lines stand on one page."""
        if isinstance(event, CallState):
            self._state = event.state
            self._in_call = event.state is not State.IDLE
        elif isinstance(event, CallRecord):
            # The record of a call may come when the next one has begun.
            self._in_call = self._state not in (State.IDLE, State.ENDED, State.DROPPED)

    def _fault(self, t: float, what: str, cleared: bool = False) -> Fault:
        return Fault(t=t, part="journal", what=f"{self._folder}: {what}", cleared=cleared)

    def _close_files(self) -> None:
        for descriptor in (self._file, self._directory):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._directory = -1


def _why(error: OSError) -> str:
    if isinstance(error, BlockingIOError):
        return "another coach writes there"
    return "not a folder" if isinstance(error, FileExistsError) else f"{error.strerror}"
