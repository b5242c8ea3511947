"""`EntityEmbedder`: the categories and words of a table, embedded by what they say of a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin

from jari.embedding import Embedding
from jari.errors import BadInput, NotLearntYet
from jari.extras import require
from jari.learn import parameters
from jari.learn.neural.activations import ACTIVATIONS
from jari.learn.neural.devices import device_named, threads_of_torch
from jari.learn.neural.tables.encoding import KINDS, Choices, Encoded, TableEncoding
from jari.learn.neural.tables.given import table_of
from jari.learn.neural.tables.learnt_table import LearntTable
from jari.learn.neural.tables.network import Noise, TableNetwork
from jari.learn.neural.tables.rooms import refuse_too_large
from jari.learn.neural.tables.targets import Amounts, Classes, Target
from jari.learn.neural.tables.training import Plan, Table, TableTraining, batch_for
from jari.learn.neural.tables.validation import parted
from jari.threads import thread_count
from jari.types import Callback, Matrix

_TASKS = ("regression", "binary", "multiclass")


class EntityEmbedder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # mypy knows nothing of scikit-learn
    """Foretells a column of a table, and learns a vector for each category and word on the way.

    A row is the vectors of its categories, its numbers and the summed vectors of its words; a linear model and hidden
    layers foretell the target of it. What moves the vectors is the target alone: categories are near each other when
    they say the same of it. Any other estimator can take the vectors: `transform` puts them in the place of the
    categories. Needs PyTorch to learn, from the extra ``torch``; what is learnt is saved, opened and asked without it.

    Parameters
    ----------
    task
        ``"regression"`` foretells a number, by squares; ``"binary"`` one of two classes and ``"multiclass"`` one of
        several, by cross-entropy.
    categorical, numeric, text
        Which columns are which. Where one of the three is None, columns that no other names are looked at
        (`jari.ingest.column_kinds.kind_of`); ``columns_`` says what they were taken for. Identifiers, constants and
        columns without values are left out.
    dims
        Numbers in a category's vector: of all columns, or by column. None is ``1.6 n^0.56`` for n categories, at most
        50.
    text_dim
        Numbers in a word's vector.
    pretrained
        By column an `Embedding` whose vectors to begin with. Of a text column its keys are the words that are known.
    freeze
        Leave the words' vectors that are given as they are.
    tokenizer
        What takes texts apart: a name as `jari.encode` takes it, or a function.
    min_count
        Categories that are there less often count as unknown; words too, which must be there twice.
    max_vocabulary
        Words in a text column, at most.
    bins
        Quantiles between which numbers count by straight lines.
    hidden
        The sizes of the hidden layers. ``()`` leaves a linear model.
    activation
        Of the hidden layers: ``"gelu"``, ``"relu"`` or ``"tanh"``.
    dropout
        The share of each hidden layer that is left out of a batch.
    input_dropout, word_dropout
        The shares of the row, and of the words of texts. The second is what keeps rare words from learning rows by
        heart: less of it suits long texts and many rows.
    unknown_share
        The share of categories that count as unknown in a batch, by which the row of unknown ones is learnt.
    target_transform
        ``"log"`` or ``"log1p"`` foretells the logarithm: for prices, whose errors are shares. The error that is made
        little is the logarithm's, and what is foretold the median rather than the mean.
    epochs
        Times that every row is seen, at most.
    batch
        Rows in a batch. None is 128 for tables up to 20,000 rows, and more for larger ones, up to 1,024.
    learning_rate
        The step of Adam at its longest; it falls as a cosine.
    l2
        How much weights are drawn towards 0, as AdamW does it.
    validation
        The share of rows that are not learnt from: the epoch whose loss on them is least is kept. Fewer than 20 rows
        could not tell: then the last epoch is kept, and all are learnt from.
    patience
        Epochs without a better one after which learning ends.
    device
        ``"auto"`` is the GPU where there is one, in mixed precision; else as PyTorch names them: ``"cpu"``.
    threads
        None uses every core. The same seed gives the same bits on the CPU with the same number of threads.
    random_state
        A seed, or None for another one each time.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    embeddings_ : dict of str to Embedding
        By column the vectors of its categories, the most frequent first, of ``"<unknown>"`` and, where some were
        missing, of ``"<missing>"``; or of its words.
    columns_ : dict of str to str
        What each column was taken for.
    classes_ : ndarray
        The classes, where the target has some.
    losses_, judged_ : list of float
        The loss of each epoch on the rows that were learnt from, and on those that were not.
    statistics_ : dict
        How many rows were learnt from and judged by.
    n_features_in_, feature_names_in_
        As of all of scikit-learn's estimators.

    Notes
    -----
    Guo & Berkhahn 2016, *Entity Embeddings of Categorical Variables*. Numbers as in Gorishniy, Rubachev & Babenko 2022,
    *On Embeddings for Numerical Features in Tabular Deep Learning*; words left out as in Iyyer et al. 2015, *Deep
    Unordered Composition Rivals Syntactic Methods for Text Classification*; a linear model beside the hidden layers as
    in Cheng et al. 2016, *Wide & Deep Learning for Recommender Systems*.

    Examples
    --------
    >>> import pandas as pd
    >>> shops = pd.DataFrame({"store": ["a", "b", "c"] * 40, "day": ["mon", "sat"] * 60})
    >>> sales = shops["store"].map({"a": 1.0, "b": 1.1, "c": 9.0}) + (shops["day"] == "sat")
    >>> learner = EntityEmbedder(random_state=1).fit(shops, sales)  # doctest: +SKIP
    >>> learner.embeddings_["store"].similar("a", k=1).keys[0]  # doctest: +SKIP
    'b'
    """

    def __init__(
        self,
        *,
        task: Literal["regression", "binary", "multiclass"] = "regression",
        categorical: Sequence[str] | None = None,
        numeric: Sequence[str] | None = None,
        text: Sequence[str] | None = None,
        dims: int | Mapping[str, int] | None = None,
        text_dim: int = 32,
        pretrained: Mapping[str, Embedding] | None = None,
        freeze: bool = False,
        tokenizer: Any = "words",
        min_count: int = 1,
        max_vocabulary: int | None = None,
        bins: int = 16,
        hidden: Sequence[int] = (128, 64),
        activation: Literal["gelu", "relu", "tanh"] = "gelu",
        dropout: float = 0.3,
        input_dropout: float = 0.1,
        word_dropout: float = 0.6,
        unknown_share: float = 0.02,
        target_transform: Literal["log", "log1p"] | None = None,
        epochs: int = 40,
        batch: int | None = None,
        learning_rate: float = 0.003,
        l2: float = 0.01,
        validation: float = 0.1,
        patience: int = 12,
        device: str = "auto",
        threads: int | None = None,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.task = task
        self.categorical = categorical
        self.numeric = numeric
        self.text = text
        self.dims = dims
        self.text_dim = text_dim
        self.pretrained = pretrained
        self.freeze = freeze
        self.tokenizer = tokenizer
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.bins = bins
        self.hidden = hidden
        self.activation = activation
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.word_dropout = word_dropout
        self.unknown_share = unknown_share
        self.target_transform = target_transform
        self.epochs = epochs
        self.batch = batch
        self.learning_rate = learning_rate
        self.l2 = l2
        self.validation = validation
        self.patience = patience
        self.device = device
        self.threads = threads
        self.random_state = random_state
        self.callbacks = callbacks

    def check(self) -> None:
        """Look at every parameter, as `fit` does before it reads the table.

        Raises
        ------
        BadInput
            A parameter out of its range.
        """
        parameters.choice("task", self.task, _TASKS)
        parameters.choice("activation", self.activation, ACTIVATIONS)
        if self.target_transform is not None:
            parameters.choice("target_transform", self.target_transform, ("log", "log1p"))
            if self.task != "regression":
                raise BadInput(f"target_transform={self.target_transform!r} is for numbers, and task={self.task!r}.")
        self._kinds()
        for name, size in self.dims.items() if isinstance(self.dims, Mapping) else [("dims", self.dims)]:
            if size is not None:
                parameters.whole(name if name == "dims" else f"dims[{name!r}]", size, 1, "a vector has numbers")
        for size in parameters.sizes("hidden", self.hidden):
            parameters.whole("a size in hidden", size, 1, "a layer needs at least one number")
        parameters.whole("text_dim", self.text_dim, 1, "a vector has numbers")
        parameters.whole("min_count", self.min_count, 1, "a category is seen once or more")
        parameters.whole("bins", self.bins, 1, "numbers lie in one bin or more")
        parameters.whole("epochs", self.epochs, 1, "every row must be seen once")
        parameters.whole("patience", self.patience, 1, "the next epoch may be better")
        if self.max_vocabulary is not None:
            parameters.whole("max_vocabulary", self.max_vocabulary, 1, "a text has words")
        if self.batch is not None:
            parameters.whole("batch", self.batch, 1, "a batch has rows")
        parameters.real("learning_rate", self.learning_rate, 0.0, "steps have a size", above=True)
        parameters.real("l2", self.l2, 0.0, "it draws weights towards 0")
        for name in ("dropout", "input_dropout", "word_dropout", "unknown_share", "validation"):
            parameters.share(name, getattr(self, name), "it is a share, and some must be left")
        for name, one in (self.pretrained or {}).items():
            if not isinstance(one, Embedding):
                raise BadInput(
                    f"pretrained[{name!r}] is a {type(one).__name__}: give an Embedding (jari.load opens one)."
                )
        if not isinstance(self.freeze, bool):
            raise BadInput(f"freeze={self.freeze!r}: give True or False.")

    def _kinds(self) -> dict[str, str]:
        """The kind of each column that is named."""
        kinds: dict[str, str] = {}
        for kind in KINDS:
            named = getattr(self, kind)
            if isinstance(named, str):
                raise BadInput(f"{kind}={named!r}: give a list of names, such as [{named!r}].")
            for name in named or ():
                if name in kinds:
                    raise BadInput(f"Column {name!r} is named in {kinds[name]}= and in {kind}=: it can be one of them.")
                kinds[str(name)] = kind
        return kinds

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from a table, forgetting what was learnt before.

        Parameters
        ----------
        X
            A table of pandas, polars or Arrow, a dict of columns, or an array of two dimensions. Text in a column of
            numbers is read as numbers are written: ``"$1,200"``.
        y
            The target, one value a row.

        Raises
        ------
        ExtraMissing
            PyTorch is not installed.
        BadInput
            A parameter out of its range; columns that are not there, hold nothing, or hold text where numbers are due;
            a target that is missing somewhere or the same everywhere; a loss that is no number any more, for which the
            learning rate is too high.
        """
        self.check()
        torch = require("torch", extra="torch")
        given = table_of(self, X, reset=True)
        target, values = self._target(y)
        if len(values) != given.rows:
            raise BadInput(
                f"Found input variables with inconsistent numbers of samples: {given.rows:,} rows, and {len(values):,} "
                "targets. Give one target a row."
            )
        pretrained = self.pretrained or {}
        encoding, rows = TableEncoding.fit(given.arrays, self._choices(), named=given.named)
        refuse_too_large(encoding, outputs=target.outputs, hidden=tuple(self.hidden))
        self.seed_ = parameters.seed_of(self.random_state)
        device = device_named(self.device)
        generator = torch.Generator(device=device).manual_seed(self.seed_)
        learners, judges = parted(
            values if isinstance(target, Classes) else np.zeros(len(values), np.int64), self.validation, self.seed_
        )
        network = TableNetwork.drawn(
            encoding,
            hidden=tuple(self.hidden),
            outputs=target.outputs,
            activation=self.activation,
            noise=Noise(self.unknown_share, self.word_dropout, self.input_dropout, self.dropout),
            pretrained=pretrained,
            frozen=frozenset(column.name for column in encoding.texts if self.freeze and column.name in pretrained),
            l2=self.l2,
            generator=generator,
        )
        training = TableTraining(
            network=network,
            table=Table(rows, device),
            target=torch.tensor(values, device=device),
            learners=torch.tensor(learners, device=device),
            judges=torch.tensor(judges, device=device),
            plan=Plan(
                task=self.task,
                epochs=int(self.epochs),
                batch=batch_for(len(learners)) if self.batch is None else int(self.batch),
                learning_rate=self.learning_rate,
                l2=self.l2,
                patience=int(self.patience),
                callbacks=self.callbacks,
            ),
        )
        del rows
        self.statistics_ = {"learnt from": len(learners), "judged by": len(judges)}
        try:
            with threads_of_torch(thread_count(self.threads)):
                training.run()
        except (BadInput, KeyboardInterrupt):
            if training.best is not None:  # what was learnt before it was stopped
                self._keep(training, target)
            raise
        self._keep(training, target)
        return self

    def _target(self, y: Any) -> tuple[Target, Any]:
        return Amounts.fit(y, self.target_transform) if self.task == "regression" else Classes.fit(y, self.task)

    def _choices(self) -> Choices:
        return Choices(
            kinds=self._kinds(),
            closed=tuple(kind for kind in KINDS if getattr(self, kind) is not None),
            dims=self.dims,
            text_dim=int(self.text_dim),
            pretrained=self.pretrained or {},
            min_count=int(self.min_count),
            tokenizer=self.tokenizer,
            max_vocabulary=self.max_vocabulary,
            bins=int(self.bins),
        )

    def _keep(self, training: TableTraining, target: Target) -> None:
        """What the best epoch has learnt."""
        network, best = training.network, training.best
        encoding = network.encoding
        vectors, arrays = network.vectors(best or ()), network.arrays(best or ())
        self.losses_, self.judged_ = training.losses, training.judged
        network.blocks.clear()  # the tensors: what is kept is a copy
        network.touched.clear()
        self._hold(LearntTable(encoding, vectors, arrays, self.activation), target)

    def _hold(self, learnt: LearntTable, target: Target) -> None:
        encoding = learnt.encoding
        self._target_ = target
        self.__dict__.pop("classes_", None)
        if isinstance(target, Classes):
            self.classes_ = target.classes
        self.columns_ = {
            **{column.name: "categorical" for column in encoding.categories},
            **{column.name: "numeric" for column in encoding.numbers},
            **{column.name: "text" for column in encoding.texts},
            **encoding.unused,
        }
        self.embeddings_ = {
            column.name: Embedding(column.vocabulary, learnt.vectors[column.name], metadata=self._metadata(column.name))
            for column in encoding.embedded
        }
        self._learnt_ = learnt

    def _metadata(self, column: str) -> dict[str, Any]:
        given = {name: value for name, value in self.get_params(deep=False).items() if _is_plain(value)}
        return {
            "learner": type(self).__name__,
            "column": column,
            "kind": self.columns_[column],
            "parameters": given,
            "seed": self.seed_,
            "losses": [float(loss) for loss in self.losses_],
        }

    # ── asking

    def _model(self) -> LearntTable:
        try:
            model: LearntTable = self.__dict__["_learnt_"]
        except KeyError:
            raise NotLearntYet(f"This {type(self).__name__} instance is not fitted yet. Call fit first.") from None
        return model

    def _rows(self, X: Any) -> Encoded:
        model = self._model()
        return model.encoding.encode(table_of(self, X, reset=False).arrays)

    def _outputs(self, X: Any) -> Matrix:
        return self._model().outputs(self._rows(X))

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """What is foretold of each row, shape (rows,): a number, or the likeliest class.

        Raises
        ------
        BadInput
            A column is missing, or there is one that was not there when it was learnt.
        NotLearntYet
            Before `fit`.
        """
        outputs = self._outputs(X)
        if isinstance(self._target_, Amounts):
            return self._target_.predicted(outputs)
        classes: npt.NDArray[Any] = self.classes_[self._target_.probabilities(outputs).argmax(axis=1)]
        return classes

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """How likely each class is, shape (rows, classes), in the order of ``classes_``.

        Raises
        ------
        BadInput
            As `predict`; or the task is regression.
        """
        outputs = self._outputs(X)
        if isinstance(self._target_, Amounts):
            raise BadInput("task='regression' foretells a number: there are no classes to be likely. Ask predict.")
        return self._target_.probabilities(outputs)

    def score(self, X: Any, y: Any) -> float:
        """R² of the numbers as they are, or the share of rows whose class is right."""
        from sklearn.metrics import accuracy_score, r2_score

        measure = r2_score if self.task == "regression" else accuracy_score
        return float(measure(y, self.predict(X)))

    def transform(self, X: Any) -> Matrix:
        """The vectors in the place of categories and texts, and numbers as they are; shape (rows, outputs), float32.

        A number that is missing is the median, and whether it is, is a column more where some were missing when it was
        learnt. `get_feature_names_out` names the columns.
        """
        model, rows = self._model(), self._rows(X)
        categories = [
            model.vectors[column.name][rows.ids[:, at]] for at, column in enumerate(model.encoding.categories)
        ]
        columns = model.encoding.numbers
        missing = np.isnan(rows.numbers)
        numbers = np.where(missing, np.float32(0), rows.numbers)
        scales, centers = (np.array([getattr(column, name) for column in columns]) for name in ("scale", "center"))
        flags = missing[:, [column.has_missing for column in columns]]
        parts = [*categories, numbers * scales + centers, flags, *model.texts(rows)]
        return np.hstack([np.asarray(part, np.float32).reshape(len(rows), -1) for part in parts])

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """``store0``, ``store1``, … of a column of categories or texts; ``age``, and ``age missing``, of numbers."""
        encoding = self._model().encoding
        names = [f"{column.name}{at}" for column in encoding.categories for at in range(column.dim)]
        names += [column.name for column in encoding.numbers]
        names += [f"{column.name} missing" for column in encoding.numbers if column.has_missing]
        names += [f"{column.name}{at}" for column in encoding.texts for at in range(column.dim)]
        return np.array(names, dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return "_learnt_" in self.__dict__

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, RegressorTags

        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = tags.input_tags.categorical = tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        if self.task == "regression":
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        else:
            tags.estimator_type = "classifier"
            tags.classifier_tags = ClassifierTags(multi_class=self.task == "multiclass")
        return tags


def _is_plain(value: Any) -> bool:
    """Whether JSON can hold a parameter."""
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is not None and isinstance(value, bool | int | float | str)
