"""``python -m bench [NAME ...]``: the rows of every bench, or of those named, in one table.

Comes in: names of benches. Goes out: the table on stdout and in ``build/bench.json``. A bench that
cannot run says so in a line of the table. Exit status 0 if all ran, 1 if one could not, 2 for a
name that is none. Refuses to know: what is measured; more than the headlines is printed by each
bench itself, ``python -m bench.NAME``.
"""

import argparse
import sys

from bench import table
from bench.apart import results
from bench.table import Row

BENCHES = (
    "whole",
    "phrases",
    "level",
    "voice",
    "pace",
    "leak",
    "impulses",
    "endings",
    "words",
    "features",
)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, keep; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    names = parser.parse_args(arguments).names or BENCHES
    for name in names:
        if name not in BENCHES:
            parser.error(f"no bench {name!r}; there are {', '.join(BENCHES)}")
    print(table.head(), flush=True)
    all_ran = True
    for name in names:
        rows = []
        for told in results(name):
            if isinstance(told, Row):
                rows.append(told)
                print(table.line(name, told), flush=True)
            else:
                all_ran = False
                print(table.missing(name, told), flush=True)
        if rows:
            table.keep(name, rows)
    return 0 if all_ran else 1


if __name__ == "__main__":
    sys.exit(main())
