"""What many rooms' tests share."""

import os
from pathlib import Path

import hypothesis
import pytest

from coach import models, settings
from coach.errors import ModelError

# a busy machine is no reason to fail
hypothesis.settings.register_profile("coach", deadline=None)
hypothesis.settings.load_profile("coach")

CALLS = Path(os.environ.get("COACH_CALLS", Path(__file__).parents[2] / "shared" / "calls"))


@pytest.fixture(scope="session")
def calls() -> Path:
    """Folder of the real calls and speech, read in place and never copied."""
    if not CALLS.is_dir():
        pytest.skip(f"no recorded calls at {CALLS}; set COACH_CALLS to their folder")
    return CALLS


@pytest.fixture(scope="session")
def korean_model() -> Path:
    """Folder of the Korean model."""
    try:
        return models.find("ko", settings.load(files=()).settings).path
    except ModelError as error:
        pytest.skip(str(error))
