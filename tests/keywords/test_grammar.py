import numpy as np
import pytest

from coach.keywords.grammar import grammar


def cost(graph: object, labels: list[int]) -> float:
    """The least cost of saying ``labels`` from the start to the end."""
    costs = {(0, 0): 0.0}
    states, arcs = graph.states, graph.arcs  # type: ignore[attr-defined]
    for n, label in enumerate(labels):
        for (at, state), so_far in list(costs.items()):
            if at != n:
                continue
            begin = int(states[state]["pos"])
            for arc in arcs[begin : begin + int(states[state]["arcs"])]:
                if arc["o"] == label:
                    key = (n + 1, int(arc["next"]))
                    costs[key] = min(costs.get(key, np.inf), so_far + float(arc["cost"]))
    return costs.get((len(labels), 0), np.inf)


def test_grammar_charges_each_phrase_its_bias_once() -> None:
    graph = grammar([([1, 2, 3], 5.0), ([1, 2], 9.0), ([1, 4], 7.0)], [(5, 6.5), (1, 8.0)])
    assert cost(graph, [1, 2, 3]) == pytest.approx(5.0)
    assert cost(graph, [1, 2]) == pytest.approx(9.0)
    assert cost(graph, [1, 4]) == pytest.approx(7.0)
    assert cost(graph, [5]) == pytest.approx(6.5)
    assert cost(graph, [1]) == pytest.approx(8.0)
    assert cost(graph, [1, 3]) == np.inf
    assert cost(graph, [5, 1, 2, 3, 5]) == pytest.approx(18.0)
