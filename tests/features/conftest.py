import pytest

from coach.settings import Settings, load


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load(files=()).settings
