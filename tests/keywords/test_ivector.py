from pathlib import Path

import numpy as np
import pytest

from coach.errors import ModelError
from coach.keywords.ivector import (
    BACKGROUND,
    EXTRACTOR,
    Extractor,
    merged,
    read_extractor,
    shrink,
    write_extractor,
)


def made(count: int = 6, dim: int = 3, ivector: int = 4) -> Extractor:
    """Gaussians in pairs that lie close together."""
    random = np.random.default_rng(1)
    means = np.repeat(10 * random.standard_normal((count // 2, dim)), 2, axis=0)
    means += 0.1 * random.standard_normal(means.shape)
    projections = random.standard_normal((count, dim, ivector))
    projections[:, :, 0] = means / 100
    precisions = np.array([np.eye(dim) * (n + 1) for n in range(count)])
    weights = random.uniform(1, 2, count)
    variances = np.full((count, dim), 0.5)
    return Extractor(weights / weights.sum(), means, variances, projections, precisions, 100.0)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    before = made()
    write_extractor(tmp_path, before)
    after = read_extractor(tmp_path)
    assert after is not None
    for one, other in zip(before, after, strict=True):
        assert np.asarray(one) == pytest.approx(np.asarray(other), rel=1e-5)


def test_the_nearest_are_merged_and_keep_mean_and_variance() -> None:
    before = made()
    after = merged(before, 3)
    assert after.weights.sum() == pytest.approx(1)
    assert after.weights @ after.means == pytest.approx(before.weights @ before.means)
    second = [e.weights @ (e.variances + e.means**2) for e in (before, after)]
    assert second[0] == pytest.approx(second[1])
    first = np.sort(after.means[:, 0])
    assert first == pytest.approx(np.sort(before.means[::2, 0]), abs=0.3)
    for precision in after.precisions:
        assert np.linalg.eigvalsh(precision).min() > 0


def test_merging_into_as_many_changes_nothing() -> None:
    before = made()
    after = merged(before, 6)
    assert after.means == pytest.approx(before.means)
    assert after.precisions == pytest.approx(before.precisions)


def test_a_real_extractor_shrinks(korean_model: Path, tmp_path: Path) -> None:
    source = korean_model / "ivector"
    assert shrink(source, tmp_path, 32)
    small, large = read_extractor(tmp_path), read_extractor(source)
    assert small is not None
    assert large is not None
    assert (len(small.weights), len(large.weights)) == (32, 512)
    assert small.projections.shape == (32, 40, 100)
    assert small.prior == large.prior


def test_a_small_extractor_stays(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    write_extractor(source, made())
    assert not shrink(source, target, 6)
    assert list(target.iterdir()) == []


@pytest.mark.parametrize("name", [EXTRACTOR, BACKGROUND])
def test_every_cut_is_named(tmp_path: Path, name: str) -> None:
    write_extractor(tmp_path, made())
    whole = (tmp_path / name).read_bytes()
    for size in range(0, len(whole) - 20, 7):
        (tmp_path / name).write_bytes(whole[:size])
        with pytest.raises(ModelError, match=name):
            read_extractor(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=BACKGROUND):
        read_extractor(tmp_path)
