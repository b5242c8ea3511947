"""`Embedding`: a function from keys to vectors, and what can be asked of it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack

import numpy as np
import numpy.typing as npt

from jari.embedding import arithmetic, pooling
from jari.embedding.bags import Tokenizer
from jari.embedding.lookup import look_up
from jari.embedding.metrics import Table, check_metric, cosines, dots, lengths_of, scores_by, units
from jari.embedding.neighbours import Neighbours, best, whole_k
from jari.embedding.norms import finite_norms
from jari.embedding.parts import as_json, as_matrix, frozen
from jari.embedding.queries import Query, one_query, places_of, read_queries, rows_among
from jari.embedding.subwords import Subwords
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.types import Callback, Matrix, Metadata, Metric, Path, Unknown, Vector

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from jari.embedding.layers.arrangement import UnknownRow
    from jari.embedding.layers.layer_ids import LayerIds
    from jari.embedding.plotting import PlotOptions
    from jari.embedding.poles import Poles
    from jari.embedding.projection import Projection


class Embedding:
    """Keys and their vectors; immutable.

    Parameters
    ----------
    keys
        A `Vocabulary`, or strings, no two alike: one a row.
    vectors
        Shape (n, d). A float32 array in C order is taken as it is, never copied: do not write to it afterwards.
    context
        The learner's other matrix (word2vec's output vectors), shape (n, d), where it was kept.
    subwords
        Vectors of character n-grams, from which unknown keys get theirs under ``unknown="subword"``.
    metadata
        How it was learnt: anything that JSON can hold.

    Raises
    ------
    BadInput
        The shapes do not agree, a value is NaN or infinite, or the metadata is not JSON.

    Examples
    --------
    >>> places = Embedding(["here", "there", "nowhere"], [[1, 0], [1, 1], [0, -1]])
    >>> places["there"]
    array([1., 1.], dtype=float32)
    >>> places.similar("here", k=1).keys[0]
    'there'
    """

    __slots__ = ("_context", "_metadata", "_norms", "_subwords", "_vectors", "_vocabulary")

    def __init__(
        self,
        keys: Vocabulary | Iterable[str],
        vectors: npt.ArrayLike,
        *,
        context: npt.ArrayLike | None = None,
        subwords: Subwords | None = None,
        metadata: Metadata | None = None,
    ) -> None:
        vocabulary = keys if isinstance(keys, Vocabulary) else Vocabulary(keys)
        matrix = as_matrix(vectors, "vectors")
        if len(matrix) != len(vocabulary):
            raise BadInput(f"{len(vocabulary)} keys but {len(matrix)} vectors: give one vector a key.")
        norms = finite_norms(matrix, name=lambda row: f"The vector of {vocabulary.keys[row]!r} (row {row})")
        other = None if context is None else as_matrix(context, "context")
        if other is not None:
            if other.shape != matrix.shape:
                raise BadInput(f"context has shape {other.shape} and vectors {matrix.shape}: they must be the same.")
            finite_norms(other, name=lambda row: f"The context vector of {vocabulary.keys[row]!r} (row {row})")
        if subwords is not None and subwords.vectors.shape[1] != matrix.shape[1]:
            raise BadInput(
                f"Subword vectors have {subwords.vectors.shape[1]} dimensions and vectors {matrix.shape[1]}."
            )
        self._hold(vocabulary, matrix, norms, other, subwords, as_json(metadata or {}))

    @classmethod
    def _trusted(
        cls,
        vocabulary: Vocabulary,
        vectors: Matrix,
        norms: Vector,
        *,
        context: Matrix | None = None,
        subwords: Subwords | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Embedding:
        """Without reading every value: for a slice of an embedding, and for a file of ours, mapped and not yet read."""
        made = object.__new__(cls)
        made._hold(vocabulary, vectors, norms, context, subwords, metadata or {})
        return made

    def _hold(
        self,
        vocabulary: Vocabulary,
        vectors: Matrix,
        norms: Vector,
        context: Matrix | None,
        subwords: Subwords | None,
        metadata: dict[str, Any],
    ) -> None:
        self._vocabulary, self._subwords, self._metadata = vocabulary, subwords, metadata
        self._vectors, self._norms = frozen(vectors), frozen(norms)
        self._context = None if context is None else frozen(context)

    @property
    def vocabulary(self) -> Vocabulary:
        """Keys, rows and counts."""
        return self._vocabulary

    @property
    def keys(self) -> Sequence[str]:
        """The keys in the order of their rows."""
        return self._vocabulary.keys

    @property
    def vectors(self) -> Matrix:
        """Shape (n, d), read-only; mapped from the file where the embedding was loaded from a `.jari`."""
        return self._vectors

    @property
    def context(self) -> Matrix | None:
        """The learner's other matrix, shape (n, d), or None."""
        return self._context

    @property
    def subwords(self) -> Subwords | None:
        """Vectors of character n-grams, or None."""
        return self._subwords

    @property
    def metadata(self) -> dict[str, Any]:
        """How it was learnt; a copy."""
        return copy.deepcopy(self._metadata)

    @property
    def norms(self) -> Vector:
        """The length of each vector, shape (n,), read-only."""
        return self._norms

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return int(self._vectors.shape[1])

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return len(self), self.dim

    @property
    def ndim(self) -> int:
        """2, as of a matrix."""
        return 2

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """The vectors: for ``np.asarray(embedding)``, and for ``S @ embedding`` with a dense or a sparse S."""
        return np.array(self._vectors, dtype=dtype, copy=copy)

    def __len__(self) -> int:
        return len(self._vocabulary)

    def __contains__(self, key: object) -> bool:
        return key in self._vocabulary

    def __iter__(self) -> Iterator[str]:
        return iter(self._vocabulary)

    def __repr__(self) -> str:
        shown = ", ".join(repr(key) for key in self.keys[:4])
        return f"Embedding({len(self):,} keys × {self.dim}: {shown}{', …' if len(self) > 4 else ''})"

    def _repr_html_(self) -> str:
        from jari.embedding import display

        return display.card(self)

    def __getitem__(self, at: Any) -> Any:
        """The vector of a key, (d,); the vectors of a list of keys, (k, d); an `Embedding` of a slice of the rows."""
        if isinstance(at, str):
            return self._vectors[self._vocabulary.row(at)]
        if isinstance(at, slice):
            return self._sliced(at)
        if isinstance(at, list | tuple):
            return self.vectors_of(at)
        if isinstance(at, np.ndarray) and at.dtype.kind in "UOT":
            return self.vectors_of(at.tolist())
        raise BadInput(f"embedding[{at!r}]: ask for a key, a list of keys or a slice; rows are in embedding.vectors.")

    def vectors_of(self, keys: Iterable[str], unknown: Unknown = "raise") -> Matrix:
        """The vectors of many keys, shape (k, d).

        Parameters
        ----------
        keys
            Any strings; the same one may stand more than once.
        unknown
            What to do about keys that are not here: ``"raise"``; ``"skip"`` leaves them out; ``"subword"`` puts
            their vectors together from character n-grams.
        """
        if isinstance(keys, str):
            raise BadInput(f"Give a list of keys, not one string ({keys[:40]!r}): embedding[key] looks one up.")
        return look_up(self, keys, unknown).vectors

    def top(self, n: int) -> Embedding:
        """The first n rows, which are the most frequent keys where a learner of Jari made the embedding; a view."""
        if n < 1:
            raise BadInput(f"top({n}): ask for 1 key or more.")
        return self._sliced(slice(0, n))

    def similar(
        self,
        query: Query | Sequence[Query],
        k: int = 10,
        metric: Metric = "cosine",
        *,
        include_inputs: bool = False,
        rows: npt.ArrayLike | None = None,
        unknown: Unknown = "raise",
    ) -> Neighbours:
        """The k nearest keys, exactly.

        Parameters
        ----------
        query
            A key or a vector (d,); or a list of these, or a matrix (m, d), for many answers at once.
        k
            How many; fewer come back from an embedding that has fewer.
        metric
            ``"cosine"``; ``"dot"``; ``"euclidean"``, whose scores are distances, the least first.
        include_inputs
            Whether a key may be its own neighbour.
        rows
            Search only among these rows.
        unknown
            What to do about keys that are not here; ``"skip"`` leaves them out of a list of queries.

        Returns
        -------
        neighbours
            Of shape (k,) for one query and (m, k) for many.
        """
        whole_k(k)
        check_metric(metric)
        vectors, of_rows, many = read_queries(self, query, unknown)
        table = Table(self._vectors, self._norms, None if rows is None else rows_among(self, rows))
        left_out = None if include_inputs else [places_of(row, table.rows) for row in of_rows]
        found, scores = best(scores_by(metric, table, vectors), k, left_out)
        if many:
            return Neighbours.of(self._vocabulary, found, scores)
        return Neighbours.of(self._vocabulary, found[0], scores[0])

    def solve(
        self,
        expression: arithmetic.Expression | Sequence[arithmetic.Expression],
        k: int = 10,
        method: arithmetic.Method = "add",
        *,
        metric: Metric = "cosine",
        include_inputs: bool = False,
        unknown: Unknown = "raise",
    ) -> Neighbours:
        """The keys nearest to where an expression leads.

        Parameters
        ----------
        expression
            ``"king - man + woman"``: operators have spaces around them, keys with spaces or operators stand in
            quotes, ``0.5 * king`` weighs a term. Or a tuple (positive keys, negative keys). Or a list of either.
        k
            How many.
        method
            ``"add"`` is 3CosAdd, ``"mul"`` is 3CosMul (Levy and Goldberg, CoNLL 2014).
        metric
            For ``"add"``: with ``"cosine"`` the terms are summed at unit length, otherwise as they are.
        include_inputs
            Whether the keys of the expression may be answers.
        unknown
            What to do about keys that are not here; ``"skip"`` leaves the term out.

        Raises
        ------
        BadInput
            The expression cannot be read; the place is shown.

        Examples
        --------
        >>> royal = Embedding(["king", "man", "woman", "queen"], [[1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]])
        >>> royal.solve("king - man + woman", k=1).keys[0]
        'queen'
        """
        return arithmetic.solve(
            self, expression, k, method, metric=metric, include_inputs=include_inputs, unknown=unknown
        )

    def similarity(self, a: Query, b: Query, metric: Metric = "cosine") -> float:
        """How alike two keys or vectors are: their cosine, or with ``metric="dot"`` their dot product."""
        check_metric(metric)
        if metric == "euclidean":
            raise BadInput("metric='euclidean' measures distance, not similarity: ask distance().")
        left, right = one_query(self, a), one_query(self, b)
        return float((cosines if metric == "cosine" else dots)(left, right)[0])

    def distance(self, a: Query, b: Query, metric: Metric = "cosine") -> float:
        """How far apart two keys or vectors are: 1 - cosine, or with ``metric="euclidean"`` the Euclidean distance."""
        check_metric(metric)
        if metric == "dot":
            raise BadInput("metric='dot' measures similarity, not distance: ask similarity().")
        left, right = one_query(self, a), one_query(self, b)
        return float(1.0 - cosines(left, right)[0] if metric == "cosine" else lengths_of(left - right)[0])

    def odd_one_out(self, keys: Iterable[str], unknown: Unknown = "raise") -> str:
        """The key whose mean cosine to the others is least; the first of several.

        Examples
        --------
        >>> small = Embedding(["cat", "dog", "car"], [[1, 0.1], [1, 0.2], [0, 1]])
        >>> small.odd_one_out(["cat", "car", "dog"])
        'car'
        """
        found = look_up(self, keys, unknown)
        if len(found.keys) < 3:
            raise BadInput(f"odd_one_out needs three keys or more to compare, and got {len(found.keys)}.")
        alike = units(found.vectors.astype(np.float64))
        cosine = alike @ alike.T
        np.fill_diagonal(cosine, 0.0)
        return found.keys[int(np.argmin(cosine.sum(axis=1).round(12)))]

    def invert(self, vector: npt.ArrayLike) -> str:
        """The key whose vector is nearest (Euclidean): undoes ``embedding[key]`` wherever vectors are distinct."""
        if isinstance(vector, str):
            raise BadInput(f"invert takes a vector, not the key {vector!r}: similar() finds the neighbours of a key.")
        if not len(self):
            raise BadInput("An embedding without keys has none to answer.")
        return str(self.similar(vector, k=1, metric="euclidean").keys[0])

    def pool(
        self,
        texts: Any,
        weights: pooling.Weights = "mean",
        *,
        normalize: bool = False,
        unknown: Unknown = "skip",
        tokenizer: Tokenizer | None = None,
        threads: int | None = None,
    ) -> Matrix:
        """One vector a text, shape (m, d): the sparse product of token counts and vectors.

        Parameters
        ----------
        texts
            Strings, split by `tokenizer`; lists of keys; mappings from keys to how often they count; or a sparse matrix
            (m, n) of counts. What is pooled need not be words: the films that a user saw, what is in a basket.
        weights
            ``"mean"`` over the known tokens, or ``"sum"``; a mean in which rare words count more, ``"tfidf"`` by how
            many of the texts hold them, ``"sif"`` by how often they were counted, and without what all texts have in
            common; or a number for each key, shape (n,). `Pooling.fit` finds the weights on some texts for others.
        normalize
            Whether each result is brought to unit length.
        unknown
            What to do about tokens that are not here. A text without any known token becomes zeros.
        tokenizer
            From a string to tokens; at white space by default. Use the one that the embedding was learnt with.
        threads
            None uses every core. The vectors are the same with any number.

        Raises
        ------
        BadInput
            Weights that are none, one text instead of a list, a count below 0.
        UnknownKey
            A token is not there and ``unknown="raise"``.
        """
        return pooling.pool(
            self,
            texts,
            weights=weights,
            normalize=normalize,
            unknown=unknown,
            tokenizer=tokenizer,
            threads=threads,
        )

    def project(
        self,
        dim: int | None = None,
        method: Literal["pca", "tsne", "umap"] = "pca",
        *,
        poles: Poles | Sequence[Poles] | None = None,
        keys: Iterable[str] | None = None,
        top: int | None = None,
        geometry: Literal["cosine", "euclidean"] = "cosine",
        unknown: Unknown = "raise",
        random_state: int = 0,
        callback: Callback | None = None,
    ) -> Projection:
        """Keys on a line, on a plane or in space; `jari.explore.draw` draws them. See `jari.embedding.projection`.

        Parameters
        ----------
        dim
            1, 2 or 3. None is 2, or as many as there are pairs of poles.
        method
            ``"pca"`` keeps distances as well as a flat picture can, ``"tsne"`` and ``"umap"`` neighbours.
        poles
            Axes named at both ends, instead of a method: ``{"children": [keys], "adult": [keys]}``, or a list of such
            pairs. A coordinate is the score along the way from the mean of the one pole, -1, to that of the other, +1.
        keys, top
            Which points: these keys, the first so many, or both; all if neither is given.
        geometry
            ``"cosine"``: vectors at unit length; ``"euclidean"``: as they are.
        unknown
            What to do about keys that are not here.
        random_state
            Seed of t-SNE and UMAP.
        callback
            Told at the beginning and at the end.

        Examples
        --------
        >>> films = Embedding(["Bambi", "Up", "Heat", "Jaws"], [[1, 0], [1, 0.2], [0, 1], [0.2, 1]])
        >>> films.project(poles={"children": ["Bambi"], "adult": ["Heat"]}).coordinates.ravel().round(1)
        array([-1. , -0.8,  1. ,  0.8], dtype=float32)
        """
        from jari.embedding import projection

        return projection.project(
            self,
            method=method,
            dim=dim,
            poles=poles,
            keys=keys,
            top=top,
            geometry=geometry,
            unknown=unknown,
            random_state=random_state,
            callback=callback,
        )

    def plot(
        self, dim: int | None = None, method: Literal["pca", "tsne", "umap"] = "pca", **options: Unpack[PlotOptions]
    ) -> Figure:
        """A figure of matplotlib with keys on a line, on a plane or in space; never shown, and nothing of pyplot's.

        All that `project` takes, and ``arrows``, ``clusters``, ``density``, ``labels`` and ``title``: see
        `jari.explore.figure.plot`, which also says what is drawn by default.

        Examples
        --------
        >>> films = Embedding(["Bambi", "Up", "Heat", "Jaws"], [[1, 0], [1, 0.2], [0, 1], [0.2, 1]])
        >>> [text.get_text() for text in films.plot(title="Four films").axes[0].texts][-2:]
        ['Four films', 'PCA · 4 keys · 100.0 % of the variance shown']
        """
        from jari.embedding import plotting

        return plotting.plot(self, dim, method, options)

    def layer_ids(self, padding: bool = False, unknown: UnknownRow = False) -> LayerIds:
        """Which id is which key in the layers that `to_torch` and `to_keras` make with the same arguments.

        Examples
        --------
        >>> places = Embedding(["here", "there"], [[1, 0], [1, 1]])
        >>> places.layer_ids(padding=True).padded(["there here", "here"]).ids
        array([[2, 1],
               [1, 0]])
        """
        from jari.embedding.layers.layer_ids import LayerIds

        return LayerIds(self._vocabulary, padding=padding, unknown=unknown)

    def to_torch(
        self,
        *,
        freeze: bool = False,
        padding: bool = False,
        unknown: UnknownRow = False,
        pooling: Literal["mean", "sum"] | None = None,
        sparse: bool = False,
    ) -> Any:
        """A layer of PyTorch that begins with these vectors, copied: ``torch.nn.Embedding``. Extra ``torch``.

        Parameters
        ----------
        freeze
            Whether training leaves the layer as it is.
        padding
            Whether row 0 is padding, which stays zeros, and keys begin at 1. Without, ids are rows of the embedding.
        unknown
            One more row at the end, for keys that are not there: True or ``"mean"`` begins it as the mean of all
            vectors, ``"zeros"`` as zeros. It is trained as others are.
        pooling
            ``"mean"`` or ``"sum"`` gives a ``torch.nn.EmbeddingBag``, one vector a text, without its padding.
        sparse
            Gradients of the rows that were looked up only, for large tables; needs ``SGD`` or ``SparseAdam``.

        Raises
        ------
        BadInput
            An argument is something else; the embedding has no keys.
        """
        from jari.embedding.layers import torch_layers

        return torch_layers.to_torch(
            self, freeze=freeze, padding=padding, unknown=unknown, pooling=pooling, sparse=sparse
        )

    @classmethod
    def from_torch(
        cls,
        layer: Any,
        keys: Vocabulary | Iterable[str],
        *,
        padding: bool | None = None,
        unknown: UnknownRow = False,
        metadata: Metadata | None = None,
    ) -> Embedding:
        """What a layer of PyTorch has learnt, copied.

        Parameters
        ----------
        layer
            ``torch.nn.Embedding``, ``torch.nn.EmbeddingBag`` or a tensor (rows, d): on any device, of any precision.
        keys
            One a row that is neither padding nor for unknown keys, in order.
        padding
            Whether a row is padding and left out. By default where the layer says so (``padding_idx``).
        unknown
            Whether the last row is for unknown keys and left out. To keep it, give it a key of its own.
        metadata
            How it was learnt.

        Raises
        ------
        BadInput
            It is no such layer; there are more or fewer rows than keys; a value is NaN or infinite.
        """
        from jari.embedding.layers import torch_layers

        return torch_layers.from_torch(layer, keys, padding=padding, unknown=unknown, metadata=metadata)

    def to_keras(self, *, freeze: bool = False, padding: bool = False, unknown: UnknownRow = False) -> Any:
        """A layer of Keras 3 that begins with these vectors, copied: ``keras.layers.Embedding``. Extra ``keras``.

        Parameters
        ----------
        freeze
            Whether training leaves the layer as it is.
        padding
            Whether row 0 is padding, and keys begin at 1: ``mask_zero``. Layers that follow the mask leave it out;
            those that do not take its zeros for a vector, and train it.
        unknown
            As for `to_torch`.

        Raises
        ------
        BadInput
            As for `to_torch`.
        ExtraMissing
            Keras is not installed, or the backend that it was told to use is not.
        """
        from jari.embedding.layers import keras_layers

        return keras_layers.to_keras(self, freeze=freeze, padding=padding, unknown=unknown)

    @classmethod
    def from_keras(
        cls,
        layer: Any,
        keys: Vocabulary | Iterable[str],
        *,
        padding: bool | None = None,
        unknown: UnknownRow = False,
        metadata: Metadata | None = None,
    ) -> Embedding:
        """What a layer of Keras has learnt, copied: as `from_torch`, with padding by default where ``mask_zero`` is."""
        from jari.embedding.layers import keras_layers

        return keras_layers.from_keras(layer, keys, padding=padding, unknown=unknown, metadata=metadata)

    def save(self, path: Path, format: str | None = None, *, force: bool = False) -> None:
        """Write it: all of it or nothing.

        Parameters
        ----------
        path
            A ``.jari`` folder, which keeps everything and opens at once; or a file whose name ends as those of another
            format do (``.vec``, ``.bin``, ``.npy``), which keeps keys and vectors.
        format
            The name of a format, where the name of the file does not say it: see `jari.embedding.formats.FORMATS`.
        force
            Replace what is there.

        Raises
        ------
        FileIsThere
            Something is at `path` and `force` is not given.
        BadInput
            The format is not known, or it cannot hold a key.
        """
        from jari.embedding.formats import registry

        said = registry.by_name(path)
        registry.write(self, path, format or (said.name if said is not None else "jari"), force=force)

    @classmethod
    def load(cls, path: Path, *, verify: bool = False) -> Embedding:
        """Open a `.jari` folder; vectors are mapped, and read when they are asked for.

        Parameters
        ----------
        path
            The folder.
        verify
            Read everything now and compare checksums; small files are always compared.
        """
        from jari.embedding.formats import native

        return native.read(path, verify=verify)

    def _sliced(self, at: slice) -> Embedding:
        start, stop, step = at.indices(len(self))
        if step != 1:
            raise BadInput(f"A slice of an embedding takes consecutive rows, not every {step}th.")
        stop = max(start, stop)
        return Embedding._trusted(
            self._vocabulary.slice(start, stop),
            self._vectors[start:stop],
            self._norms[start:stop],
            context=None if self._context is None else self._context[start:stop],
            subwords=self._subwords,
            metadata=self._metadata,
        )
