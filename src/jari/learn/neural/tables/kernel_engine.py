"""`KernelEngine`: a network on the CPU, in kernels of our own and BLAS.

PyTorch takes some 250 calls for a step, most of which last a few microseconds and wait as long for their turn; here a
step is a dozen of passes over rows that stay in cache, between matrix products. The order of all sums is fixed.
"""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array

from jari.kernels.activation import GELU, RELU, TANH, activate
from jari.kernels.adam import adam, adam_of_categories, adam_of_words
from jari.kernels.tablerows import put_categories, put_numbers, put_words, thin
from jari.learn.neural.tables.encoding import Encoded, TableEncoding
from jari.learn.neural.tables.engine import FASTER, Copied, Design
from jari.learn.neural.tables.learnt_table import array_shapes, width_of
from jari.learn.neural.tables.losses import loss_and_slope
from jari.learn.neural.tables.number_columns import Bends
from jari.types import Matrix, Rows, Vector

NEAR: Final = 0.3  # the length of a category's vector at first: alike until they are found to differ
_KINDS: Final = {"relu": RELU, "tanh": TANH, "gelu": GELU}


class Words:
    """A column of texts: the layer, what its rows keep, and the room that a batch needs.

    Parameters
    ----------
    bag
        Shape (rows, words).
    table
        The layer, shape (words, dim).
    is_frozen
        Whether it stays as it is.
    """

    def __init__(self, bag: csr_array[Any], table: Matrix, *, is_frozen: bool) -> None:
        self.ends, self.words, self.weights = bag.indptr.astype(np.int64), bag.indices.astype(np.int32), bag.data
        self.table, self.is_frozen = table, is_frozen
        rows = 0 if is_frozen else len(table)
        self.squares, self.steps = np.zeros(rows, np.float32), np.zeros(rows, np.float32)
        self.slots = np.full(rows, -1, np.int32)
        self.kept, self.shares = np.empty(0, np.int32), np.empty(0, np.float32)
        self.held, self.sums = np.empty(0, np.int32), np.empty((0, table.shape[1]), np.float32)
        self.kept_ends = np.zeros(1, np.int64)

    def make_room(self, rows: Rows) -> None:
        """For the words of a batch."""
        words = int((self.ends[rows + 1] - self.ends[rows]).sum())
        self.kept_ends = np.zeros(len(rows) + 1, np.int64)
        if words <= len(self.kept):
            return
        room = words + words // 4
        self.kept, self.shares = np.empty(room, np.int32), np.empty(room, np.float32)
        if not self.is_frozen:
            distinct = min(room, len(self.table))
            self.held, self.sums = np.empty(distinct, np.int32), np.empty((distinct, self.table.shape[1]), np.float32)


class KernelEngine:
    """The network of `LearntTable` on its way.

    Parameters
    ----------
    encoding, design
        What it is like.
    rows, target
        What it learns from.
    """

    def __init__(self, encoding: TableEncoding, design: Design, rows: Encoded, target: Any) -> None:
        self._encoding, self.design = encoding, design
        self._ids, self._numbers, self._target = rows.ids, rows.numbers, target
        self._bends = Bends.of(encoding.numbers)
        self._random = np.random.default_rng(design.seed)
        self._moment = 0
        categories = encoding.categories
        sizes = np.array([len(column.vocabulary) for column in categories], np.int64)
        self._dims = np.array([column.dim for column in categories], np.int64)
        self._starts = np.cumsum([0, *(sizes * self._dims)])[:-1]
        self._tops = np.cumsum([0, *sizes])[:-1]
        self._unknown = np.array([column.unknown for column in categories], np.int32)
        self._vectors = np.empty(int((sizes * self._dims).sum()), np.float32)
        self._squares, self._steps = np.zeros(int(sizes.sum()), np.float32), np.zeros(int(sizes.sum()), np.float32)
        self._slots = np.full(int(sizes.sum()), -1, np.int32)
        for column in categories:
            self._begin(self._layer(self._vectors, column.name), column.name, NEAR)
        self._texts = []
        for text, bag in zip(encoding.texts, rows.bags, strict=True):
            table = np.empty((len(text.vocabulary), text.dim), np.float32)
            self._begin(table, text.name, 1.0)
            self._texts.append(Words(bag, table, is_frozen=text.name in design.frozen))
        self._embedded = int(self._dims.sum()) + sum(column.dim for column in encoding.texts)
        self._draw_layers()

    def _begin(self, layer: Matrix, name: str, length: float) -> None:
        """Vectors at random, or those that are given."""
        self._random.standard_normal(dtype=np.float32, out=layer)
        layer *= np.float32(length * layer.shape[1] ** -0.5)
        if name in self.design.pretrained:
            given = self.design.pretrained[name]
            column = next(one for one in self._encoding.embedded if one.name == name)
            if column.vocabulary is given.vocabulary:
                layer[:] = given.vectors
                return
            rows = given.vocabulary.rows(column.vocabulary, unknown="mark")
            layer[rows >= 0] = given.vectors[rows[rows >= 0]]

    def _draw_layers(self) -> None:
        """All other arrays, as views of one; those that decay come first."""
        shapes = array_shapes(width_of(self._encoding), self.design.hidden, self.design.outputs)
        names = sorted(shapes, key=lambda name: name.endswith("bias"))
        lengths = [int(np.prod(shapes[name])) for name in names]
        total = sum(lengths)
        self._decaying = sum(length for name, length in zip(names, lengths, strict=True) if not name.endswith("bias"))
        self._weights, self._slopes, self._means, self._squared = (np.zeros(total, np.float32) for _ in range(4))
        ends = list(itertools.accumulate([0, *lengths]))
        self._places = {
            name: (first, last, shapes[name]) for name, first, last in zip(names, ends, ends[1:], strict=False)
        }
        self._arrays, self._gradients = self._views(self._weights), self._views(self._slopes)
        for name, array in self._arrays.items():
            if name.startswith("hidden"):
                low = self._arrays[name.replace("bias", "weights")].shape[0]
                array[:] = self._random.uniform(-(low**-0.5), low**-0.5, array.shape)

    def _views(self, flat: Vector) -> dict[str, Matrix]:
        return {name: flat[first:last].reshape(shape) for name, (first, last, shape) in self._places.items()}

    def _layer(self, vectors: Vector, name: str) -> Matrix:
        """Of the vectors of all categories, those of a column."""
        at = next(at for at, column in enumerate(self._encoding.categories) if column.name == name)
        column, first = self._encoding.categories[at], int(self._starts[at])
        rows = len(column.vocabulary)
        return vectors[first : first + rows * column.dim].reshape(rows, column.dim)

    # ── forwards

    def _inputs(self, rows: Rows, *, learning: bool) -> tuple[Matrix, Any]:
        """x of some rows, and which rows of each column's layer stand in it."""
        noise = self.design.noise
        x = np.empty((len(rows), self._arrays["linear_weights"].shape[0]), np.float32)
        asked = np.empty((len(rows), len(self._dims)), np.int32)
        share = noise.unknown if learning else 0.0
        put_categories(
            self._vectors, self._starts, self._dims, self._ids, self._unknown, rows,
            share, self.design.seed, self._moment, asked, x,
        )  # fmt: skip
        at = int(self._dims.sum())
        for which, text in enumerate(self._texts):
            text.make_room(rows)
            put_words(
                text.table, text.ends, text.words, text.weights, rows, noise.words if learning else 0.0,
                self.design.seed, self._moment, which, text.kept, text.shares, text.kept_ends, x, at,
            )  # fmt: skip
            at += text.table.shape[1]
        bends = self._bends
        put_numbers(
            self._numbers, rows, bends.ends, bends.starts, bends.scales, bends.lows, bends.highs, bends.flagged, x, at
        )
        return x, asked

    def _thinned(self, x: Matrix, share: float, which: int) -> Matrix | None:
        """Leave some of x out; the factors, or None where nothing is left out."""
        if not share:
            return None
        factors = np.empty_like(x)
        thin(x, share, self.design.seed, self._moment, which, factors)
        return factors

    def _outputs(self, x: Matrix, *, learning: bool) -> tuple[Matrix, list[Matrix], list[Matrix]]:
        """The outputs, the inputs of each layer behind x, and the slopes on the way to them."""
        arrays, noise = self._arrays, self.design.noise
        layers, slopes = [x], []
        for at in range(len(self.design.hidden)):
            h = layers[-1] @ arrays[f"hidden{at}_weights"]
            slope = np.empty_like(h)
            activate(h, arrays[f"hidden{at}_bias"], _KINDS[self.design.activation], slope)
            factors = self._thinned(h, noise.hidden, 1 + at) if learning else None
            if factors is not None:
                slope *= factors
            layers.append(h)
            slopes.append(slope)
        outputs = x @ arrays["linear_weights"] + arrays["linear_bias"]
        if slopes:
            outputs += layers[-1] @ arrays["output_weights"]
        return outputs, layers, slopes

    def loss(self, rows: Rows) -> float:
        """The mean loss of some rows, of which nothing is left out."""
        total = 0.0
        with np.errstate(over="ignore", invalid="ignore"):  # whoever asks sees that a loss is no number
            for part in np.array_split(rows, max(1, -(-len(rows) // 1024))):
                x, _ = self._inputs(part, learning=False)
                outputs, _, _ = self._outputs(x, learning=False)
                total += loss_and_slope(outputs, self._target[part], self.design.task)[0] * len(part)
        return total / len(rows)

    # ── and back

    def step(self, rows: Rows, rate: float) -> float:
        """One step down by some rows; their mean loss before it."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self._stepped(rows, rate)

    def _stepped(self, rows: Rows, rate: float) -> float:
        self._moment += 1
        x, asked = self._inputs(rows, learning=True)
        factors = self._thinned(x, self.design.noise.inputs, 0)
        outputs, layers, slopes = self._outputs(x, learning=True)
        loss, slope = loss_and_slope(outputs, self._target[rows], self.design.task)
        back = self._backwards(layers, slopes, slope)
        if factors is not None:
            back *= factors[:, : self._embedded]
        decay, split = rate * self.design.l2, self._decaying
        for part, taken in ((slice(split), decay), (slice(split, None), 0.0)):
            weights, means, squares = self._weights[part], self._means[part], self._squared[part]
            adam(weights, self._slopes[part], means, squares, self._moment, rate, taken)
        self._move_vectors(asked, back, rate, decay)
        return loss

    def _backwards(self, layers: list[Matrix], slopes: list[Matrix], slope: Matrix) -> Matrix:
        """Fill the gradients of all arrays; that of the embedded part of x, shape (batch, embedded)."""
        arrays, gradients, e = self._arrays, self._gradients, self._embedded
        np.dot(layers[0].T, slope, out=gradients["linear_weights"])
        gradients["linear_bias"][:] = slope.sum(axis=0)
        back = slope @ arrays["linear_weights"][:e].T
        if not slopes:
            return back
        np.dot(layers[-1].T, slope, out=gradients["output_weights"])
        towards = slope @ arrays["output_weights"].T
        for at in reversed(range(len(slopes))):
            towards *= slopes[at]
            np.dot(layers[at].T, towards, out=gradients[f"hidden{at}_weights"])
            gradients[f"hidden{at}_bias"][:] = towards.sum(axis=0)
            if at:
                towards = towards @ arrays[f"hidden{at}_weights"].T
        back += towards @ arrays["hidden0_weights"][:e].T
        return back

    def _move_vectors(self, asked: Any, back: Matrix, rate: float, decay: float) -> None:
        held = np.empty(len(asked), np.int32)
        sums = np.empty((len(asked), int(self._dims.max(initial=1))), np.float32)
        adam_of_categories(
            self._vectors, self._starts, self._dims, self._tops, asked, back,
            self._squares, self._steps, self._slots, held, sums, FASTER * rate, decay,
        )  # fmt: skip
        at = int(self._dims.sum())
        for text in self._texts:
            if not text.is_frozen:
                adam_of_words(
                    text.table, text.kept, text.shares, text.kept_ends, back, at,
                    text.squares, text.steps, text.slots, text.held, text.sums, rate, decay,
                )  # fmt: skip
            at += text.table.shape[1]

    # ── what is learnt

    def _parts(self) -> list[Any]:
        return [self._vectors, self._weights, *(text.table for text in self._texts)]

    def is_finite(self) -> bool:
        """Whether all that is learnt is finite."""
        return all(bool(np.isfinite(part.sum())) for part in self._parts())

    def copied(self, onto: Copied | None) -> Copied:
        """All that is learnt, as arrays of their own; those of an earlier copy are written to, if there is one."""
        if onto is None:
            return tuple(part.copy() for part in self._parts())
        for old, new in zip(onto, self._parts(), strict=True):
            np.copyto(old, new)
        return onto

    def learnt(self, copied: Copied) -> tuple[dict[str, Matrix], dict[str, Matrix]]:
        """Of a copy the embedding layer of each column, and the arrays of `LearntTable`."""
        vectors, weights, *tables = copied
        layers = {column.name: self._layer(vectors, column.name) for column in self._encoding.categories}
        layers |= {column.name: table for column, table in zip(self._encoding.texts, tables, strict=True)}
        return layers, {name: array.copy() for name, array in self._views(weights).items()}

    def release(self) -> None:
        """Let go of all memory: a copy is enough."""
        self._vectors = np.empty(0, np.float32)
        self._squares = self._steps = np.empty(0, np.float32)
        self._slots = np.empty(0, np.int32)
        self._texts = []
