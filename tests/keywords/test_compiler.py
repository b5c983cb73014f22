import shutil
from pathlib import Path

import numpy as np
import pytest

from coach import settings
from coach.errors import ModelError, PhraseError
from coach.keywords.compiler import (
    compile_network,
    grammar,
    sound_length,
    spell,
    split_word,
)
from coach.keywords.fst import read_unigrams
from coach.keywords.network import compiled_folder, is_fresh, load_network
from coach.keywords.pack import Pack, Phrase
from coach.names import Category

KEYWORDS = settings.load(files=()).settings.keywords
WORDS = ["<eps>", "감사", "합니다", "감사합니다", "전화", "주셔서", "합", "니다", "#0", ""]


def phrase(text: str) -> Phrase:
    return Phrase(Category.THANKS, tuple(text.split()), "thanks", None)


PACK = Pack("ko", (phrase("전화 주셔서 감사합니다"), phrase("전화 주셔서")))


def test_a_word_is_split_into_the_fewest_model_words() -> None:
    known = {word: word for word in WORDS if word}
    assert split_word("감사합니다", known) == [["감사합니다"]]
    assert split_word("전화합니다", known) == [["전화", "합니다"]]
    known |= {"전": "전", "화합니다": "화합니다"}
    assert split_word("전화합니다", known) == [["전", "화합니다"], ["전화", "합니다"]]
    assert split_word("전화기", known) == []
    assert split_word("calling", {"call": "call", "ing": "ing"}) == []


def test_only_scripts_without_spaces_are_split() -> None:
    pieces = ["電話", "を", "人", "々", "センタ", "ー", "挂", "断", "f", "ür", "prze", "łączę"]
    known = {piece: piece for piece in pieces}
    assert split_word("電話を", known) == [["電話", "を"]]
    assert split_word("人々", known) == [["人", "々"]]
    assert split_word("センター", known) == [["センタ", "ー"]]
    assert split_word("挂断", known) == [["挂", "断"]]
    assert split_word("für", known) == split_word("przełączę", known) == []


def test_spelling_names_the_words_the_model_lacks() -> None:
    heard, lacking = spell([phrase("전화 주셔서 감사합니다"), phrase("여보세요 전화")], WORDS)
    assert [h.words for h in heard] == [("전화", "주셔서", "감사합니다")]
    assert lacking == ["여보세요"]


def test_sound_length_counts_hangul_syllables_as_three_phones() -> None:
    assert sound_length(["감사", "call"]) == 10


def test_sound_length_of_kana_and_ideographs() -> None:
    assert sound_length(["もしもし"]) == 8
    assert sound_length(["センター"]) == 7
    assert sound_length(["再见"]) == 6


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


def test_compiling_caches_by_model_pack_and_settings(korean_model: Path, tmp_path: Path) -> None:
    said: list[str] = []
    network = compile_network(tmp_path, korean_model, PACK, KEYWORDS, say=said.append)
    assert said
    assert [p.phrase.text for p in network.phrases] == ["전화 주셔서 감사합니다", "전화 주셔서"]
    assert is_fresh(network.folder)
    assert load_network(network.folder) == network
    said.clear()
    assert compile_network(tmp_path, korean_model, PACK, KEYWORDS, say=said.append) == network
    assert said == []
    other_pack = PACK._replace(phrases=PACK.phrases[:1])
    assert not is_fresh(compiled_folder(tmp_path, korean_model, other_pack, KEYWORDS))
    assert [path.name for path in tmp_path.iterdir()] == [network.folder.name]


def test_unigrams_of_a_real_model(korean_model: Path) -> None:
    unigrams = read_unigrams(korean_model / "graph" / "Gr.fst")
    assert len(unigrams.labels) == len(unigrams.costs) > 100_000
    # natural logarithms of probabilities that add up to one, but for what is left to back-off
    assert 0.9 < float(np.exp(-unigrams.costs.astype(float)).sum()) <= 1.0
    commonest = unigrams.labels[np.argsort(unigrams.costs)[:10]]
    assert "에" in {unigrams.words[label] for label in commonest}


def test_a_pack_in_words_the_model_lacks_is_refused(korean_model: Path, tmp_path: Path) -> None:
    strange = Pack("ko", (phrase("qwertz"),))
    with pytest.raises(PhraseError, match="knows the words of no phrase"):
        compile_network(tmp_path, korean_model, strange, KEYWORDS)
    assert list(tmp_path.iterdir()) == []


def test_a_model_half_unpacked_is_named(korean_model: Path, tmp_path: Path) -> None:
    broken = tmp_path / "model"
    shutil.copytree(korean_model, broken, copy_function=lambda a, b: Path(b).symlink_to(a))
    (broken / "graph" / "HCLr.fst").unlink()
    with pytest.raises(ModelError, match=r"HCLr\.fst"):
        compile_network(tmp_path / "cache", broken, PACK, KEYWORDS)


def test_a_damaged_compiled_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "phrases.json").write_text("{")
    with pytest.raises(ModelError, match="compiled pack is damaged"):
        load_network(tmp_path)
