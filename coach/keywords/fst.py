"""The three OpenFst file types a Vosk model's graph is made of, as numpy arrays.

Comes in: ``HCLr.fst`` (``olabel_lookahead`` around ``const``) and ``Gr.fst`` (``ngram``) of a Vosk
model. Goes out: their arcs, words and unigram costs; and the files of a network of one's own.
Refuses to know: what the labels mean. Layouts: OpenFst 1.7/1.8 ``const-fst.h``, ``ngram-fst.h``,
``add-on.h``, ``label-reachable.h``, ``interval-set.h``; all little endian.
"""

import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from coach.errors import ModelError

MAGIC = 0x7EB2FDD6  # fst.cc kFstMagicNumber
SYMBOLS_MAGIC = 0x7EB2FB74  # symbol-table.cc kSymbolTableMagicNumber
ADD_ON_MAGIC = 0x1A9FD15A  # add-on.h kAddOnMagicNumber
# properties of a const FST that are true of what is written here: expanded, and no claims
EXPANDED = 0x1

STATE = np.dtype(
    [("final", "<f4"), ("pos", "<u4"), ("arcs", "<u4"), ("i_eps", "<u4"), ("o_eps", "<u4")]
)
ARC = np.dtype([("i", "<i4"), ("o", "<i4"), ("cost", "<f4"), ("next", "<i4")])


class Graph(NamedTuple):
    """An FST: ``states`` of dtype STATE, ``arcs`` of dtype ARC, each state's arcs in one run."""

    states: NDArray[np.void]
    arcs: NDArray[np.void]
    start: int

    @classmethod
    def build(
        cls,
        final: NDArray[np.float32],
        arcs: NDArray[np.void],
        of: NDArray[np.int64],
        start: int,
        by: str,
    ) -> Self:
        """Lay out ``arcs`` (n,) leaving the states ``of`` (n,), sorted by the label ``by``.

        ``final``: (states,) cost of ending in each state, inf where it is not final.
        """
        order = np.lexsort((arcs[by], of))
        arcs, of = arcs[order], of[order]
        states = np.zeros(len(final), STATE)
        states["final"] = final
        states["arcs"] = np.bincount(of, minlength=len(final))
        states["pos"] = np.cumsum(states["arcs"]) - states["arcs"]
        states["i_eps"] = np.bincount(of[arcs["i"] == 0], minlength=len(final))
        states["o_eps"] = np.bincount(of[arcs["o"] == 0], minlength=len(final))
        return cls(states, arcs, start)

    def leaving(self) -> NDArray[np.int64]:
        """Return for each arc the state it leaves: (arcs,) int64."""
        return np.repeat(np.arange(len(self.states)), self.states["arcs"])


class _Header(NamedTuple):
    kind: str
    flags: int
    start: int
    states: int
    arcs: int
    end: int


def _header(file: BinaryIO, path: Path) -> _Header:
    def text() -> str:
        (size,) = struct.unpack("<i", file.read(4))
        return file.read(size).decode("ascii", "replace")

    try:
        (magic,) = struct.unpack("<I", file.read(4))
        if magic != MAGIC:
            raise ModelError(f"{path}: not an OpenFst file; install the model again")
        kind, arc_type = text(), text()
        _, flags, _, start, states, arcs = struct.unpack("<iiQqqq", file.read(40))
    except struct.error as error:
        raise ModelError(f"{path}: cut short; install the model again") from error
    if arc_type != "standard":
        raise ModelError(f"{path}: arcs of type {arc_type!r}, expected 'standard'")
    return _Header(kind, flags, start, states, arcs, file.tell())


def _expect(header: _Header, kind: str, path: Path) -> None:
    if header.kind != kind:
        raise ModelError(
            f"{path}: an FST of type {header.kind!r}, expected {kind!r}"
            " as in Vosk's small models with a dynamic graph"
        )


def read_lexicon(path: Path) -> Graph:
    """Map the ``const`` part of an ``olabel_lookahead`` FST; nothing is read before it is used."""
    with path.open("rb") as file:
        _expect(_header(file, path), "olabel_lookahead", path)
        file.seek(4, 1)  # the add-on's magic number
        inner = _header(file, path)
        _expect(inner, "const", path)
    arcs_at = inner.end + inner.states * STATE.itemsize
    if path.stat().st_size < arcs_at + inner.arcs * ARC.itemsize:
        raise ModelError(f"{path}: cut short; install the model again")
    states = np.memmap(path, STATE, "r", inner.end, (inner.states,))
    arcs = np.memmap(path, ARC, "r", arcs_at, (inner.arcs,))
    return Graph(states, arcs, inner.start)


class Unigrams(NamedTuple):
    """A language model's words by label, and its unigrams: (n,) int32 labels, float32 costs."""

    words: list[str]
    labels: NDArray[np.int32]
    costs: NDArray[np.float32]


def read_unigrams(path: Path) -> Unigrams:
    """Read the words and the unigrams (the arcs of the back-off root) of an ``ngram`` FST."""
    with path.open("rb") as file:
        header = _header(file, path)
        _expect(header, "ngram", path)
        if header.flags & 1 == 0:
            raise ModelError(f"{path}: carries no words; expected a model with its symbols")
        words = _symbols(file, path)
        if header.flags & 2:
            _symbols(file, path)
        sizes = np.fromfile(file, "<u8", 3)
        if len(sizes) < 3:
            raise ModelError(f"{path}: cut short; install the model again")
        states, futures, final = (int(n) for n in sizes)
        file.seek(8 * _bitmap(2 * states + 1), 1)
        future_bits = np.fromfile(file, "<u8", _bitmap(futures + states + 1))
        file.seek(8 * _bitmap(states) + 4 * (states + 1), 1)
        labels_at = file.tell()
        # the root is state 0: one 0 bit for itself, then a 1 bit for each of its futures
        bits = np.unpackbits(future_bits.view(np.uint8), bitorder="little")
        count = int(np.argmin(bits[1:]))
        labels = np.fromfile(file, "<i4", count)
        file.seek(labels_at + 4 * futures + 4 * (states + 1) + 4 * final)
        costs = np.fromfile(file, "<f4", count)
        if len(costs) < count:
            raise ModelError(f"{path}: cut short; install the model again")
    return Unigrams(words, labels, costs)


def _bitmap(bits: int) -> int:
    return (bits + 63) // 64


def _symbols(file: BinaryIO, path: Path) -> list[str]:
    (magic,) = struct.unpack("<I", file.read(4))
    if magic != SYMBOLS_MAGIC:
        raise ModelError(f"{path}: damaged symbol table; install the model again")
    (name,) = struct.unpack("<i", file.read(4))
    file.seek(name, 1)
    _, size = struct.unpack("<qq", file.read(16))
    words = [""] * size
    for _ in range(size):
        (length,) = struct.unpack("<i", file.read(4))
        word = file.read(length).decode("utf-8", "replace")
        (label,) = struct.unpack("<q", file.read(8))
        if label >= len(words):
            words += [""] * (label + 1 - len(words))
        words[label] = word
    return words


def _put_header(
    file: BinaryIO, kind: str, version: int, start: int, states: int, arcs: int
) -> None:
    file.write(struct.pack("<Ii", MAGIC, len(kind)) + kind.encode())
    file.write(struct.pack("<i", 8) + b"standard")
    file.write(struct.pack("<iiQqqq", version, 0, EXPANDED, start, states, arcs))


def write_const(file: BinaryIO, graph: Graph) -> None:
    """Write ``graph`` as a ``const`` FST (file version 2: not aligned)."""
    _put_header(file, "const", 2, graph.start, len(graph.states), len(graph.arcs))
    file.write(np.ascontiguousarray(graph.states).tobytes())
    file.write(np.ascontiguousarray(graph.arcs).tobytes())


def write_lexicon(
    path: Path, graph: Graph, reach: list[list[tuple[int, int]]], final_label: int
) -> None:
    """Write ``graph`` as an ``olabel_lookahead`` FST.

    ``reach``: per state the half-open intervals of output labels that can come next from there
    (``final_label`` among them where the end can be reached without another word).
    """
    with path.open("wb") as file:
        _put_header(file, "olabel_lookahead", 1, -1, 0, 0)
        file.write(struct.pack("<I", ADD_ON_MAGIC))
        write_const(file, graph)
        # add-on present; of the pair the input side's is absent, the output side's follows:
        # reach_input no, labels in the file are relabelled already
        file.write(struct.pack("<????", True, False, True, False))
        file.write(struct.pack("<?iq", False, final_label, len(reach)))
        for intervals in reach:
            file.write(struct.pack("<q", len(intervals)))
            file.write(np.array(intervals, "<i4").tobytes())
            file.write(struct.pack("<i", sum(end - begin for begin, end in intervals)))
