"""The loop that teaches a network the classes of pictures; the best epoch is kept."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.diverged import diverged
from jari.encoders.images.augmentation import augmented
from jari.encoders.images.backbones import Backbone
from jari.encoders.images.head import Head
from jari.encoders.images.losses import cross_entropy, normalised_softmax
from jari.encoders.images.preprocessing import Preprocessing
from jari.encoders.precision import computing
from jari.errors import BadInput
from jari.extras import require
from jari.types import Callback, Progress

_OFTEN: Final = 0.1  # seconds between two calls of a callback
_WARM: Final = 0.1  # of all steps, in which the rate rises
_FASTER: Final = 10.0  # what is new learns at this many times the rate of what was learnt before
_LONGEST: Final = 1.0  # gradient
_FEWEST_JUDGES: Final = 20

Tensor = Any


@dataclass(frozen=True, slots=True)
class Plan:
    """How to learn; the names are those of `ImageEncoder`'s parameters."""

    loss: str
    dim: int | None
    freeze: str
    augment: str
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    validation: float
    patience: int
    precision: str


@dataclass(slots=True, eq=False)
class Tuning:
    """A network on its way.

    Parameters
    ----------
    backbone
        What learns; it is changed.
    preprocessing
        What is done to `pixels` first.
    pixels, labels
        The pictures, (n, h, w, 3), and the class of each, 0 to classes - 1.
    classes
        How many.
    plan
        How to learn.
    fresh
        Whether the network's weights are drawn by chance: then all of it learns at one rate.
    seed
        For all that is drawn here.
    callback
        Told of losses and accuracies.

    Attributes
    ----------
    losses, judged
        The mean loss of each epoch, and the share of the validation pictures that were told right after it; the second
        is empty without validation.
    best, best_epoch
        The weights of the best epoch so far, of the network, the projection and the classes; and which it was, from 1.
    """

    backbone: Backbone
    preprocessing: Preprocessing
    pixels: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]
    classes: int
    plan: Plan
    fresh: bool
    seed: int
    callback: Callback | None = None
    losses: list[float] = field(default_factory=list)
    judged: list[float] = field(default_factory=list)
    best: list[dict[str, Tensor]] | None = None
    best_epoch: int = 0
    _generator: Any = None
    _outputs: Any = None
    _told: float = -math.inf

    def run(self) -> None:
        """Learn until the last epoch, or until `patience` epochs have told no more validation pictures right.

        PyTorch's own generator, which draws what dropout leaves out, is seeded from `seed` within, and as before
        afterwards.

        Raises
        ------
        BadInput
            The loss is no number any more, or memory is short. `best` is what was learnt before.
        """
        torch = require("torch", extra="torch")
        device = self.backbone.device
        self._generator = torch.Generator().manual_seed(self.seed)
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []), torch.enable_grad():
            torch.manual_seed(self.seed)
            try:
                self._run(torch)
            except torch.OutOfMemoryError as error:
                raise BadInput(
                    f"The device has too little memory to learn from batches of {self.plan.batch_size} pictures. Lower "
                    "batch_size or image_size, or give freeze='backbone'."
                ) from error

    def head(self, classes: npt.NDArray[Any]) -> Head:
        """What was learnt behind the network, at the best epoch; the network's weights are put back to it too."""
        assert self.best is not None
        for module, state in zip(self._modules(), self.best, strict=True):
            module.load_state_dict(state)
        self.backbone.model.eval().requires_grad_(False)
        self.backbone.changed()
        outputs, projection = self._outputs, self.backbone.projection
        layers = None if projection is None else (_array(projection.weight), _array(projection.bias))
        biases = None if outputs.bias is None else _array(outputs.bias)
        return Head(classes, _array(outputs.weight), biases, layers)

    def _run(self, torch: Any) -> None:
        plan, backbone = self.plan, self.backbone
        side = self.pixels.shape[1:3]
        dim = backbone.dim(*side)
        backbone.changed()
        backbone.projection = None if plan.dim is None else torch.nn.Linear(dim, plan.dim).to(backbone.device)
        metric = plan.loss == "metric"
        self._outputs = torch.nn.Linear(plan.dim or dim, self.classes, bias=not metric).to(backbone.device)
        backbone.model.requires_grad_(plan.freeze == "none")
        learners, judges = parted(self.labels, plan.validation, np.random.default_rng(self.seed))
        batches = -(-len(learners) // plan.batch_size)
        optimizer, schedule = self._optimizer(torch, plan.epochs * batches)
        for epoch in range(plan.epochs):
            self.losses.append(self._epoch(torch, epoch, learners, batches, optimizer, schedule))
            if len(judges):
                self.judged.append(self._judge(torch, judges))
            best = max(self.judged[:-1], default=-1.0)
            if not len(judges) or self.judged[-1] >= best:  # as many right, later: learnt for longer
                self.best_epoch = epoch + 1
                self.best = [
                    {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}
                    for module in self._modules()
                ]
            elif epoch + 1 - self.best_epoch >= plan.patience:
                break
        self._tell(len(self.losses) * len(learners), len(self.losses) * len(learners), self.losses[-1])

    def _epoch(
        self, torch: Any, epoch: int, learners: npt.NDArray[np.int64], batches: int, optimizer: Any, schedule: Any
    ) -> float:
        backbone, plan = self.backbone, self.plan
        frozen = plan.freeze == "backbone"
        backbone.model.train(not frozen)
        order = learners[torch.randperm(len(learners), generator=self._generator).numpy()]
        total, done = 0.0, 0
        for rows in np.array_split(order, batches):  # as even as can be: a normalisation cannot learn from one picture
            pixels = augmented(self._normalised(torch, rows), plan.augment, self._generator).to(backbone.device)
            labels = torch.from_numpy(self.labels[rows]).to(backbone.device)
            with computing(plan.precision, backbone.device):
                with torch.set_grad_enabled(not frozen):
                    vectors = backbone.features(pixels)
                vectors = vectors if backbone.projection is None else backbone.projection(vectors)
                loss = self._loss(vectors, labels)
            here = loss.item()
            if not math.isfinite(here):
                raise self._lost(f"The loss is {here:g} in epoch {epoch}")
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for g in optimizer.param_groups for p in g["params"]], _LONGEST)
            optimizer.step()
            schedule.step()
            total, done = total + here * len(rows), done + len(rows)
            if time.monotonic() - self._told >= _OFTEN:
                self._tell(epoch * len(order) + done, plan.epochs * len(order), total / done)
        return total / done

    def _judge(self, torch: Any, judges: npt.NDArray[np.int64]) -> float:
        backbone = self.backbone
        backbone.model.eval()
        right = 0
        with torch.no_grad(), computing(self.plan.precision, backbone.device):
            for begin in range(0, len(judges), self.plan.batch_size):
                rows = judges[begin : begin + self.plan.batch_size]
                vectors = backbone.features(self._normalised(torch, rows).to(backbone.device))
                vectors = vectors if backbone.projection is None else backbone.projection(vectors)
                if not torch.isfinite(vectors).all():
                    raise self._lost("A vector is no finite number")
                found = self._scores(torch, vectors).argmax(1).cpu().numpy()
                right += int((found == self.labels[rows]).sum())
        return right / len(judges)

    def _normalised(self, torch: Any, rows: npt.NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(self.preprocessing.normalised(self.pixels[rows])).contiguous()

    def _loss(self, vectors: Tensor, labels: Tensor) -> Tensor:
        if self.plan.loss == "metric":
            return normalised_softmax(vectors, self._outputs.weight, labels)
        return cross_entropy(vectors, self._outputs.weight, self._outputs.bias, labels)

    def _scores(self, torch: Any, vectors: Tensor) -> Tensor:
        if self.plan.loss == "metric":
            return vectors @ torch.nn.functional.normalize(self._outputs.weight).T
        return self._outputs(vectors)

    def _modules(self) -> list[Any]:
        return [one for one in (self.backbone.model, self.backbone.projection, self._outputs) if one is not None]

    def _optimizer(self, torch: Any, steps: int) -> tuple[Any, Any]:
        """AdamW; the rate rises for a tenth of the steps and falls along a cosine."""
        plan, groups = self.plan, []
        for place, module in enumerate(self._modules()):
            rate = plan.learning_rate * (1.0 if self.fresh or place == 0 else _FASTER)
            learning = [one for one in module.parameters() if one.requires_grad]
            for decayed in (True, False):  # Biases and normalisations are not drawn towards 0.
                chosen = [one for one in learning if (one.ndim > 1) is decayed]
                if chosen:
                    groups.append({"params": chosen, "lr": rate, "weight_decay": plan.weight_decay if decayed else 0.0})
        warm = max(1, round(_WARM * steps))

        def share(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))

        optimizer = torch.optim.AdamW(groups)
        return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, share)

    def _lost(self, what: str) -> BadInput:
        return diverged(what, learning_rate=self.plan.learning_rate, kept=self.best is not None)

    def _tell(self, done: int, total: int, loss: float) -> None:
        self._told = time.monotonic()
        figures = {"loss": loss, "epoch": len(self.losses)}
        if self.judged:
            figures["accuracy"] = self.judged[-1]
        if self.callback is not None:
            self.callback(Progress("learning", done, total, "pictures", figures))


def parted(
    labels: npt.NDArray[np.int64], share: float, generator: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows to learn from and rows to judge by, the same share of each class, and half of none of them.

    Fewer than 20 to judge by could not tell one epoch from another: then all are learnt from.

    Examples
    --------
    >>> learners, judges = parted(np.repeat([0, 1], 100), 0.1, np.random.default_rng(1))
    >>> len(learners), len(judges)
    (180, 20)
    """
    judging = []
    for label in np.unique(labels):
        rows = generator.permutation(np.flatnonzero(labels == label))
        judging.append(rows[: min(round(share * len(rows)), len(rows) // 2)])
    judges = np.sort(np.concatenate(judging))
    if len(judges) < _FEWEST_JUDGES:
        judges = judges[:0]
    return np.setdiff1d(np.arange(len(labels)), judges), judges


def _array(tensor: Any) -> npt.NDArray[np.float32]:
    return np.array(tensor.detach().float().cpu().numpy(), np.float32)
