"""`ImageEncoder`: pictures become vectors."""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import closing
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from jari import parameters
from jari.devices import device_named
from jari.embedding import Embedding
from jari.encoders.images import inputs as image_inputs
from jari.encoders.images.batches import told, vectors, whole
from jari.encoders.images.decoding import Decoded, decode
from jari.encoders.images.files import listed
from jari.encoders.images.fitting import Fitting, is_small
from jari.encoders.images.head import Head
from jari.encoders.images.labels import Labelled, some
from jari.encoders.images.model import ImageModel, open_model
from jari.encoders.images.opening import MAX_PIXELS
from jari.encoders.images.parameters import check
from jari.encoders.images.preprocessing import Preprocessing
from jari.encoders.precision import Precision, settled
from jari.errors import BadFile, BadInput, NoSuchFile, NotLearntYet
from jari.estimator import Estimator
from jari.types import Callback, Matrix, Path


class ImageEncoder(Estimator):
    """A network that makes a vector of a picture: one that others have trained, or one trained on the user's own.

    The vector is what the network's classifier would read: of a ResNet-50 2,048 numbers, the mean over the picture of
    its last layer. Of a CLIP it is the projected picture (``image_embeds``), of any other model its ``pooler_output``;
    where its pooler was never trained, as in a ViT that was saved as a classifier, the class token; and where it has
    neither, the mean over patches. Needs PyTorch, transformers and Pillow, from the extra ``torch``.

    Parameters
    ----------
    model
        A folder that transformers or `save` has written, or a name on the Hugging Face hub: any ResNet, ConvNeXt, ViT,
        DINOv2, CLIP, SigLIP or other model of pictures that transformers knows. ``"small"`` is a small residual network
        that knows nothing before `fit`.
    weights
        A file of torchvision, such as ``resnet50-0676ba61.pth``. It says itself which ResNet it is of; `model` is not
        looked for then.
    batch_size
        Pictures that go through the network at once.
    device
        ``"auto"`` is the GPU where there is one; else as PyTorch names them: ``"cpu"``, ``"cuda:1"``.
    precision
        ``"float32"``, ``"bfloat16"`` or ``"float16"``; ``"auto"`` is float32 on the CPU and bfloat16 on a GPU. Vectors
        come out as float32.
    threads
        Of PyTorch; None uses every core. The same pictures in the same batches give the same bits on the CPU.
    workers
        Processes that decode files; None for one a core, 0 for none.
    max_pixels
        Larger pictures are not read.
    fast
        Decode large JPEGs at a half, a quarter or an eighth of their size: faster, and not quite the same vectors.
    offline
        Whether a model that is not on this machine is an error rather than fetched.
    loss
        What `fit` learns by. ``"cross-entropy"`` tells classes apart; ``"metric"`` does so by cosine, against one proxy
        a class (Zhai & Wu 2019).
    dim
        Numbers in a vector after `fit`, by a linear layer behind the network; None for the network's own.
    image_size
        The side of the squares that `fit` makes of pictures; None for the model's own, and 32 for ``"small"``.
    freeze
        ``"backbone"`` leaves the network as it is and learns what is behind it, the projection and the classes;
        ``"none"`` learns all.
    augment
        How pictures differ from epoch to epoch: ``"flip"`` moves, turns and zooms them a little and mirrors half of
        them; ``"shift"`` does not mirror, for letters and digits; ``"none"`` shows them as they are.
    epochs
        Times that every picture is seen, at most.
    learning_rate
        The step of AdamW; None for 0.002 with ``"small"`` and 0.0001 otherwise. What is put behind a network that was
        trained before learns ten times as fast.
    weight_decay
        How much weights are drawn towards 0, as AdamW does it.
    validation
        The share of each class that is not learnt from: the epoch that tells most of them right is kept. Where that
        makes fewer than 20 pictures, the last epoch is kept, and all are learnt from.
    patience
        Epochs without a better one after which learning ends.
    random_state
        A seed, or None for another one each time. The same seed gives the same bits on the CPU with ``threads=1``.

    Attributes
    ----------
    losses_ : list of float
        One an epoch of `fit`.
    accuracies_ : list of float
        The share of the validation pictures that each epoch told right; empty without validation.
    best_epoch_ : int
        The epoch that is kept, counted from 1.
    unreadable_ : list of str
        The pictures that `fit` left out, and why.

    Notes
    -----
    He, Zhang, Ren & Sun 2016, *Deep Residual Learning for Image Recognition*. Donahue et al. 2014, *DeCAF: A Deep
    Convolutional Activation Feature for Generic Visual Recognition*: what a classifier's last layer reads serves other
    tasks too.

    Examples
    --------
    >>> encoder = ImageEncoder("microsoft/resnet-50")
    >>> encoder.embed("photos").similar("beach/one.jpg", k=2).keys  # doctest: +SKIP
    ('beach/two.jpg', 'harbour/one.jpg')
    """

    losses_: list[float]
    accuracies_: list[float]
    best_epoch_: int
    unreadable_: list[str]

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
        augment: Literal["flip", "shift", "none"] = "flip",
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

    def check(self) -> None:
        """Look at every parameter, as everything does before it begins."""
        check(self)

    @classmethod
    def described(cls, description: Mapping[str, Any], **given: Any) -> ImageEncoder:
        """The encoder that `describe` described.

        Parameters
        ----------
        description
            What it answered.
        given
            Parameters that do not change vectors: ``device``, ``threads``, ``offline``, …

        Raises
        ------
        NoSuchFile
            What it was made from is saved nowhere, or not there any more.
        BadFile
            It is another one now.
        """
        place = description.get("path")
        if place is None:
            raise NoSuchFile("The network that made these vectors was never saved: call ImageEncoder.save first.")
        same = {name: description[name] for name in ("precision", "fast") if name in description}
        where = {"weights": place} if description.get("weights") else {"model": place}
        encoder = cls(**where, **{**same, **given})
        if encoder._model().checksum() != description.get("checksum"):
            raise BadFile(
                f"{place} is not the network that made these vectors: its files are others now. Embed the pictures "
                "again, or put the files back."
            )
        return encoder

    def describe(self) -> dict[str, Any]:
        """What is to be kept with vectors: where the network is, its checksum, and parameters that change vectors."""
        model = self._model()
        return {
            "kind": "image-encoder",
            "path": model.path,
            "weights": isinstance(model.source, pathlib.Path),
            "checksum": model.checksum(),
            "precision": settled(self.precision, device_named(self.device)),
            "fast": self.fast,
        }

    @property
    def dim_(self) -> int:
        """Numbers in a vector."""
        return self._model().dim

    @property
    def preprocessing_(self) -> Preprocessing:
        """What is done to a picture before the network looks at it."""
        return self._model().preprocessing

    @property
    def classes_(self) -> npt.NDArray[Any]:
        """What `fit` learnt to tell apart, sorted."""
        return self._head().classes

    def encode(self, images: Iterable[Any], *, callback: Callback | None = None) -> Matrix:
        """A vector for each picture, shape (n, d), float32.

        Parameters
        ----------
        images
            Paths, pictures of Pillow, or arrays: (h, w) or (h, w, 3), uint8, or real numbers from 0 to 1.
        callback
            Told how many are done.

        Raises
        ------
        BadFile, NoSuchFile
            A file cannot be read, or is not there.
        BadInput
            Something is no picture.
        """
        model = self._model(callback)
        total = len(images) if isinstance(images, Sized) else None
        decoded = self._decoded(images, model.preprocessing)
        found = [np.empty((0, model.dim), np.float32)]
        with closing(decoded):
            for batch, matrix in told(self.vectors(whole(decoded)), total, callback):
                del batch
                found.append(matrix)
        return np.concatenate(found)

    def transform(self, X: Iterable[Any]) -> Any:
        """`encode`, for pipelines of scikit-learn."""
        return self._output(self.encode(X), self.get_feature_names_out())

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """``imageencoder0``, ``imageencoder1``, …: the encoder's name and the column."""
        return np.array([f"imageencoder{i}" for i in range(self.dim_)], dtype=object)

    def vectors(self, decoded: Iterable[Decoded]) -> Iterator[tuple[list[Decoded], Matrix]]:
        """Batches in order: files, and the vectors of those of them that have pixels.

        A batch is `batch_size` files with pixels that follow each other, with the unchanged and unreadable ones between
        them: the same pictures are in the same batches whatever else is passed over. Where there is nothing but those,
        they are passed on without vectors from time to time.

        Parameters
        ----------
        decoded
            As `jari.encoders.images.decoding.decode` gives them, for `preprocessing_`.
        """
        return vectors(
            self._model(), decoded, batch_size=self.batch_size, threads=self.threads, precision=self.precision
        )

    def embed(
        self, sources: Path | Sequence[Path], *, strict: bool = False, callback: Callback | None = None
    ) -> Embedding:
        """The pictures in folders, each by its path below them. For many, `embed_images` writes a file as it goes.

        Parameters
        ----------
        sources
            Files, folders, globs.
        strict
            Stop at a file that cannot be read, rather than leave it out, warn, and list it in the metadata.
        callback
            Told how many are done.

        Raises
        ------
        NoSuchFile
            Nothing is at a path.
        BadFile
            With `strict`, a file that cannot be read.
        BadInput
            There are no pictures that can be read.
        """
        model = self._model(callback)
        files = listed(sources).files
        if not files:
            raise BadInput(f"There are no pictures in {sources}.")
        keys: list[str] = []
        skipped: list[dict[str, str]] = []
        found: list[Matrix] = []
        decoding = decode(files, model.preprocessing, workers=self.workers, max_pixels=self.max_pixels, fast=self.fast)
        with closing(decoding):
            decoded = whole(decoding) if strict else decoding
            for batch, matrix in told(self.vectors(decoded), len(files), callback):
                keys += [one.file.key for one in batch if one.pixels is not None]
                skipped += [{"path": one.file.path, "reason": one.reason} for one in batch if one.reason is not None]
                found.append(matrix)
        said = [f"{one['path']}: {one['reason']}" for one in skipped]
        if not keys:
            raise BadInput(f"None of the {len(files):,} pictures can be read: {some(said)}.")
        if said:
            warnings.warn(
                f"{len(said):,} of {len(files):,} pictures cannot be read and are left out: {some(said)}.",
                UserWarning,
                stacklevel=2,
            )
        about = {"learner": "ImageEncoder", "encoder": self.describe(), "skipped": skipped}
        return Embedding(keys, np.concatenate(found), metadata=about)

    def fit(self, X: Any, y: Any = None, *, callback: Callback | None = None) -> Self:
        """Learn classes of pictures, forgetting what was learnt before; then the network encodes as it has learnt to.

        Parameters
        ----------
        X
            A folder with a folder for each class; or paths, pictures or arrays, as `encode` takes them.
        y
            A label for each of `X`, where it is no folder.
        callback
            Told of losses and accuracies.

        Raises
        ------
        BadInput
            Fewer than two classes, or one with a single picture; a loss that is no number any more, for which the
            learning rate is too high. The best epoch before is kept then, and where Ctrl-C ends it.

        Notes
        -----
        Pictures that cannot be read are left out, with a warning. AdamW (Loshchilov & Hutter 2019), whose rate rises
        over a tenth of the steps and falls along a cosine.
        """
        self.check()
        data = Labelled.of(X, y)
        fitting = Fitting(self, data, parameters.seed_of(self.random_state), callback)
        try:
            fitting.run()
        finally:  # also where it ended early: what was learnt until then is kept
            if (learnt := fitting.learnt()) is not None:
                self._learnt_model = learnt
                self.losses_, self.accuracies_ = fitting.tuning.losses, fitting.tuning.judged
                self.best_epoch_, self.unreadable_ = fitting.tuning.best_epoch, fitting.unreadable
        return self

    def predict(self, images: Iterable[Any]) -> npt.NDArray[Any]:
        """The class that each picture looks most like, of those that `fit` learnt."""
        head = self._head()
        found: npt.NDArray[Any] = head.classes[head.scores(self.encode(images)).argmax(1)]
        return found

    def score(self, X: Any, y: Any = None) -> float:
        """The share of pictures whose class `predict` tells; of what `fit` takes.

        Raises
        ------
        BadInput
            None of the labels is a class that was learnt: folders are classes by name, and 4 is not ``"4"``.
        """
        data = Labelled.of(X, y)
        classes = self.classes_.tolist()
        labels = data.labels.tolist()
        if not set(labels) & set(classes):
            raise BadInput(
                f"No label is a class that was learnt: {labels[0]!r} is none of {', '.join(map(repr, classes[:5]))}"
                f"{', …' if len(classes) > 5 else ''}. Give labels as fit had them."
            )
        return float(
            np.mean([told == label for told, label in zip(self.predict(data.images).tolist(), labels, strict=True)])
        )

    def save(self, folder: Path, *, force: bool = False) -> None:
        """Write a folder that ``ImageEncoder(folder)`` and transformers read: all of it or nothing.

        Of a network that was fine-tuned with a projection, transformers reads what is before it.

        Raises
        ------
        FileIsThere
            Something is there and `force` is not given.
        """
        self._model().write(folder, force=force)

    def _model(self, callback: Callback | None = None) -> ImageModel:
        """What encodes: what `fit` has learnt, else the model that is named, opened once."""
        self.check()
        if (learnt := self.__dict__.get("_learnt_model")) is not None:
            return learnt  # type: ignore[no-any-return]
        if is_small(self):
            raise NotLearntYet("The small network knows nothing yet. Call fit first, or name another model.")
        named = (self.model, self.weights, self.device, self.offline)
        if self.__dict__.get("_opened", (None,))[0] != named:
            found = open_model(
                self.model, self.weights, device=device_named(self.device), offline=self.offline, callback=callback
            )
            self._opened = named, found
        return self._opened[1]

    def _head(self) -> Head:
        head = self._model().head
        if head is None:
            raise NotLearntYet(f"{self.model} has learnt no classes. Call fit first.")
        return head

    def _decoded(self, images: Iterable[Any], preprocessing: Preprocessing) -> Generator[Decoded, None, None]:
        return image_inputs.decoded(
            images, preprocessing, workers=self.workers, max_pixels=self.max_pixels, fast=self.fast
        )
