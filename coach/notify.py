"""Word to systemd: that the coach is ready, and that it is alive.

Comes in: nothing. Goes out: one datagram to the service manager, if there is one (sd_notify(3)).
Refuses to know: when the coach counts as alive.
"""

import os
import socket
from contextlib import suppress


def ready() -> None:
    """Tell systemd that the service has started."""
    _notify("READY=1")


def watchdog() -> None:
    """Tell systemd that the service is alive, to be done well within its WatchdogSec."""
    _notify("WATCHDOG=1")


def _notify(state: str) -> None:
    """Send ``state`` to ``NOTIFY_SOCKET``, if set; a leading ``@`` is the abstract namespace."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.connect("\0" + address[1:] if address.startswith("@") else address)
            # A supervisor that is behind must not hold up the audio: the next word will do.
            with suppress(BlockingIOError):
                sock.send(state.encode(), socket.MSG_DONTWAIT)
