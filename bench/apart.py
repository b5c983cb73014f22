"""Runs one bench in a process of its own, on one core, so that memory and imports do not mix.

Comes in: the name of a bench. Goes out: its rows as they are measured and, if it could not go on,
a line that says why. Whatever else it prints goes to stderr. Refuses to know: the table.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection

from bench.figures import Missing, one_core
from bench.table import Row
from coach.errors import CoachError


def results(name: str) -> Iterator[Row | str]:
    """Yield the rows of the bench ``name`` and last, if it could not go on, why."""
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(name, there))
    child.start()
    there.close()
    try:
        while (told := here.recv()) is not None:
            yield told
    except EOFError:
        child.join()
        yield f"its process ended with status {child.exitcode}"
    child.join()


def measured(name: str) -> Iterator[Row | str]:
    """Yield the same in this process."""
    try:
        yield from importlib.import_module(f"bench.{name}").rows()
    except (Missing, CoachError) as error:
        yield str(error)
    except ModuleNotFoundError as error:
        yield f"no module {error.name} here; it comes with the extra bench"
    except Exception as error:
        traceback.print_exc()
        yield f"failed: {error!r}"


def _child(name: str, out: Connection) -> None:
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    one_core()
    for told in measured(name):
        out.send(told)
    out.send(None)
