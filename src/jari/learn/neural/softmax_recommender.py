"""`SoftmaxRecommender`: a network that foretells what was held out of each history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Self

import numpy as np
from scipy.sparse import csr_array

from jari import parameters
from jari.devices import device_named, threads_of_torch
from jari.embedding import Embedding
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.extras import require
from jari.ingest.interactions import Interactions
from jari.learn.histories import Histories, Items, history_of
from jari.learn.neural.activations import ACTIVATIONS
from jari.learn.neural.batches import SparseRows
from jari.learn.neural.features import UserFeatures
from jari.learn.neural.judging import Judges
from jari.learn.neural.learnt_network import POOLINGS, Layers
from jari.learn.neural.network import Network
from jari.learn.neural.softmaxes import Sampler
from jari.learn.neural.training import Plan, Training
from jari.learn.recommender import Recommender
from jari.threads import thread_count
from jari.types import Callback, Counts, Matrix, Vector

_FULL: Final = 20_000  # items up to which "auto" is the full softmax
_MOST_JUDGES: Final = 2_000
_LEAST_JUDGES: Final = 50


class SoftmaxRecommender(Recommender):
    """A network: what somebody chose → embedding layer → hidden layers → softmax over all items.

    Learns by holding a random part of each user's items out, another part in each epoch, and foretelling it from the
    rest. Takes features of users too: age, region, whatever a table holds. Needs PyTorch to learn, from the extra
    ``torch``; what is learnt is saved, opened and asked without it.

    Parameters
    ----------
    dim
        Numbers in a vector.
    hidden
        The sizes of the hidden layers. ``()`` leaves a linear model, which for histories alone is often as good;
        features that matter together, such as age and region, need a hidden layer.
    activation
        Of the hidden layers: ``"gelu"``, ``"relu"`` or ``"tanh"``.
    dropout
        The share of each hidden layer that is left out of a batch.
    pooling
        How the vectors of a history become one: the sum over √n (``"sqrt"``), the ``"mean"`` or the ``"sum"``. With
        weights, over the square root of the sum of their squares, or over their sum.
    holdout
        The share of a history that is held out.
    softmax
        ``"full"`` over all items; ``"sampled"`` estimates its sum from `samples` items, for large catalogues;
        ``"auto"`` is full up to 20,000 items.
    samples
        How many items are drawn for a batch: more is nearer to the full softmax and slower.
    weighted
        Count an entry as much as its weight says, in histories and in what is foretold. Otherwise each counts one.
    epochs
        Times that every user is seen, at most.
    batch
        Users in a batch.
    learning_rate
        The step of Adam.
    l2
        How much weights are drawn towards 0, as AdamW does it.
    validation
        The share of users, 2,000 at most, who are not learnt from: the epoch whose recommendations suit them best
        (nDCG@100) is kept. Fewer than 50 could not tell: then the last epoch is kept, and all are learnt from.
    patience
        Epochs without a better one after which learning ends.
    device
        ``"auto"`` is the GPU where there is one; else as PyTorch names them: ``"cpu"``, ``"cuda:1"``.
    threads
        None uses every core. The same seed gives the same bits on the CPU with ``threads=1``.
    random_state
        A seed, or None for another one each time.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    user_embedding_ : Embedding
        The last hidden layer's output for each user.
    item_embedding_ : Embedding
        The weights of the softmax, such that a user's scores have the mean 0 over what all users chose; in `context`
        the embedding layer.
    item_biases_ : ndarray of shape (items,)
        The biases of the softmax.
    losses_ : list of float
        One an epoch: the mean surprise by an item that was held out, ``-log p``, in nats. Of the sampled softmax an
        estimate.
    judged_ : list of float
        The nDCG@100 of each epoch; empty without validation.
    statistics_ : dict
        How many users were learnt from and judged by, and how many had no features.

    Notes
    -----
    Covington, Adams & Sargin 2016, *Deep Neural Networks for YouTube Recommendations*: histories pooled, features
    beside them, a softmax over items. Liang, Krishnan, Hoffman & Jebara 2018, *Variational Autoencoders for
    Collaborative Filtering*: the multinomial likelihood, and inputs with a part dropped. Bengio & Senécal 2008,
    *Adaptive Importance Sampling to Accelerate Training of a Neural Probabilistic Language Model*: the sampled softmax
    and its correction. Here hidden layers add to the pooled history what they learn, and begin by adding nothing.

    A user with one item is learnt from too: half of the time from nothing, which teaches what to say to strangers.

    Examples
    --------
    >>> films = Interactions(["ann", "bob", "cy"], ["Up", "Heat", "Jaws"], [[1, 0, 1], [1, 0, 1], [0, 1, 0]])
    >>> learner = SoftmaxRecommender(dim=8, epochs=30, random_state=1)
    >>> learner.fit(films).recommend(items=["Up"], k=1).keys.tolist()  # doctest: +SKIP
    ['Jaws']
    """

    item_biases_: Vector | None
    judged_: list[float]
    statistics_: dict[str, int]
    _encoder: UserFeatures | None
    _hidden: dict[str, Matrix]

    def __init__(
        self,
        *,
        dim: int = 200,
        hidden: Sequence[int] = (64,),
        activation: Literal["gelu", "relu", "tanh"] = "gelu",
        dropout: float = 0.5,
        pooling: Literal["sqrt", "mean", "sum"] = "sqrt",
        holdout: float = 0.5,
        softmax: Literal["auto", "full", "sampled"] = "auto",
        samples: int = 2_000,
        weighted: bool = False,
        epochs: int = 60,
        batch: int = 256,
        learning_rate: float = 0.003,
        l2: float = 0.5,
        validation: float = 0.05,
        patience: int = 20,
        device: str = "auto",
        threads: int | None = None,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.dim = dim
        self.hidden = hidden
        self.activation = activation
        self.dropout = dropout
        self.pooling = pooling
        self.holdout = holdout
        self.softmax = softmax
        self.samples = samples
        self.weighted = weighted
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
        """Look at every parameter, as `fit` does before anything else."""
        super().check()
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")
        for size in parameters.sizes("hidden", self.hidden):
            parameters.whole("a size in hidden", size, 1, "a layer needs at least one number")
        parameters.choice("activation", self.activation, ACTIVATIONS)
        parameters.choice("pooling", self.pooling, POOLINGS)
        parameters.choice("softmax", self.softmax, ("auto", "full", "sampled"))
        parameters.share("dropout", self.dropout, "it is the share of a layer that is left out")
        parameters.share("holdout", self.holdout, "some of a history is held out, and some is given", above=True)
        parameters.share("validation", self.validation, "it is a share of the users, and some must be learnt from")
        parameters.whole("samples", self.samples, 1, "the sum over all items is estimated from some")
        parameters.whole("epochs", self.epochs, 1, "every user must be seen once")
        parameters.whole("batch", self.batch, 1, "a batch has users")
        parameters.real("learning_rate", self.learning_rate, 0.0, "steps have a size", above=True)
        parameters.real("l2", self.l2, 0.0, "it draws weights towards 0")
        parameters.whole("patience", self.patience, 1, "the next epoch may be better")
        if not isinstance(self.weighted, bool):
            raise BadInput(f"weighted={self.weighted!r}: give True or False.")
        if not isinstance(self.device, str):
            raise BadInput(f"device={self.device!r}: give 'auto', 'cpu', or what else PyTorch calls a device.")

    def fit(self, X: Interactions | Any, y: Any = None, *, features: Any = None) -> Self:
        """Learn from interactions, forgetting what was learnt before.

        Parameters
        ----------
        X
            `Interactions`, or what `Interactions.of` takes.
        y
            Not used.
        features
            What is known of users besides: a table of pandas, polars or Arrow, or a dict of columns, with the keys of
            users in its first column, in any order; or a NumPy array or sparse matrix with one row a user, in the
            order of ``X.users``. Numbers are standardised and all else is a category, but a sparse matrix is taken as
            it is. Missing values, users who are not in the table and categories that come later have vectors too.

        Raises
        ------
        ExtraMissing
            PyTorch is not installed.
        BadInput
            A parameter out of its range; interactions of fewer than two users or items; features that do not fit; a
            loss that is no number any more, for which the learning rate is too high.
        """
        self.check()
        require("torch", extra="torch")
        self._given = features
        try:
            return super().fit(X, y)
        finally:
            del self._given

    def _fit(self, interactions: Interactions) -> None:
        torch = require("torch", extra="torch")
        device = device_named(self.device)
        generator = torch.Generator(device=device).manual_seed(self.seed_)
        counts = _counts(interactions)
        lengths = np.diff(interactions.matrix.indptr)
        learners, judges = self._parted(lengths)
        self.statistics_ = {"learnt from": len(learners), "judged by": len(judges)}
        self._encoder, encoded = None, None
        if self._given is not None:
            self._encoder, encoded, lacking = UserFeatures.fit(self._given, interactions.users)
            self.statistics_["without features"] = lacking
        sampled = self.softmax == "sampled" or (self.softmax == "auto" and len(counts) > _FULL)
        histories = SparseRows(interactions.matrix, weighted=self.weighted, device=device)
        features = None if encoded is None else SparseRows(encoded, weighted=True, device=device)
        network = Network.drawn(
            counts,
            dim=int(self.dim),
            sizes=tuple(self.hidden),
            columns=None if encoded is None else encoded.shape[1],
            activation=self.activation,
            pooling=self.pooling,
            dropout=self.dropout,
            sparse=sampled,
            generator=generator,
        )
        asked = torch.tensor(judges, device=device)
        training = Training(
            network=network,
            histories=histories,
            features=features,
            sampler=Sampler(counts, int(self.samples), generator) if sampled else None,
            learners=torch.tensor(learners, device=device),
            judges=Judges.of(histories, features, asked, share=self.holdout, generator=generator)
            if len(judges)
            else None,
            plan=Plan(
                epochs=int(self.epochs),
                batch=int(self.batch),
                learning_rate=self.learning_rate,
                l2=self.l2,
                holdout=self.holdout,
                patience=int(self.patience),
                callbacks=self.callbacks,
            ),
        )
        try:
            with threads_of_torch(thread_count(self.threads)):
                training.run()
        except BadInput:
            if training.best is not None:  # what was learnt before the loss was no number any more
                self._keep(training, network, encoded)
            raise
        self._keep(training, network, encoded)

    def _keep(self, training: Training, network: Network, features: csr_array[Any] | None) -> None:
        """What the best epoch has learnt."""
        best = training.best or network.copied()
        layers = network.layers(best)
        interactions = self.interactions_
        self.losses_, self.judged_ = training.losses, training.judged
        outputs, biases = _centred(best["outputs"], best["biases"][:, 0], _counts(interactions))
        self.item_biases_ = biases
        self.item_embedding_ = Embedding(
            interactions.items, outputs, context=layers.items, metadata=self._metadata("items")
        )
        self._hidden = layers.arrays()
        histories = self._weighed(interactions.matrix)
        vectors = layers.users(histories, features, threads=thread_count(self.threads))
        self.user_embedding_ = Embedding(interactions.users, vectors, metadata=self._metadata("users"))

    def fold_in(self, items: Items, *, features: Mapping[str, Any] | None = None) -> Vector:
        """The vector of somebody who was not learnt, from what they chose, shape (d,).

        Parameters
        ----------
        items
            Keys, or keys with weights.
        features
            What is known of that somebody, by the names of the columns.
        """
        table = None if features is None else {"user": ["?"]} | {name: [value] for name, value in features.items()}
        vector: Vector = self._vectors(history_of(items, self._items), table, Vocabulary(["?"]))[0]
        return vector

    def transform(self, X: Interactions, *, features: Any = None) -> Any:
        """The vectors of users from what they chose, shape (m, d).

        Parameters
        ----------
        X
            `Interactions` with the items that were learnt.
        features
            Of its users, as `fit` takes them.
        """
        histories = self._same_items(X)
        return self._output(self._vectors(histories, features, X.users), self.get_feature_names_out())

    def _fold_in(self, histories: Histories) -> Matrix:
        return self._vectors(histories, None, None)

    def _vectors(self, histories: Histories, features: Any, users: Vocabulary | None) -> Matrix:
        embedding: Embedding = self._learnt("item_embedding_")
        if features is not None and self._encoder is None:
            raise BadInput("No features were learnt, so none can be given: fit(…, features=…) learns them.")
        encoded = None
        if features is not None and users is not None and self._encoder is not None:
            encoded = self._encoder.encode(features, users)
        layers = self._layers(embedding, self._hidden)
        return layers.users(self._weighed(histories), encoded, threads=thread_count(self.threads))

    def _layers(self, embedding: Embedding, arrays: Mapping[str, Matrix]) -> Layers:
        if embedding.context is None:
            raise BadInput("an item embedding without its context, the embedding layer")
        return Layers.of(
            embedding.context,
            arrays,
            sizes=tuple(self.hidden),
            columns=None if self._encoder is None else self._encoder.width,
            activation=self.activation,
            pooling=self.pooling,
        )

    def _weighed(self, histories: Histories) -> Histories:
        if self.weighted:
            return histories
        ones = np.ones(len(histories.data), np.float32), histories.indices, histories.indptr
        return csr_array(ones, shape=histories.shape)

    def _parted(self, lengths: Any) -> tuple[Any, Any]:
        """The users to learn from, and those to judge by: both have items."""
        generator = np.random.default_rng(self.seed_)
        order = generator.permutation(np.flatnonzero(lengths))
        several = order[lengths[order] > 1]
        count = min(int(self.validation * len(order)), _MOST_JUDGES, len(several))
        judges = np.sort(several[:count]) if count >= _LEAST_JUDGES else several[:0]
        return np.setdiff1d(order, judges), judges

    def _arrays(self) -> dict[str, Matrix]:
        self._learnt("item_embedding_")
        return dict(self._hidden)

    def _restore(self, arrays: Mapping[str, Matrix]) -> None:
        about = self.user_embedding_.metadata
        described = about.get("features")
        self._encoder = None if described is None else UserFeatures.of(described)
        self._hidden = dict(arrays)
        self.judged_, self.statistics_ = list(about.get("judged", [])), dict(about.get("users", {}))
        self._layers(self.item_embedding_, self._hidden)

    def _metadata(self, what: str) -> dict[str, Any]:
        metadata = super()._metadata(what) | {"judged": self.judged_, "users": self.statistics_}
        return metadata if self._encoder is None else metadata | {"features": self._encoder.described()}


def _counts(interactions: Interactions) -> Counts:
    counts: Counts = interactions.users_of_items()
    return counts


def _centred(outputs: Matrix, biases: Vector, counts: Counts) -> tuple[Matrix, Vector]:
    """The softmax as before, but for its choice of a zero: that of a user's scores is the mean over what all chose.

    A softmax stays the same when all scores of a user rise. Only so does a score say by how much likelier an item is
    than others, and what `explain` takes from a history raises one item rather than all.
    """
    odds = np.maximum(counts, 1e-9)
    odds = (odds / odds.sum()).astype(np.float32)
    return outputs - odds @ outputs, biases - odds @ biases
