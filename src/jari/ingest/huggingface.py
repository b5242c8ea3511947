"""`HuggingFace`: any ``tokenizer.json``, run by the package tokenizers (the extra of the same name)."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from jari.errors import BadFile, NoSuchFile
from jari.extras import require
from jari.types import Path as PathLike

_TEXTS_AT_ONCE = 1024


class HuggingFace:
    """Tokens as a ``tokenizer.json`` spells them: ``##ing``, ``Ġthe``.

    Special tokens are left out: those that begin and end a text are not put there, one that stands for what the
    tokenizer does not know leaves no gap behind, and what looks like one in a text (``[CLS]``) is text. Whatever
    truncation and padding the file asks for is not done.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    NoSuchFile, BadFile
        Nothing is there, or no tokenizer.
    ExtraMissing
        The package is not installed.

    Notes
    -----
    Many texts are tokenised on all cores (`many`), however many threads are asked for: the package decides that itself
    (``RAYON_NUM_THREADS``).

    Examples
    --------
    >>> pieces = HuggingFace("bert/tokenizer.json")  # doctest: +SKIP
    >>> pieces("Embeddings!")  # doctest: +SKIP
    ['em', '##bed', '##ding', '##s', '!']
    """

    __slots__ = ("path",)

    def __init__(self, path: PathLike) -> None:
        self.path = str(path)
        self._loaded()

    @property
    def __name__(self) -> str:
        """As `jari.ingest.tokenizers.tokenizer_named` knows it."""
        return self.path

    def __repr__(self) -> str:
        return f"HuggingFace({self.path!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HuggingFace) and self.path == other.path

    def __hash__(self) -> int:
        return hash((HuggingFace, self.path))

    def __call__(self, text: str) -> list[str]:
        """The tokens of one text."""
        return next(self.many([text]))

    def many(self, texts: Iterable[str], threads: int | None = None) -> Iterator[list[str]]:
        """The tokens of each text.

        Raises
        ------
        BadFile
            The tokenizer fails, for instance because it meets what it does not know and has no token for that.
        """
        tokenizer, spellings = self._loaded()
        texts = iter(texts)
        while batch := list(islice(texts, _TEXTS_AT_ONCE)):
            try:
                found = tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            except Exception as error:  # the package has no kinds of errors
                raise BadFile(f"{self.path}: this tokenizer fails: {error}") from error
            for one in found:  # without their spellings, which the fast way does not look up
                yield [spellings[i] for i in one.ids if i in spellings]

    def _loaded(self) -> tuple[Any, dict[int, str]]:
        place = Path(self.path)
        if not place.is_file():
            raise NoSuchFile(f"There is no file {self.path!r}: a tokenizer is the path of its tokenizer.json.")
        status = place.stat()
        return _load(self.path, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=4)
def _load(path: str, modified: int, size: int) -> tuple[Any, dict[int, str]]:
    """A tokenizer, and the spellings of its tokens but for the special ones."""
    tokenizers = require("tokenizers", extra="tokenizers")
    try:
        tokenizer = tokenizers.Tokenizer.from_file(path)
    except Exception as error:
        raise BadFile(
            f"{path} is not a tokenizer of the Hugging Face kind ({error}). Give a tokenizer.json, as "
            "`Tokenizer.save` of the package tokenizers writes it."
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True  # as any other text, that is
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special}
    special.add(getattr(tokenizer.model, "unk_token", None))
    return tokenizer, {i: token for token, i in tokenizer.get_vocab().items() if token not in special}
