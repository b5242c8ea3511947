"""What a network is told when it mistakes a class."""

from __future__ import annotations

from typing import Any, Final

from jari.extras import require

SMOOTHING: Final = 0.1
TEMPERATURE: Final = 0.05

Tensor = Any


def cross_entropy(vectors: Tensor, outputs: Tensor, biases: Tensor, labels: Tensor) -> Tensor:
    """Of the softmax over classes, with a tenth of each answer spread over all of them.

    Szegedy, Vanhoucke, Ioffe, Shlens & Wojna 2016, *Rethinking the Inception Architecture for Computer Vision*,
    section 7.
    """
    functional = require("torch.nn.functional", extra="torch")
    scores = functional.linear(vectors, outputs, biases)
    return functional.cross_entropy(scores, labels, label_smoothing=SMOOTHING)


def normalised_softmax(vectors: Tensor, proxies: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of cosines with one proxy a class, over a temperature: what is near by cosine is learnt directly.

    Zhai & Wu 2019, *Classification is a Strong Baseline for Deep Metric Learning*, equation 3, σ = 0.05.
    """
    functional = require("torch.nn.functional", extra="torch")
    cosines = functional.linear(functional.normalize(vectors), functional.normalize(proxies))
    return functional.cross_entropy(cosines / TEMPERATURE, labels)
