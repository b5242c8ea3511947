"""A text encoder that is open: tokenizer, network, pooling and what follows, on a device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jari.devices import device_named, threads_of_torch
from jari.encoders.halving import Halving
from jari.encoders.hub import Model
from jari.encoders.precision import computing, settled
from jari.encoders.texts.batches import TextIds
from jari.encoders.texts.network import TextNetwork, open_network
from jari.encoders.texts.pooling import pooled
from jari.encoders.texts.sentence_modules import SentenceModules, Step
from jari.errors import BadInput
from jari.extras import require
from jari.ingest.resources import Report
from jari.types import Callback, Matrix, Rows

_AT_ONCE: Final = 8192  # texts that are tokenised and sorted together: of more, the ids need not all be in memory


@dataclass(frozen=True, slots=True)
class TextModel:
    """What turns texts into vectors.

    Parameters
    ----------
    model
        Where it came from.
    modules
        What its folder says of pooling and prompts.
    network
        The transformer.
    steps
        What follows the pooling.
    modes
        Of `jari.encoders.texts.pooling.MODES`.
    device
        Of PyTorch.
    precision
        Of `jari.encoders.precision`, settled.
    dim
        How many numbers a vector has.
    """

    model: Model
    modules: SentenceModules
    network: TextNetwork
    steps: tuple[Step, ...]
    modes: tuple[str, ...]
    device: Any
    precision: str
    dim: int

    @classmethod
    def open(
        cls, model: Model, modes: tuple[str, ...] | None, normalize: bool | None, device: str, precision: str
    ) -> TextModel:
        """Open the files of a model.

        Parameters
        ----------
        model
            As `jari.encoders.hub.find` found it.
        modes
            How to pool instead of as the folder says.
        normalize
            Whether vectors get the length 1, whatever the folder says.
        device, precision
            Names.

        Raises
        ------
        BadInput, BadFile, NoSuchFile
            As `open_network` and `SentenceModules`.
        """
        torch = require("torch", extra="torch")
        modules = SentenceModules.read(model)
        place = device_named(device)
        bits = settled(precision, place)
        network = open_network(model, modules.transformer, place, lower=modules.lower)
        built = modules.build(place)
        if normalize is not None:
            built = [(kind, step) for kind, step in built if kind != "Normalize"]
        steps = [step for _, step in built]
        if normalize:
            steps.append(lambda x: torch.nn.functional.normalize(x, p=2, dim=-1))
        pooling = modes or modules.modes or ("mean",)
        with torch.inference_mode():
            sample = torch.zeros((1, network.dim * len(pooling)), device=place)
            try:
                for step in steps:
                    sample = step(sample)
            except RuntimeError as error:
                raise BadInput(
                    f"pooling by {', '.join(pooling)} gives vectors that the layers of {model.name} do not fit. Leave "
                    "pooling=None."
                ) from error
        return cls(model, modules, network, tuple(steps), pooling, place, bits, int(sample.shape[1]))

    def prompt(self, asked: str | None) -> str:
        """What is put before a text: a prompt of the model by its name, or a text; the model's own for None.

        Raises
        ------
        BadInput
            What looks like a name, and is none.
        """
        known = self.modules.prompts
        if asked is None:
            return "" if self.modules.default_prompt is None else known[self.modules.default_prompt]
        if not isinstance(asked, str):
            raise BadInput(f"prompt={asked!r}: give the name of a prompt, or a text to put before each text.")
        if asked in known:
            return known[asked]
        if asked.isidentifier():
            names = f"It has: {', '.join(known)}." if known else "It has none."
            raise BadInput(
                f"{self.model.name} has no prompt that is called {asked!r}. {names} A text to put before each text "
                f"ends with a colon or a blank: {asked + ': '!r}."
            )
        return asked

    def encode(
        self, texts: Sequence[str], prompt: str, limit: int, budget: int, threads: int, callback: Callback | None
    ) -> tuple[Matrix, np.ndarray[Any, np.dtype[np.int64]]]:
        """One vector a text, (texts, d), float32; and how many tokens each text has, those of the prompt too."""
        found = np.zeros((len(texts), self.dim), np.float32)
        lengths = np.zeros(len(texts), np.int64)
        skipped = self._tokens_of(prompt) if prompt and not self.modules.include_prompt else 0
        report, done = Report(callback, "encoding", len(texts), "texts"), 0

        def tell(more: int) -> None:
            nonlocal done
            done += more
            report(done)

        for begin in range(0, len(texts), _AT_ONCE):
            here = slice(begin, begin + _AT_ONCE)
            portion = [prompt + text for text in texts[here]] if prompt else texts[here]
            ids = self.network.tokens(portion, limit)
            lengths[here] = ids.lengths
            self._run(ids, found[here], skipped, budget, threads, tell)
        if texts:
            report.end()
        return found, lengths

    def hidden(self, ids: Any, layer: int | None) -> Matrix:
        """The vectors of the tokens of one text, (tokens, d)."""
        torch = require("torch", extra="torch")
        block = torch.as_tensor(np.asarray(ids, np.int64)[None, :], device=self.device)
        size = torch.tensor([block.shape[1]], device=self.device)
        with torch.inference_mode(), computing(self.precision, self.device):
            hidden = self.network.hidden(block, size, layer)[0]
        vectors: Matrix = hidden.float().cpu().numpy()
        return vectors

    def _run(
        self, ids: TextIds, out: Matrix, skipped: int, budget: int, threads: int, tell: Callable[[int], None]
    ) -> None:
        """Encode tokenised texts, batch by batch.

        On the CPU, several batches at once with a thread each: a batch that is shared by threads waits at the end of
        every operation for the slowest.
        """
        batches = [batch[ids.lengths[batch] > 0] for batch in ids.batches(budget)]
        tell(len(ids.ids) - sum(map(len, batches)))
        batches = [batch for batch in batches if len(batch)]
        halving = Halving("texts")
        workers = min(threads, len(batches)) if self.device.type == "cpu" and len(batches) >= threads else 1

        def encoded(batch: Rows) -> int:
            for begin, end, vectors in halving.parts(lambda b, e: self._vectors(ids, batch[b:e], skipped), len(batch)):
                out[batch[begin:end]] = vectors
            return len(batch)

        with threads_of_torch(1 if workers > 1 else threads):
            _on_threads(encoded, batches, workers, tell)

    def _vectors(self, ids: TextIds, rows: Rows, skipped: int) -> Matrix:
        torch = require("torch", extra="torch")
        block, sizes = ids.padded(rows, self.network.tokens.pad)
        with torch.inference_mode():
            lengths = torch.from_numpy(sizes).to(self.device)
            with computing(self.precision, self.device):
                hidden = self.network.hidden(torch.from_numpy(block).to(self.device), lengths)
            vectors = pooled(hidden, lengths, self.modes, skipped)
            for step in self.steps:
                vectors = step(vectors)
            found: Matrix = vectors.float().cpu().numpy()
        return found

    def _tokens_of(self, prompt: str) -> int:
        """How many tokens at the beginning of a text are the prompt's, those before it too."""
        tokens = self.network.tokens
        return len(tokens.encoding(prompt).ids) - tokens.after


def _on_threads(encoded: Callable[[Rows], int], batches: list[Rows], workers: int, tell: Callable[[int], None]) -> None:
    """Run it for every batch, and stop soon where one fails or the user stops it."""
    if workers == 1:
        for batch in batches:
            tell(encoded(batch))
        return
    with ThreadPoolExecutor(workers, "jari-encode") as pool:
        running = [pool.submit(encoded, batch) for batch in batches]
        try:
            for one in as_completed(running):
                tell(one.result())
        except BaseException:
            for one in running:
                one.cancel()
            raise
