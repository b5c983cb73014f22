"""The one file that imports vosk: models, recognisers and the publisher's model list.

Comes in: a model folder, 16 kHz audio. Goes out: words with times. Refuses to know: phrases.
Nothing unchecked reaches Vosk, which ends the process on what it does not understand.
"""

import json
from pathlib import Path

import numpy as np
import vosk
from numpy.typing import NDArray

from coach.errors import ModelError
from coach.keywords.search import Word

SAMPLE_RATE = 16000

# The publisher's list, as the vosk package itself has it.
MODEL_LIST_URL: str = vosk.MODEL_LIST_URL

vosk.SetLogLevel(-1)  # Vosk's own log would go between the lines of the view


class Model:
    """A loaded model, shared by the recognisers of both legs."""

    def __init__(self, folder: Path) -> None:
        """Load the model in ``folder``. Raises ModelError when Vosk cannot."""
        if not (folder / "am" / "final.mdl").is_file():
            raise ModelError(f"{folder}: no speech model here (am/final.mdl is missing)")
        try:
            self._model = vosk.Model(str(folder))
        except Exception as error:  # Vosk raises nothing narrower
            raise ModelError(f"{folder}: Vosk cannot load this model") from error

    def recogniser(self) -> "Recogniser":
        """Return a new recogniser; it knows nothing of what others heard."""
        return Recogniser(vosk.KaldiRecognizer(self._model, SAMPLE_RATE))


class Recogniser:
    """Hears one leg, an utterance at a time."""

    def __init__(self, engine: vosk.KaldiRecognizer) -> None:
        self._vosk = engine
        self._vosk.SetWords(True)
        self._heard: list[Word] = []
        self._fed = 0
        self._begin = 0

    @property
    def heard_s(self) -> float:
        """Seconds of audio that it was ever given."""
        return self._fed / SAMPLE_RATE

    def accept(self, samples: NDArray[np.float32]) -> None:
        """Take the next ``samples`` (n,) float32 in -1..1 at 16 kHz of this utterance."""
        pcm = (np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2")
        self._fed += len(pcm)
        if self._vosk.AcceptWaveform(pcm.tobytes()):
            self._take(self._vosk.Result())

    def finish(self) -> list[Word]:
        """End the utterance and return its words, timed in seconds from its first sample."""
        self._take(self._vosk.FinalResult())
        heard, self._heard, self._begin = self._heard, [], self._fed
        return heard

    def _take(self, result: str) -> None:
        # Vosk counts time over all the recogniser was ever given
        zero = self._begin / SAMPLE_RATE
        self._heard += [
            Word(w["word"], w["start"] - zero, w["end"] - zero, w["conf"])
            for w in json.loads(result).get("result", [])
        ]
