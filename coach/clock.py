"""The clocks of this machine: wall, monotonic, boot, and whether the wall clock can be believed.

Comes in: nothing. Goes out: what the journal stamps its lines with. Refuses to know: audio time.
"""

import ctypes
import time
import uuid
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIMESYNC = Path("/run/systemd/timesync/synchronized")

_TIMEX_BYTES = 256  # struct timex has 208 at most; zeroed it asks and sets nothing
_TIME_ERROR = 5  # adjtimex(2): clock not synchronised


class WallClock:
    """The clocks of this machine."""

    def __init__(self) -> None:
        try:
            self.boot = _BOOT_ID.read_text("ascii").strip()
        except FileNotFoundError:  # not Linux: every start counts as a boot
            self.boot = str(uuid.uuid4())
        self._adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)

    def wall(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment of this boot; never steps."""
        return time.monotonic()

    def synced(self) -> bool:
        """Whether the network has set the wall clock, by timesyncd's mark or the kernel's flag."""
        if _TIMESYNC.exists():
            return True
        if self._adjtimex is None:
            return False
        return 0 <= int(self._adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))) < _TIME_ERROR
