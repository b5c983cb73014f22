import shutil
from pathlib import Path

import numpy as np
import pytest

from speech import english, voices
from speech.voices import RATE, Samples


@pytest.fixture
def inferred(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, str, float]]:
    """What the model was asked for; it answers with half a second of tone between silences."""
    asked: list[tuple[str, str, float]] = []

    def infer(spoken: str, voice: str, speed: float) -> Samples:
        asked.append((spoken, voice, speed))
        tone = 0.3 * np.sin(2 * np.pi * 300 * np.arange(12000) / 24000)
        return np.pad(tone, 6000).astype(np.float32)

    monkeypatch.setattr(voices, "_infer", infer)
    monkeypatch.setenv("COACH_SPEECH_CACHE", str(tmp_path / "cache"))
    return asked


def test_a_sentence_is_rendered_once(inferred: list[tuple[str, str, float]]) -> None:
    first = voices.render("네", "ko", "jf_alpha")
    again = voices.render("네", "ko", "jf_alpha")
    assert inferred == [("ne", "jf_alpha", 1.0)]
    assert np.array_equal(first, again)
    voices.render("네", "ko", "jf_alpha", 1.2)
    voices.render("네", "ko", "jm_kumo")
    assert len(inferred) == 3


def test_silence_is_trimmed_at_16_khz(inferred: list[tuple[str, str, float]]) -> None:
    samples = voices.render("네", "ko", "jf_alpha")
    assert samples.dtype == np.float32
    assert len(samples) / RATE == pytest.approx(0.52, abs=0.015)


def test_what_cannot_be_spoken(inferred: list[tuple[str, str, float]]) -> None:
    with pytest.raises(ValueError, match="language 'fr' cannot be spoken"):
        voices.render("oui", "fr", "jf_alpha")
    with pytest.raises(ValueError, match="509 at most"):
        voices.render("가" * 300, "ko", "jf_alpha")
    assert inferred == []


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_english_symbols() -> None:
    assert english.ipa("Goodbye, my name is Dana.") == "ɡʊdbˈI, mI nˈAm ɪz dˈAnə."
    assert english.ipa("No", british=True) == "nˈQ"
