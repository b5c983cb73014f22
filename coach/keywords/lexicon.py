"""Cuts a model's lexicon down to some words and works out its look-ahead.

Comes in: the lexicon graph of a Vosk model, the labels to keep. Goes out: a graph a thousandth of
the size, relabelled for OpenFst's output-label look-ahead. Refuses to know: words and phrases.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csgraph

from coach.keywords.fst import Graph


def cut(graph: Graph, labels: NDArray[np.int32]) -> Graph:
    """Keep the arcs without output or with one of ``labels`` that lie on a whole path.

    Walks from the start through what may be kept, so that of a mapped file only that is read.
    """
    of, arcs, seen = _walked(graph, np.union1d(labels, [0]))
    number = np.cumsum(seen, dtype=np.int32) - 1
    of, arcs["next"], start = number[of], number[arcs["next"]], number[graph.start]
    final = graph.states["final"][seen]
    alive = _reached(arcs["next"], of, np.flatnonzero(np.isfinite(final)), len(final))
    use = alive[of] & alive[arcs["next"]]
    of, arcs = of[use], arcs[use]
    number = np.cumsum(alive, dtype=np.int32) - 1
    arcs["next"] = number[arcs["next"]]
    return Graph.build(final[alive], arcs, number[of], int(number[start]), "o")


def _walked(
    graph: Graph, labels: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.void], NDArray[np.bool_]]:
    """Walk the arcs with one of ``labels`` (sorted) from the start.

    Returns the state each arc leaves, the arcs, and which of all states were seen.
    """
    seen = np.zeros(len(graph.states), bool)
    seen[graph.start] = True
    front = np.array([graph.start], np.int32)
    left: list[NDArray[np.int32]] = []
    taken: list[NDArray[np.void]] = []
    while len(front):
        counts = graph.states["arcs"][front].astype(np.int64)
        of = np.repeat(front, counts)
        first = np.repeat(graph.states["pos"][front] - (np.cumsum(counts) - counts), counts)
        arcs = graph.arcs[first + np.arange(len(of))]
        at = np.searchsorted(labels, arcs["o"]).clip(max=len(labels) - 1)
        use = labels[at] == arcs["o"]
        left.append(of[use])
        taken.append(arcs[use])
        front = np.unique(taken[-1]["next"])
        front = front[~seen[front]]
        seen[front] = True
    return np.concatenate(left), np.concatenate(taken), seen


def _reached(
    of: NDArray[np.int32], to: NDArray[np.int32], begin: Iterable[int], states: int
) -> NDArray[np.bool_]:
    """Return which of ``states`` can be reached from ``begin`` over the arcs ``of`` -> ``to``."""
    root = states  # one state more, before all beginnings
    begin = np.fromiter(begin, np.int32)
    rows = np.concatenate([of, np.full(len(begin), root, np.int32)])
    columns = np.concatenate([to, begin])
    net = coo_array((np.ones(len(rows), np.int8), (rows, columns)), (root + 1, root + 1)).tocsr()
    found = csgraph.breadth_first_order(net, root, return_predecessors=False)
    reached = np.zeros(root + 1, bool)
    reached[found] = True
    return reached[:-1]


def look_ahead(graph: Graph) -> tuple[Graph, list[list[tuple[int, int]]], list[int]]:
    """Renumber output labels so that what each state can say next is a few intervals.

    Returns the graph with labels 1..n, per state its half-open intervals (n + 1 stands for the
    end), and the old label of each new one in order.
    """
    of = graph.leaving()
    silent = graph.arcs["o"] == 0
    net = coo_array(
        (np.ones(int(silent.sum()), np.int8), (of[silent], graph.arcs["next"][silent])),
        (len(graph.states), len(graph.states)),
    ).tocsr()
    count, part = csgraph.connected_components(net, connection="strong")
    after: list[set[int]] = [set() for _ in range(count)]
    for a, b in zip(
        part[of[silent]].tolist(), part[graph.arcs["next"][silent]].tolist(), strict=True
    ):
        if a != b:
            after[a].add(b)
    said: list[set[int]] = [set() for _ in range(count)]
    for a, label in zip(part[of[~silent]].tolist(), graph.arcs["o"][~silent].tolist(), strict=True):
        said[a].add(label)
    ends = {int(part[s]) for s in np.flatnonzero(np.isfinite(graph.states["final"]))}
    postorder = _postorder(after, int(part[graph.start]))
    order = list(dict.fromkeys(label for p in postorder for label in sorted(said[p])))
    renumbered = {old: new for new, old in enumerate(order, 1)}
    bits = [0] * count
    for p in postorder:
        mask = 1 << (len(order) + 1) if p in ends else 0
        for label in said[p]:
            mask |= 1 << renumbered[label]
        for q in after[p]:
            mask |= bits[q]
        bits[p] = mask
    intervals = {p: _intervals(bits[p]) for p in set(part.tolist())}
    table = np.zeros(int(graph.arcs["o"].max()) + 1, np.int32)
    table[order] = np.arange(1, len(order) + 1)
    arcs = graph.arcs.copy()
    arcs["o"] = table[arcs["o"]]
    renumbered_graph = Graph.build(graph.states["final"], arcs, of, graph.start, "o")
    return renumbered_graph, [intervals[p] for p in part.tolist()], order


def _postorder(after: list[set[int]], start: int) -> list[int]:
    """Return every part after all the parts it leads to, depth first from ``start``."""
    done: dict[int, None] = {}
    for root in (start, *range(len(after))):
        stack = [(root, iter(sorted(after[root])))] if root not in done else []
        open_parts = {root}
        while stack:
            here, rest = stack[-1]
            for child in rest:
                if child not in done and child not in open_parts:
                    open_parts.add(child)
                    stack.append((child, iter(sorted(after[child]))))
                    break
            else:
                done[here] = None
                stack.pop()
    return list(done)


def _intervals(mask: int) -> list[tuple[int, int]]:
    """Return the runs of one bits in ``mask`` as half-open intervals."""
    runs = []
    at = 0
    while mask:
        zeros = (mask & -mask).bit_length() - 1
        mask >>= zeros
        ones = (~mask & (mask + 1)).bit_length() - 1
        runs.append((at + zeros, at + zeros + ones))
        mask >>= ones
        at += zeros + ones
    return runs
