"""Every error the coach raises on purpose; comes in: one clear line, goes out: an exit status.

Each error is also the builtin that fits, so callers outside may catch either. The command line
prints the message alone; a traceback of one of these is shown only with ``COACH_DEBUG=1``.
"""

import difflib
from collections.abc import Iterable


class CoachError(Exception):
    """Base of all errors that are somebody's to mend: the message is one line for a person."""

    exit_status = 1


class SettingsError(CoachError, ValueError):
    """A settings file or value that cannot be used; names the file, the key, what was expected."""

    exit_status = 2


class RecordingError(CoachError, ValueError):
    """A recording, word-times or line-signal file that cannot be used."""

    exit_status = 2


class PhraseError(CoachError, ValueError):
    """A phrase pack that cannot be used."""

    exit_status = 2


class ModelError(CoachError, RuntimeError):
    """A speech model that is missing, damaged or cannot be fetched."""

    exit_status = 3


class DeviceError(CoachError, OSError):
    """A sound card or pin that is missing, busy or has changed."""

    exit_status = 4


class StateError(CoachError, OSError):
    """A file of what the unit has learned that cannot be written, or not be believed."""

    exit_status = 5


class CalibrationError(CoachError, ValueError):
    """Speech from which the agent's own level cannot be told."""

    exit_status = 6


class JournalError(CoachError, OSError):
    """A journal that cannot be written or read."""

    exit_status = 5


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known word, or an empty string."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
