"""A model, downloaded from the Hugging Face hub into its cache; and why it could not be, in words."""

from __future__ import annotations

import contextlib
import errno
import pathlib
from typing import Any, Final

from jari.encoders.hub_files import chosen_of_all, holds_weights
from jari.extras import require
from jari.ingest.resources import Report
from jari.types import Callback

_PATIENCE: Final = 10  # seconds until a hub that does not answer is taken to be out of reach


class CannotDownload(Exception):
    """Why, as the second half of a sentence."""


def download(name: str, callback: Callback | None = None) -> pathlib.Path:
    """Download what a model is read from; the folder of its snapshot.

    Raises
    ------
    CannotDownload
        No network, no such model, no right to read it, no room, …
    """
    hub = require("huggingface_hub", extra="torch")
    try:
        # The one question that is asked once and not again and again: without a network it fails at once.
        listed = hub.HfApi().model_info(name, files_metadata=True, timeout=_PATIENCE).siblings or []
        sizes = {one.rfilename: one.size or 0 for one in listed}
        wanted = chosen_of_all(sizes)
        if not any(map(holds_weights, wanted)):
            raise CannotDownload("on the hub it has no weights that PyTorch reads")
        counted = _Counted(f"downloading {name}", sum(sizes[one] for one in wanted), callback)
        for one in wanted:
            path = hub.hf_hub_download(name, one, etag_timeout=_PATIENCE, tqdm_class=counted.bar(sizes[one]))
            counted.finish(sizes[one])
        if "modules.json" not in sizes:
            _note_absence(hub, name, "modules.json")
    except CannotDownload:
        raise
    except Exception as error:  # of many kinds, from four packages
        raise CannotDownload(_why(error)) from error
    return pathlib.Path(path).parents[wanted[-1].count("/")]


def _note_absence(hub: Any, name: str, file: str) -> None:
    """Have the cache keep in mind that there is no such file: `Model.modules_unknown` asks."""
    with contextlib.suppress(require("huggingface_hub.errors", extra="torch").EntryNotFoundError):
        hub.hf_hub_download(name, file, etag_timeout=_PATIENCE)


def _why(error: Exception) -> str:
    """A failed download, in words."""
    errors = require("huggingface_hub.errors", extra="torch")
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.GatedRepoError) or status == 403:
        return "its owner lets only those read it who accept its licence and log in (hf auth login)"
    if isinstance(error, errors.RepositoryNotFoundError) or status == 401:
        return "the hub has none of this name that you may read"
    if isinstance(error, errors.HfHubHTTPError) and status is not None:
        return f"the hub refuses it (status {status})"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "the disk is full"
    if isinstance(error, PermissionError):
        return "the cache cannot be written (set HF_HOME to another folder)"
    said = str(error).strip().partition("\n")[0]
    return f"the hub cannot be reached ({said or type(error).__name__})"


class _Counted:
    """The bytes of several files, told as one piece of work."""

    def __init__(self, stage: str, total: int, callback: Callback | None) -> None:
        self._report = Report(callback, stage, total, "bytes")
        self._total, self._before, self._told = total, 0, 0

    def bar(self, size: int) -> Any:
        """What huggingface_hub takes for a class of progress bars, of a file of this size."""
        counted = self

        class Bar:
            """Counts, and draws nothing."""

            def __init__(self, *_: Any, initial: int = 0, total: int | None = None, **__: Any) -> None:
                self.n: float = initial
                self.total = total

            def update(self, more: float | None = 1) -> None:
                self.n += more or 0
                counted.tell(min(int(self.n), size))

            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_: object) -> None:
                pass

            def __getattr__(self, name: str) -> Any:  # close, refresh, set_postfix_str, …
                return lambda *_, **__: None

        return Bar

    def finish(self, size: int) -> None:
        """A file of this size is there, downloaded now or before."""
        self._before += size
        self.tell(0)

    def tell(self, of_file: int) -> None:
        """So many bytes of the file at hand have come; two bars of one file both tell of it."""
        self._told = max(self._told, self._before + of_file)
        if self._told == self._total:
            self._report.end()
        else:
            self._report(self._told)
