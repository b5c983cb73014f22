"""The one table of the benches: a figure, ours, the peer's, their ratio, the aim.

Comes in: rows, as each bench yields them. Goes out: lines of plain text, all of one width, and the
rows in ``build/bench.json``. Refuses to know: how anything is measured.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

from bench import figures

HEAD = ("figure", "ours", "peer", "ratio", "aim", "reached")
WIDTHS = (47, 7, 17, 6, 13, 7)
_RIGHT = {"ours", "ratio"}


@dataclass(frozen=True)
class Aim:
    """What ours, or its ratio to the peer's, is to lie between, both ends included."""

    low: float = -math.inf
    high: float = math.inf
    of_ratio: bool = False

    def __str__(self) -> str:
        if self.low == -math.inf:
            said = f"<= {self.high:g}"
        elif self.high == math.inf:
            said = f">= {self.low:g}"
        else:
            said = f"{self.low:g} to {self.high:g}"
        return f"ratio {said}" if self.of_ratio else said


def at_most(value: float) -> Aim:
    """Return the aim that ours is no more than ``value``, in its unit."""
    return Aim(high=value)


def at_least(value: float) -> Aim:
    """Return the aim that ours is no less than ``value``, in its unit."""
    return Aim(low=value)


def ratio_at_most(value: float) -> Aim:
    """Return the aim that ours is no more than ``value`` times the peer's."""
    return Aim(high=value, of_ratio=True)


@dataclass(frozen=True)
class Row:
    """One figure. ``ours`` and ``peer`` are in ``unit`` and printed in ``form``.

    ``peer_name`` without ``peer``: the figure is itself a comparison with that peer. ``key``: the
    name under which ``build/bench.json`` has ours beside the table as well.
    """

    figure: str
    ours: float
    unit: str = ""
    form: str = ".3f"
    peer_name: str = ""
    peer: float | None = None
    aim: Aim | None = None
    key: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's; None without a peer, or where the peer's is 0."""
        return self.ours / self.peer if self.peer else None

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None without one, or where there is no ratio to tell it."""
        if self.aim is None:
            return None
        value = self.ratio if self.aim.of_ratio else self.ours
        return None if value is None else self.aim.low <= value <= self.aim.high

    def cells(self) -> tuple[str, ...]:
        """Return what stands in each column."""
        peer = [] if self.peer is None else [format(self.peer, self.form)]
        peer += [f"({self.peer_name})"] if self.peer_name else []
        return (
            f"{self.figure}, {self.unit}" if self.unit else self.figure,
            format(self.ours, self.form),
            " ".join(peer),
            "" if self.ratio is None else f"{self.ratio:.2f}",
            "" if self.aim is None else str(self.aim),
            {None: "", True: "yes", False: "no"}[self.reached],
        )

    def kept(self) -> dict[str, Any]:
        """Return the row as JSON has it: None for what is no finite number."""
        fields = {k: v for k, v in asdict(self).items() if k not in ("form", "key", "aim")}
        more = {"ratio": self.ratio, "aim": str(self.aim or ""), "reached": self.reached}
        return {name: _finite(value) for name, value in {**fields, **more}.items()}


def head() -> str:
    """Return the two lines above the rows."""
    return f"{_line(HEAD)}\n{'-|-'.join('-' * width for width in WIDTHS)}"


def line(bench: str, row: Row) -> str:
    """Return one row of the table."""
    figure, *rest = row.cells()
    return _line((f"{bench}: {figure}", *rest))


def missing(bench: str, why: str) -> str:
    """Return the row of a bench that could not run, ``why`` in one line."""
    return f"{bench + ':':9} not measured: {' '.join(why.split())}"


def keep(bench: str, rows: list[Row]) -> None:
    """Put the rows of a bench in ``build/bench.json``, in place of those it had before."""
    table = {**figures.kept().get("table", {}), bench: [row.kept() for row in rows]}
    named = {row.key: _finite(row.ours) for row in rows if row.key}
    figures.keep({**named, "table": table})


def _line(cells: tuple[str, ...]) -> str:
    columns = zip(HEAD, cells, WIDTHS, strict=True)
    padded = (f"{cell:>{n}}" if name in _RIGHT else f"{cell:<{n}}" for name, cell, n in columns)
    return " | ".join(padded).rstrip()


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
