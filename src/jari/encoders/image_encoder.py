"""`ImageEncoder`: pictures become vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Self

from jari.embedding import Embedding
from jari.encoders.decoding import Decoded
from jari.encoders.opening import MAX_PIXELS
from jari.encoders.precision import Precision
from jari.encoders.preprocessing import Preprocessing
from jari.estimator import Estimator
from jari.types import Callback, Matrix, Path


class ImageEncoder(Estimator):
    """Skeleton; see /work/tmp/RULES7.md."""

    def __init__(
        self,
        model: Path = "microsoft/resnet-50",
        *,
        weights: Path | None = None,
        batch_size: int = 32,
        device: str = "auto",
        precision: Precision = "auto",
        threads: int | None = None,
        workers: int | None = None,
        max_pixels: int = MAX_PIXELS,
        fast: bool = False,
        offline: bool = False,
        loss: Literal["cross-entropy", "metric"] = "cross-entropy",
        dim: int | None = None,
        image_size: int | None = None,
        freeze: Literal["none", "backbone"] = "none",
        augment: Literal["auto", "none", "shift", "shift+flip"] = "auto",
        epochs: int = 30,
        learning_rate: float | None = None,
        weight_decay: float = 0.05,
        validation: float = 0.1,
        patience: int = 10,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.weights = weights
        self.batch_size = batch_size
        self.device = device
        self.precision = precision
        self.threads = threads
        self.workers = workers
        self.max_pixels = max_pixels
        self.fast = fast
        self.offline = offline
        self.loss = loss
        self.dim = dim
        self.image_size = image_size
        self.freeze = freeze
        self.augment = augment
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.validation = validation
        self.patience = patience
        self.random_state = random_state

    @classmethod
    def described(cls, description: Mapping[str, Any], **parameters: Any) -> ImageEncoder:
        """The encoder that `describe` described."""
        raise NotImplementedError

    @property
    def dim_(self) -> int:
        """Numbers in a vector. Loads the model."""
        raise NotImplementedError

    @property
    def preprocessing_(self) -> Preprocessing:
        """What is done to a picture before the network looks at it."""
        raise NotImplementedError

    def encode(self, images: Iterable[Any], *, callback: Callback | None = None) -> Matrix:
        """A vector for each picture, shape (n, dim)."""
        raise NotImplementedError

    def vectors(self, decoded: Iterable[Decoded]) -> Iterator[tuple[list[Decoded], Matrix]]:
        """Batches in order: files, and the vectors of those that have pixels."""
        raise NotImplementedError
        yield

    def embed(
        self, sources: Path | Sequence[Path], *, strict: bool = False, callback: Callback | None = None
    ) -> Embedding:
        """The pictures in folders, by their paths."""
        raise NotImplementedError

    def describe(self) -> dict[str, Any]:
        """What a collection keeps to find this encoder again."""
        raise NotImplementedError

    def fit(self, X: Any, y: Any = None, *, callback: Callback | None = None) -> Self:
        """Fine-tune on a folder with a folder for each class, or on pictures `X` with labels `y`."""
        raise NotImplementedError

    def save(self, folder: Path, *, force: bool = False) -> None:
        """Write a folder that transformers and ``ImageEncoder(folder)`` read."""
        raise NotImplementedError
