"""Processors of transformers' own, run as they are."""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.errors import BadInput
from jari.extras import require

_NAME: Final = "preprocessor_config.json"


def run_theirs(config: str, image: Any) -> npt.NDArray[np.float32]:
    processor = _processor(config)
    try:
        made = processor(images=image, return_tensors="np")
    except Exception as error:
        raise BadInput(f"the processor {json.loads(config)['image_processor_type']} cannot be run: {error}") from error
    pixels = np.asarray(made.get("pixel_values"))
    if set(made) != {"pixel_values"} or pixels.ndim != 4 or pixels.shape[:2] != (1, 3):
        raise BadInput(
            f"the processor {json.loads(config)['image_processor_type']} makes more of a picture than one picture "
            f"({', '.join(sorted(made))}); only networks that read one are encoders of images here."
        )
    return np.ascontiguousarray(np.moveaxis(pixels[0], 0, -1), dtype=np.float32)


@functools.lru_cache(maxsize=2)
def _processor(config: str) -> Any:
    """Built from JSON in a folder of its own, without code that would come with a model."""
    from jari.encoders.quiet import quiet

    transformers = require("transformers", extra="torch")
    kind = json.loads(config)["image_processor_type"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, _NAME).write_text(config, encoding="utf-8")
        try:
            with quiet():
                return transformers.AutoImageProcessor.from_pretrained(folder, backend="pil", local_files_only=True)
        except (ValueError, OSError, ImportError, TypeError, AttributeError, KeyError) as error:
            raise BadInput(
                f"image_processor_type={kind!r} is none that the installed transformers can run on Pillow. "
                "Code that comes with a model is not run."
            ) from error
