"""`EntityEmbedder`: the categories and words of a table, embedded by what they say of a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from threadpoolctl import threadpool_limits

from jari.embedding import Embedding
from jari.errors import BadInput
from jari.ingest.tokenizers import Tokenizer
from jari.learn.neural.tables.beginning import begun, word_dropouts
from jari.learn.neural.tables.encoding import TableEncoding
from jari.learn.neural.tables.estimator import TableEstimator
from jari.learn.neural.tables.given import table_of
from jari.learn.neural.tables.learnt_table import LearntTable
from jari.learn.neural.tables.parameters import check, choices_of, refuse_idle_freeze
from jari.learn.neural.tables.rooms import refuse_layers_too_large
from jari.learn.neural.tables.targets import Target, target_learnt
from jari.learn.neural.tables.training import TableTraining
from jari.parameters import seed_of
from jari.threads import thread_count
from jari.types import Callback, Path


class EntityEmbedder(TableEstimator):
    """Foretells a column of a table, and learns a vector for each category and word on the way.

    A row is the vectors of its categories, its numbers and the summed vectors of its words; a linear model and hidden
    layers foretell the target of it. What moves the vectors is the target alone: categories are near each other when
    they say the same of it. Any other estimator can take the vectors: `transform` puts them in the place of the
    categories. On the CPU nothing else is needed; a GPU needs PyTorch, from the extra ``torch``, to learn, and not to
    open and ask what is learnt.

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
        Numbers in a category's vector: of all columns, or by column, of texts too. None is ``1.6 n^0.56`` for n
        categories, at most 50.
    text_dim
        Numbers in a word's vector.
    pretrained
        By column an `Embedding` whose vectors to begin with. Of a text column its keys are the words that are known.
    freeze
        Leave the words' vectors that are given as they are. Those of categories are always learnt on.
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
        Of the hidden layers: ``"relu"``, ``"gelu"`` or ``"tanh"``.
    dropout
        The share of each hidden layer that is left out of a batch.
    input_dropout, word_dropout
        The shares of the row, and of the words of texts. The second is what keeps rare words from learning rows by
        heart. None learns twice, with 0.6 and with 0.2, and keeps what foretells the rows that judge better; without
        such rows, 0.6.
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
        How many rows were learnt from and judged by; of classes, how many were seen once.
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
        activation: Literal["relu", "gelu", "tanh"] = "relu",
        dropout: float = 0.3,
        input_dropout: float = 0.1,
        word_dropout: float | None = None,
        unknown_share: float = 0.02,
        target_transform: Literal["log", "log1p"] | None = None,
        epochs: int = 60,
        batch: int | None = None,
        learning_rate: float = 0.003,
        l2: float = 0.01,
        validation: float = 0.1,
        patience: int = 16,
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
        check(self)

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
            The device needs PyTorch, which is not installed.
        BadInput
            A parameter out of its range; columns that are not there, hold nothing, or hold text where numbers are due;
            a target that is missing somewhere or the same everywhere; a loss that is no number any more, for which the
            learning rate is too high.
        """
        self.check()
        given, choices = table_of(X), choices_of(self)
        target, values = target_learnt(y, self.task, self.target_transform)
        if len(values) != given.rows:
            raise BadInput(
                f"Found input variables with inconsistent numbers of samples: {given.rows:,} rows, and {len(values):,} "
                "targets. Give one target a row."
            )
        encoding, rows = TableEncoding.fit(given.arrays, choices, named=given.named)
        if self.freeze:
            refuse_idle_freeze(choices, encoding)
        refuse_layers_too_large(encoding, outputs=target.outputs, hidden=tuple(self.hidden))
        seed = seed_of(self.random_state)
        first, *others = word_dropouts(self, encoding)
        training = begun(self, encoding, rows, target, values, word_dropout=first, seed=seed)
        self._forget()
        self._look_at(given)
        self.seed_ = seed
        self.statistics_: dict[str, float] = {
            "learnt from": len(training.learners),
            "judged by": len(training.judges),
            **target.statistics,
        }
        try:
            with threadpool_limits(thread_count(self.threads), "blas"):
                training.run()
                training.engine.release()
                for share in others if len(training.judges) else ():
                    trial = begun(self, encoding, rows, target, values, word_dropout=share, seed=seed)
                    trial.run()
                    if min(trial.judged) < min(training.judged):
                        training = trial
        finally:  # what was learnt before it was stopped, too
            self._keep(training, encoding, target)
        return self

    def _keep(self, training: TableTraining, encoding: TableEncoding, target: Target) -> None:
        """What the best epoch has learnt."""
        if training.best is None:
            return
        vectors, arrays = training.engine.learnt(training.best)
        training.engine.release()
        self.losses_, self.judged_ = training.losses, training.judged
        if encoding.texts:
            self.statistics_["word dropout"] = training.engine.design.noise.words
        self._hold(LearntTable(encoding, vectors, arrays, self.activation), target)

    def save(self, folder: Path, *, force: bool = False) -> None:
        """Write it: all of it or nothing.

        Parameters
        ----------
        folder
            Where. In it, each embedding is a folder that is called as its column: ``folder/store.jari``, as `jari.load`
            opens it.
        force
            Replace a model that is there, and nothing else.

        Raises
        ------
        NotLearntYet
            There is nothing to save.
        FileIsThere
            Something is at `folder`, and `force` is not given or it is no model of a table.
        """
        from jari.learn.neural import entity_folder

        entity_folder.write(self, folder, force=force)

    @classmethod
    def load(cls, folder: Path, *, tokenizer: Tokenizer | None = None, verify: bool = False) -> EntityEmbedder:
        """Open what `save` has written, without PyTorch; vectors are mapped.

        Parameters
        ----------
        folder
            Where it is.
        tokenizer
            The function that took the texts apart, where it was one: no file holds it. ``pretrained`` is not kept
            either: its vectors were where learning began.
        verify
            Read everything now and compare checksums; small files are always compared.

        Raises
        ------
        NoSuchFile
            Nothing is there.
        BadFile
            It is no whole model, or of a later version.
        BadInput
            The tokenizer is another one, or is not given.
        """
        from jari.learn.neural import entity_folder

        return entity_folder.read(folder, tokenizer=tokenizer, verify=verify)
