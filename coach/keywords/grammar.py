"""The language model of a network: one exact path per phrase beside a loop of fillers.

Comes in: labels and costs of phrases and fillers. Goes out: a graph. Refuses to know: words.
"""

import math

import numpy as np

from coach.keywords.fst import ARC, Graph


class _Branch:
    """A node of the tree of phrases: what may follow, and the bias of a phrase that ends here."""

    def __init__(self) -> None:
        self.next: dict[int, _Branch] = {}
        self.ends = math.inf

    def least(self) -> float:
        """Return the lowest bias in this branch."""
        return min([self.ends, *(branch.least() for branch in self.next.values())])


def grammar(phrases: list[tuple[list[int], float]], fillers: list[tuple[int, float]]) -> Graph:
    """Return the language model: from state 0 a filler at its cost, or a phrase at its bias.

    Phrases that begin alike share their beginning. The bias is paid as early as it is known.
    """
    tree = _Branch()
    for labels, bias in phrases:
        branch = tree
        for label in labels:
            branch = branch.next.setdefault(label, _Branch())
        branch.ends = min(branch.ends, bias)
    of = [0] * len(fillers)
    arcs = [(label, label, cost, 0) for label, cost in fillers]
    states = 1
    waiting = [(tree, 0, 0.0)]
    while waiting:
        branch, here, paid = waiting.pop()
        for label, then in branch.next.items():
            if then.ends < math.inf:
                of.append(here)
                arcs.append((label, label, then.ends - paid, 0))
            if then.next:
                least = min(b.least() for b in then.next.values())
                of.append(here)
                arcs.append((label, label, least - paid, states))
                waiting.append((then, states, least))
                states += 1
    final = np.full(states, np.inf, np.float32)
    final[0] = 0.0
    return Graph.build(final, np.array(arcs, ARC), np.array(of), 0, "i")
