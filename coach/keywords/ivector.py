"""Makes a model's i-vector extractor small: many Gaussians of its background model become few.

Comes in: the ``ivector`` folder of a Vosk model. Goes out: the same folder with the likest
Gaussians merged. Refuses to know: graphs and phrases. The extractor tells the acoustic model what
the speaker and the line sound like; of 512 Gaussians it takes more memory than all the rest of a
compiled network (each has a 40 x 100 matrix, and Kaldi derives two more of that kind), and 32 adapt
as well (docs/keywords.md).

Layouts: Kaldi ``ivector-extractor.cc``, ``diag-gmm.cc``, ``kaldi-matrix.cc``, binary.
"""

import os
import struct
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coach.errors import ModelError

EXTRACTOR, BACKGROUND = "final.ie", "final.dubm"

Floats = NDArray[np.floating]


class Extractor(NamedTuple):
    """Background model and i-vector extractor of ``n`` Gaussians over features of ``dim`` values.

    ``weights``: [n]. ``means``, ``variances``: [n, dim]. ``projections``: [n, dim, ivector], mean
    of the features by i-vector. ``precisions``: [n, dim, dim]. ``prior``: first value of the
    i-vector before anything was heard.
    """

    weights: Floats
    means: Floats
    variances: Floats
    projections: Floats
    precisions: Floats
    prior: float


def shrink(source: Path, target: Path, count: int) -> bool:
    """Write the extractor in ``source`` with ``count`` Gaussians into the folder ``target``.

    Returns whether it was done: not where there are no more than that, or where the extractor's
    weights depend on the i-vector. Raises ModelError for files that cannot be read.
    """
    extractor = read_extractor(source)
    if extractor is None or len(extractor.weights) <= count:
        return False
    write_extractor(target, merged(extractor, count))
    return True


def merged(extractor: Extractor, count: int) -> Extractor:
    """Merge the likest Gaussians, two at a time, until ``count`` are left.

    The two whose merging adds least to the variance within (Ward, JASA 58(301), 1963), features
    scaled by their variance over all. What is merged keeps weight, mean and covariance.
    """
    weights, means = extractor.weights, extractor.means
    overall = weights @ (extractor.variances + means**2) - (weights @ means) ** 2
    parts = _parts(weights, means / np.sqrt(overall), count)
    share = np.zeros((count, len(weights)))
    for number, part in enumerate(parts):
        share[number, part] = weights[part] / weights[part].sum()
    new_means = share @ means
    offsets = extractor.projections[:, :, 0] * extractor.prior
    new_offsets = share @ offsets
    covariances = np.linalg.inv(extractor.precisions)
    covariances += offsets[:, :, None] * offsets[:, None, :]
    within = np.einsum("ij,jkl->ikl", share, covariances)
    within -= new_offsets[:, :, None] * new_offsets[:, None, :]
    return Extractor(
        np.array([weights[part].sum() for part in parts]),
        new_means,
        share @ (extractor.variances + means**2) - new_means**2,
        np.einsum("ij,jkl->ikl", share, extractor.projections),
        np.linalg.inv(within),
        extractor.prior,
    )


def _parts(weights: Floats, points: Floats, count: int) -> list[list[int]]:
    """Return which Gaussians become one: ``count`` lists of their numbers."""
    size = len(weights)
    parts = [[n] for n in range(size)]
    weights, points = weights.copy(), points.copy()
    cost = np.full((size, size), np.inf)
    for n in range(1, size):
        cost[n, :n] = _costs(weights, points, n)[:n]
    for _ in range(size - count):
        a, b = (int(n) for n in np.unravel_index(cost.argmin(), cost.shape))
        both = weights[a] + weights[b]
        points[a] = (weights[a] * points[a] + weights[b] * points[b]) / both
        weights[a], weights[b] = both, 0.0
        parts[a] += parts[b]
        parts[b] = []
        cost[b] = cost[:, b] = np.inf
        left = np.flatnonzero([bool(part) for part in parts])
        costs = _costs(weights, points, a)
        cost[a, left[left < a]] = costs[left[left < a]]
        cost[left[left > a], a] = costs[left[left > a]]
    return [part for part in parts if part]


def _costs(weights: Floats, points: Floats, n: int) -> Floats:
    away: Floats = np.square(points - points[n]).sum(axis=1)
    costs: Floats = away * weights * weights[n] / (weights + weights[n])
    return costs


def read_extractor(folder: Path) -> Extractor | None:
    """Read an extractor; None where its weights depend on the i-vector. Raises ModelError."""
    with _File(folder / BACKGROUND) as file:
        file.expect("<DiagGMM>", "<GCONSTS>")
        file.array()
        file.expect("<WEIGHTS>")
        weights = file.array()
        file.expect("<MEANS_INVVARS>")
        by_variance = file.array()
        file.expect("<INV_VARS>")
        inverse = file.array()
    with _File(folder / EXTRACTOR) as file:
        file.expect("<IvectorExtractor>", "<w>")
        if file.array().size:
            return None
        file.expect("<w_vec>")
        file.array()
        file.expect("<M>")
        projections = np.array([file.array() for _ in range(file.number())])
        file.expect("<SigmaInv>")
        precisions = np.array([file.array() for _ in projections])
        file.expect("<IvectorOffset>")
        prior = file.double()
    if not len(weights) == len(by_variance) == len(inverse) == len(projections):
        raise ModelError(f"{folder}: {EXTRACTOR} and {BACKGROUND} do not fit together")
    return Extractor(
        weights.astype(float), by_variance / inverse, 1 / inverse, projections, precisions, prior
    )


def write_extractor(folder: Path, extractor: Extractor) -> None:
    """Write an extractor as the two files that Kaldi reads."""
    weights, means, variances, projections, precisions, prior = extractor
    constant = np.log(weights) - 0.5 * (
        means.shape[1] * np.log(2 * np.pi) + np.log(variances).sum(axis=1)
    )
    constant -= 0.5 * (means**2 / variances).sum(axis=1)
    with (folder / BACKGROUND).open("wb") as out:
        out.write(b"\0B<DiagGMM> ")
        for name, array in (
            ("<GCONSTS>", constant),
            ("<WEIGHTS>", weights),
            ("<MEANS_INVVARS>", means / variances),
            ("<INV_VARS>", 1 / variances),
        ):
            _put(out, name, array.astype(np.float32))
        out.write(b"</DiagGMM> ")
    with (folder / EXTRACTOR).open("wb") as out:
        out.write(b"\0B<IvectorExtractor> ")
        _put(out, "<w>", np.empty((0, 0)))
        _put(out, "<w_vec>", weights)
        out.write(b"<M> " + _number(len(projections)))
        for projection in projections:
            _put(out, "", projection)
        out.write(b"<SigmaInv> ")
        for precision in precisions:
            lower = precision[np.tril_indices(len(precision))]
            out.write(b"DP " + _number(len(precision)) + lower.tobytes())
        out.write(b"<IvectorOffset> \x08" + struct.pack("<d", prior) + b"</IvectorExtractor> ")


def _number(value: int) -> bytes:
    return b"\4" + struct.pack("<i", value)


def _put(out: BinaryIO, name: str, array: Floats) -> None:
    kind = ("F" if array.dtype == np.float32 else "D") + "VM"[array.ndim - 1]
    sizes = b"".join(map(_number, array.shape))
    out.write(f"{name} {kind} ".lstrip().encode() + sizes + np.ascontiguousarray(array).tobytes())


class _File:
    """A Kaldi file in binary, read token by token."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> "_File":
        try:
            self._file = self._path.open("rb")
        except OSError as error:
            raise self._damaged(str(error.strerror)) from error
        if self._bytes(2) != b"\0B":
            raise self._damaged("not a binary Kaldi file")
        return self

    def __exit__(self, *_: Any) -> None:
        self._file.close()

    def expect(self, *names: str) -> None:
        """Read over tokens."""
        for name in names:
            if (found := self._token()) != name:
                raise self._damaged(f"expected {name}, found {found[:20]!r}")

    def number(self) -> int:
        """Read an integer."""
        size, value = struct.unpack("<bi", self._bytes(5))
        if size != 4 or value < 0:
            raise self._damaged("expected a count")
        return int(value)

    def double(self) -> float:
        """Read a number of double precision."""
        size, value = struct.unpack("<bd", self._bytes(9))
        if size != 8:
            raise self._damaged("expected a number")
        return float(value)

    def array(self) -> Floats:
        """Read a vector, a matrix or a symmetric matrix."""
        kind = self._token()
        if len(kind) != 2 or kind[0] not in "FD" or kind[1] not in "VMP":
            raise self._damaged(f"expected a matrix, found {kind[:20]!r}")
        dtype = np.dtype("<f4" if kind[0] == "F" else "<f8")
        rows = self.number()
        if kind[1] == "P":
            full = np.zeros((rows, rows), dtype)
            full[np.tril_indices(rows)] = self._values(rows * (rows + 1) // 2, dtype)
            return full + np.tril(full, -1).T
        if kind[1] == "V":
            return self._values(rows, dtype)
        columns = self.number()
        return self._values(rows * columns, dtype).reshape(rows, columns)

    def _values(self, count: int, dtype: np.dtype[Any]) -> Floats:
        left = os.fstat(self._file.fileno()).st_size - self._file.tell()
        if count * dtype.itemsize > left:
            raise self._damaged("cut short")
        return np.frombuffer(self._bytes(count * dtype.itemsize), dtype)

    def _bytes(self, count: int) -> bytes:
        read = self._file.read(count)
        if len(read) < count:
            raise self._damaged("cut short")
        return read

    def _token(self) -> str:
        token = b""
        while (byte := self._bytes(1)) != b" ":
            token += byte
            if len(token) > 40:
                break
        return token.decode("ascii", "replace")

    def _damaged(self, why: str) -> ModelError:
        return ModelError(f"{self._path}: {why}; install the model again")
