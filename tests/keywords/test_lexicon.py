from pathlib import Path

import numpy as np
import pytest

from coach.errors import ModelError
from coach.keywords.fst import ARC, Graph, read_lexicon, write_lexicon
from coach.keywords.lexicon import cut, look_ahead

# A lexicon of three words over sounds 1..4: 11 = 1 2, 12 = 1 3, 13 = 4; state 3 ends each word.
ARCS = [
    (0, (1, 0, 0.5, 1)),
    (0, (4, 13, 0.1, 3)),
    (1, (2, 11, 0.2, 3)),
    (1, (3, 12, 0.3, 3)),
    (3, (9, 0, 0.0, 0)),
]


def lexicon() -> Graph:
    final = np.array([np.inf, np.inf, np.inf, 0.0], np.float32)
    of = np.array([state for state, _ in ARCS])
    return Graph.build(final, np.array([arc for _, arc in ARCS], ARC), of, 0, "o")


def paths(graph: Graph, depth: int = 3) -> set[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Sounds and words of all paths to a final state of at most ``depth`` arcs."""
    found = set()

    def walk(state: int, sounds: tuple[int, ...], words: tuple[int, ...], left: int) -> None:
        if np.isfinite(graph.states[state]["final"]):
            found.add((sounds, words))
        if not left:
            return
        begin = int(graph.states[state]["pos"])
        for arc in graph.arcs[begin : begin + int(graph.states[state]["arcs"])]:
            word = (int(arc["o"]),) if arc["o"] else ()
            walk(int(arc["next"]), (*sounds, int(arc["i"])), words + word, left - 1)

    walk(graph.start, (), (), depth)
    return found


def test_cut_keeps_the_words_asked_for_and_only_whole_paths() -> None:
    small = cut(lexicon(), np.array([11], np.int32))
    assert paths(small, 2) == {((1, 2), (11,))}
    assert len(small.states) == 3


def test_cut_of_all_words_changes_no_path() -> None:
    all_words = np.array([11, 12, 13], np.int32)
    assert paths(cut(lexicon(), all_words)) == paths(lexicon())


def test_look_ahead_tells_what_can_come_next() -> None:
    graph, reach, order = look_ahead(lexicon())
    assert sorted(order) == [11, 12, 13]
    end = len(order) + 1
    said = [{order[n - 1] if n != end else "end" for b, e in r for n in range(b, e)} for r in reach]
    # state 2 is no part of any path and can say nothing
    assert said == [{11, 12, 13}, {11, 12}, set(), {11, 12, 13, "end"}]
    renamed = {(sounds, tuple(order[w - 1] for w in words)) for sounds, words in paths(graph)}
    assert renamed == paths(lexicon())


def test_intervals_are_half_open_disjoint_and_in_order() -> None:
    _, reach, _ = look_ahead(lexicon())
    for intervals in reach:
        ends = [n for interval in intervals for n in interval]
        assert ends == sorted(set(ends))


def test_a_written_lexicon_is_read_back(tmp_path: Path) -> None:
    graph, reach, order = look_ahead(lexicon())
    write_lexicon(tmp_path / "HCLr.fst", graph, reach, len(order) + 1)
    again = read_lexicon(tmp_path / "HCLr.fst")
    assert again.start == graph.start
    np.testing.assert_array_equal(again.arcs, graph.arcs)
    np.testing.assert_array_equal(again.states, graph.states)


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "cut short"), (b"RIFF" * 20, "not an OpenFst file")]
)
def test_a_damaged_lexicon_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "HCLr.fst"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=message):
        read_lexicon(file)


def test_a_lexicon_cut_short_is_named(tmp_path: Path) -> None:
    graph, reach, order = look_ahead(lexicon())
    file = tmp_path / "HCLr.fst"
    write_lexicon(file, graph, reach, len(order) + 1)
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ModelError, match="cut short"):
        read_lexicon(file)
