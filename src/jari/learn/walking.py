"""`WalkingLearner`: a learner that walks over its corpus for some epochs, with checkpoints on the way."""

from __future__ import annotations

import math
import pathlib
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import asdict
from typing import Any, Self

import numpy as np

from jari import parameters
from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput, Interrupted
from jari.ingest import Corpus
from jari.learn.checkpoint import Checkpoint, State, refuse_other_parameters
from jari.learn.matrices import padded, zeros
from jari.learn.pages import trim
from jari.learn.sampling import keep_thresholds
from jari.learn.textlearner import TextLearner, counts_of
from jari.learn.walk import Model, Position, Walk
from jari.learn.watching import shown_to
from jari.threads import thread_count
from jari.types import Matrix, Progress
from jari.types import Path as PathLike

_WORTH_KEEPING = 60.0  # seconds of learning that nobody should have to repeat because a disk was full


class WalkingLearner(TextLearner):
    """Subclasses say what is learnt: the matrices to begin with, the `Model` on them, the `Embedding` they make."""

    dim: int
    sample: float
    epochs: int
    learning_rate: float | None
    min_learning_rate: float | None
    deterministic: bool

    def check(self) -> None:
        """Look at every parameter, as `fit` does before it reads any text.

        Raises
        ------
        BadInput
            A parameter out of its range.
        """
        super().check()
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")
        parameters.real("sample", self.sample, 0.0, "it is a share of the text")
        parameters.whole("epochs", self.epochs, 1, "the text must be read at least once")
        parameters.real("learning_rate", self._rate, 0.0, "steps have a size", above=True)
        parameters.real("min_learning_rate", self._last_rate, 0.0, "steps have a size")

    def fit(
        self,
        X: Corpus | Any,
        y: Any = None,
        *,
        checkpoint: PathLike | None = None,
        checkpoint_minutes: float = 10.0,
        resume: bool = False,
    ) -> Self:
        """Learn from a corpus, forgetting what was learnt before.

        Parameters
        ----------
        X
            A `Corpus`, or anything that `jari.encode` takes: paths, strings, lists of words.
        y
            Not used.
        checkpoint
            A folder to keep a checkpoint in: every `checkpoint_minutes`, when interrupted, and at the end of what took
            more than a minute. It stays; delete it once the result is safe.
        resume
            Go on from `checkpoint` where it holds one.

        Raises
        ------
        BadInput
            A parameter out of its range, a text without two words to learn, other parameters than the checkpoint's.
        Interrupted
            Ctrl-C, once the checkpoint is written.
        """
        self.check()
        kept = None if checkpoint is None else Checkpoint(checkpoint)
        state = kept.load() if kept is not None and resume and kept.exists() else None
        if state is not None and kept is not None:
            refuse_other_parameters(kept.folder, state.parameters, self._recorded())
        encoded = kept.corpus if state is not None and kept is not None and kept.corpus.is_dir() else None
        with self._encoded(X, encoded) as corpus:
            self._refuse_poor(corpus.vocabulary)
            if state is None:
                self.seed_ = parameters.seed_of(self.random_state)
                walk = self._walk(corpus, self._matrices(corpus.vocabulary))
            else:
                walk = self._walk_on(corpus, state)
            self._learn(walk, corpus, kept, checkpoint_minutes * 60)
        return self

    @property
    def _rate(self) -> Any:
        raise NotImplementedError

    @property
    def _last_rate(self) -> Any:
        raise NotImplementedError

    @property
    def _columns(self) -> int:
        """How many numbers a row of the matrices has, without its padding."""
        return int(self.dim)

    def _matrices(self, vocabulary: Vocabulary) -> dict[str, Matrix]:
        """What to begin with, by the names that a checkpoint gives them: rows `padded`, seeded by `seed_`."""
        raise NotImplementedError

    def _model(self, vocabulary: Vocabulary, matrices: Mapping[str, Matrix]) -> Model:
        raise NotImplementedError

    def _vectors(self, model: Any, count: int) -> Matrix:
        """A copy of the vectors of the first `count` words, were learning to end now, shape (count, dim)."""
        vectors: Matrix = model.matrices["vectors"][:count, : self.dim].copy()
        return vectors

    def _made(self, corpus: Corpus, model: Model) -> Embedding:
        """The result, in the memory of the model's matrices: they are not needed any more."""
        raise NotImplementedError

    def _recorded(self) -> dict[str, Any]:
        return super()._recorded() | {"learning_rate": self._rate, "min_learning_rate": self._last_rate}

    def _metadata(self, statistics: Mapping[str, Any]) -> dict[str, Any]:
        return super()._metadata(statistics) | {"loss_curve": self._curve}

    def _encoded(self, X: Any, encoded: pathlib.Path | None) -> AbstractContextManager[Corpus]:
        return self._corpus(X) if encoded is None else closing(Corpus.open(encoded))

    def _walk(self, corpus: Corpus, matrices: Mapping[str, Matrix]) -> Walk:
        counts = counts_of(corpus.vocabulary)
        return Walk(
            ids=corpus.ids,
            offsets=corpus.offsets,
            keep=keep_thresholds(counts, float(self.sample)),
            model=self._model(corpus.vocabulary, matrices),
            epochs=int(self.epochs),
            rates=(float(self._rate), float(self._last_rate)),
            seed=self.seed_,
            threads=1 if self.deterministic else thread_count(self.threads),
        )

    def _walk_on(self, corpus: Corpus, state: State) -> Walk:
        self.seed_ = int(state.position["seed"])
        n, d = len(corpus.vocabulary), self._columns
        matrices = {}
        for name, kept in state.matrices.items():
            if len(kept) < n or kept.shape[1] < d:
                raise BadInput(f"The checkpoint holds {len(kept):,} words and this text {n:,}: it is another text.")
            matrices[name] = zeros(len(kept), padded(d))
            matrices[name][:, :d] = kept[:, :d]  # whatever the padding was where it was saved
        walk = self._walk(corpus, matrices)
        walk.position = Position(**state.position["walk"])
        walk.losses = list(state.position["losses"])
        walk.curve.restore(state.position.get("curve", []))
        return walk

    def _learn(self, walk: Walk, corpus: Corpus, checkpoint: Checkpoint | None, every: float) -> None:
        trim()
        total = walk.epochs * len(walk.ids)
        saved = time.monotonic()

        def tell(position: Position, words: int) -> None:
            loss = position.loss / position.pairs if position.pairs else walk.losses[-1] if walk.losses else math.nan
            done = position.epoch + position.block / walk.blocks
            figures = {"epoch": done, "loss": loss, "rate": walk.rate(position.epoch, position.block)}
            for callback in self.callbacks:
                callback(Progress("learning", words, total, "words", figures))

        def pausing(position: Position, words: int) -> bool:
            tell(position, words)
            return checkpoint is not None and time.monotonic() - saved > every

        def save() -> None:
            if checkpoint is not None:
                if corpus.is_temporary and not checkpoint.corpus.is_dir():
                    checkpoint.folder.mkdir(parents=True, exist_ok=True)
                    corpus.save(checkpoint.corpus)  # so that the text, perhaps a pipe, is not needed again
                position = {"walk": asdict(walk.position), "losses": walk.losses, "seed": self.seed_}
                position["curve"] = walk.curve.kept()
                checkpoint.save(State(self._recorded(), position, walk.model.matrices))  # with their padding: no copy

        try:
            with shown_to(self.callbacks, corpus.vocabulary, lambda count: self._vectors(walk.model, count)):
                while not walk.run(pausing):
                    save()
                    saved = time.monotonic()
            if time.monotonic() - saved > _WORTH_KEEPING:
                save()
            tell(walk.position, total)
        except KeyboardInterrupt as interruption:
            if checkpoint is None:
                raise
            save()
            share = walk.words_done / total
            raise Interrupted(f"Stopped at {share:.0%}. What was learnt is in {checkpoint.folder}.") from interruption
        self.losses_ = walk.losses
        if not np.isfinite(self.losses_[-1]):
            raise BadInput(
                f"The loss is no longer a number (learning_rate={self._rate:g}): the steps were too long. "
                "Lower learning_rate."
            )
        self._curve = walk.curve.points()
        self.embedding_ = self._made(corpus, walk.model)
