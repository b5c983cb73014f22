"""A real PulseAudio daemon of a test's own, with one null sink for each leg.

What is played into the sinks ``agent`` and ``customer`` comes out of ALSA devices of the same
names, which PortAudio sees as sound cards. Needs pulseaudio and ALSA's pulse plugin.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SINKS = ("agent", "customer")

ALSA_CONF = "</usr/share/alsa/alsa.conf>\n" + "".join(
    f'pcm.{sink} {{ type pulse device "{sink}.monitor" hint {{ show on description "{sink}" }} }}\n'
    for sink in SINKS
)


class SoundServer:
    """The daemon; ``environment`` is what a process needs to use it."""

    def __init__(self, folder: Path) -> None:
        alsa = folder / "asound.conf"
        alsa.write_text(ALSA_CONF)
        (folder / "pulse").mkdir(mode=0o700)
        self.environment = {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder / "pulse"),
            "PULSE_SERVER": f"unix:{folder / 'pulse' / 'native'}",
            "ALSA_CONFIG_PATH": str(alsa),
        }
        self._log = folder / "pulseaudio.log"
        self._players: list[subprocess.Popen[bytes]] = []
        self._daemon: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the daemon and wait until it answers."""
        sinks = [f"--load=module-null-sink sink_name={sink}" for sink in SINKS]
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        with self._log.open("ab") as log:
            self._daemon = subprocess.Popen(
                [*command, *sinks, "--load=module-native-protocol-unix"],
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while self._pactl("info").returncode:
            if self._daemon.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PulseAudio does not start: {self._log.read_text()}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End the daemon as a crash would."""
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None

    def suspend(self, sink: str, suspended: bool = True) -> None:
        """Stop a sink's clock, or let it go on: no audio comes from its device meanwhile."""
        self._pactl("suspend-sink", sink, str(int(suspended))).check_returncode()

    def play(self, sink: str, recording: Path) -> "subprocess.Popen[bytes]":
        """Begin to play a recording into a sink."""
        player = subprocess.Popen(
            ["paplay", "--latency-msec=50", f"--device={sink}", str(recording)],
            env={**os.environ, **self.environment},
        )
        self._players.append(player)
        return player

    def close(self) -> None:
        """End the daemon and what it plays."""
        for player in self._players:
            player.kill()
            player.wait()
        self.kill()

    def _pactl(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        environment = {**os.environ, **self.environment}
        return subprocess.run(["pactl", *words], env=environment, capture_output=True, check=False)


@pytest.fixture
def sound_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A running sound server, which this process and those it starts use."""
    missing = [tool for tool in ("pulseaudio", "paplay", "pactl") if not shutil.which(tool)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if importlib.util.find_spec("pyaudio") is None:
        pytest.skip("PyAudio is not installed")
    if not any(Path("/usr/lib").glob("**/alsa-lib/libasound_module_pcm_pulse.so")):
        pytest.skip("ALSA's pulse plugin is not installed (libasound2-plugins)")
    # Not tmp_path: the path of a socket may have 107 characters at most.
    with tempfile.TemporaryDirectory(prefix="sound-") as folder:
        server = SoundServer(Path(folder))
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        try:
            yield server
        finally:
            server.close()
