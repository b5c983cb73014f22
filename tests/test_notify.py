"""Word to systemd, on a socket of the test's own."""

import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from coach import notify


def told(address: str, tell: Callable[[], None]) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(5)
        manager.bind(address)
        tell()
        return manager.recv(100)


def test_systemd_is_told_through_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "notify")
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        assert told(path, notify.ready) == b"READY=1"


def test_systemd_is_told_in_the_abstract_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "@coach-test-notify")
    assert told("\0coach-test-notify", notify.watchdog) == b"WATCHDOG=1"


def test_nobody_is_told_without_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify.ready()
    notify.watchdog()


def test_socket_that_nobody_reads_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/notify")
    with pytest.raises(FileNotFoundError):
        notify.ready()


def test_a_manager_that_is_behind_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "notify")
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            for _ in range(1000):  # many more than a socket holds
                notify.watchdog()
            manager.settimeout(5)
            assert manager.recv(100) == b"WATCHDOG=1"
