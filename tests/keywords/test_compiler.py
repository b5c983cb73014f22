import shutil
from pathlib import Path

import numpy as np
import pytest

from coach import settings
from coach.errors import ModelError, PhraseError
from coach.keywords.compiler import compile_network
from coach.keywords.fst import read_unigrams
from coach.keywords.network import compiled_folder, is_fresh, load_network
from coach.keywords.pack import Pack, Phrase
from coach.names import Category

KEYWORDS = settings.load(files=()).settings.keywords


def phrase(text: str) -> Phrase:
    return Phrase(Category.THANKS, tuple(text.split()), "thanks", None)


PACK = Pack("ko", (phrase("전화 주셔서 감사합니다"), phrase("전화 주셔서")))


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
