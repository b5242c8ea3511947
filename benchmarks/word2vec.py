"""From a text file to vectors, against gensim: ``python -m benchmarks word2vec``.

Both read one file of tokens, `jari learn` and gensim's ``Word2Vec(corpus_file=…)``, with the same hyperparameters, each
as a whole process that is measured from outside and ends with its vectors saved; they run by turns, so that a machine
that is busy for a while slows both. Training alone is measured beside it: gensim tells it of the same run, ours is a
run of its own on the encoded corpus. After each run the vectors are evaluated, by one program for both.

The results are written after every single run. Without --resume the chosen cases are measured anew and the others in
the file stay; with it, runs that the file holds are left out. --table writes the table into README.md.

Data: text/enwiki.txt.gz and evaluation/ in the folder that JARI_DATA names (default: ../shared/data); without them, a
little generated text and no quality.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES, FIRST_RUN, SPEED_UP, Case
from benchmarks.process import CHECKOUT, measured
from benchmarks.results import Results, Run, now
from benchmarks.table import markdown, write

RESULTS = CHECKOUT / "benchmarks" / "results" / "word2vec.json"
QUICK_RESULTS = Path(tempfile.gettempdir()) / "jari-benchmark-word2vec-quick.json"
EVALUATION_FILES = ("wordsim353.en.tsv", "simlex999.en.tsv", "google-analogies.en.txt.gz")
THREADS = 2
SAME = {"window": 5, "negative": 5, "sample": 1e-4, "min_count": 5}  # called alike on both sides
ALL, GENERATED, QUICK = 1000, 5, 3  # megabytes of text
FIRST_RUN_BYTES, WARM_UP_BYTES = 20_000_000, 1_000_000


@dataclass(slots=True)
class Bench:
    """A temporary folder with the text in it, and the results."""

    folder: Path
    results: Results
    evaluation: Path | None
    resume: bool

    @property
    def text(self) -> Path:
        return self.folder / "tokens.txt"

    def against_gensim(self, case: Case) -> None:
        """Ours, our training alone, theirs; and again."""
        parameters = {"architecture": case.architecture, "dim": case.dim, "epochs": case.epochs, **SAME}
        for repeat in range(case.repeats):
            out = self.folder / "vectors.jari"
            self._run(case, "jari", repeat, "jari", _learn_line(case, self.text, out, repeat + 1), out)
            self._fit(case, "jari-training", repeat, parameters | {"threads": THREADS})
            given = SAME | {"vector_size": case.dim, "sg": int(case.architecture == "skipgram")}
            given |= {"epochs": case.epochs, "workers": THREADS, "seed": repeat + 1}
            out = self.folder / "vectors.bin"
            line = [self.text, out, json.dumps(given)]
            self._run(case, "gensim", repeat, "benchmarks.peer_gensim", line, out)

    def first_run(self, case: Case) -> None:
        """`jari learn` with an empty cache of kernels, and with one that is filled."""
        part = _head(self.text, FIRST_RUN_BYTES)
        out = self.folder / "vectors.jari"
        for repeat in range(case.repeats):
            line = _learn_line(case, part, out, repeat + 1)
            with tempfile.TemporaryDirectory() as empty:
                fresh = {"NUMBA_CACHE_DIR": empty, "XDG_CACHE_HOME": empty}
                self._run(case, "cold", repeat, "jari", line, out, fresh, evaluate=False)
            self._run(case, "warm", repeat, "jari", line, out, evaluate=False)

    def speed_up(self, case: Case) -> None:
        """Training on an encoded corpus, with one thread and with two."""
        for repeat in range(case.repeats):
            for threads in (1, 2):
                parameters = {"architecture": case.architecture, "dim": case.dim, "epochs": case.epochs, **SAME}
                self._fit(case, f"threads-{threads}", repeat, parameters | {"threads": threads})

    def warm_up(self) -> None:
        """Compile all kernels, uncounted."""
        part, out = _head(self.text, WARM_UP_BYTES), self.folder / "vectors.jari"
        for architecture in ("skipgram", "cbow"):
            measured("jari", _learn_line(Case("", "", 1, architecture, epochs=1), part, out, 1))
            _remove(out)

    def _fit(self, case: Case, side: str, repeat: int, parameters: Mapping[str, Any]) -> None:
        corpus = self.folder / "corpus"
        if not corpus.exists():
            measured("jari", ["encode", self.text, "-o", corpus, "--tokenizer", "whitespace", "--min-count", "5", "-q"])
        line = [corpus, json.dumps({**parameters, "random_state": repeat + 1})]
        self._run(case, side, repeat, "benchmarks.peer_jari", line, None)

    def _run(
        self,
        case: Case,
        side: str,
        repeat: int,
        module: str,
        line: Sequence[object],
        out: Path | None,
        environment: Mapping[str, str] | None = None,
        evaluate: bool = True,
    ) -> None:
        if self.resume and self.results.has(case.name, side, repeat):
            return
        load = os.getloadavg()[0]
        found = measured(module, line, environment)
        quality = None
        if evaluate and out is not None and self.evaluation is not None:
            quality = json.loads(measured("benchmarks.quality", [out, self.evaluation]).output)
        if out is not None:
            _remove(out)
        told = json.loads(found.output) if found.output.startswith("{") else {}
        command = shlex.join(["python", "-m", module, *map(str, line)]).replace(f"{self.folder}{os.sep}", "")
        run = Run(
            case=case.name,
            side=side,
            repeat=repeat,
            seed=repeat + 1,
            wall=found.wall,
            cpu=found.cpu,
            peak_mb=found.peak_mb,
            training=told.get("training"),
            rates=told.get("rates"),
            quality=quality,
            load=load,
            date=now(),
            session=len(self.results.sessions) - 1,
            command=command,
        )
        self.results.add(run)
        said = {name: round(value, 4) for name, value in (quality or {}).items() if value is not None}
        trained = "" if run.training is None else f", training {run.training:.1f} s"
        print(
            f"{case.name:<14}{side:<14}{repeat}  {run.wall:.1f} s{trained}, {run.peak_mb:.0f} MB  {said or ''}",
            flush=True,
        )


def _learn_line(case: Case, text: Path, out: Path, seed: int) -> list[object]:
    options = {"method": case.architecture, "dim": case.dim, "epochs": case.epochs, "threads": THREADS, "seed": seed}
    options |= {"tokenizer": "whitespace", **SAME}
    told = [part for name, value in options.items() for part in ("--" + name.replace("_", "-"), str(value))]
    return ["learn", text, "-o", out, *told, "--quiet"]


def _head(text: Path, size: int) -> Path:
    """The first lines of a text, some `size` bytes."""
    part = text.with_name(f"tokens-{size}.txt")
    with text.open("rb") as source, part.open("wb") as stream:
        for line in source:  # one by one: this process must stay small
            if stream.tell() >= size:
                break
            stream.write(line)
    return part


def _remove(out: Path) -> None:
    if out.is_dir():
        shutil.rmtree(out)
    else:
        out.unlink()


def prepare(folder: Path, quick: bool) -> tuple[dict[str, Any], Path | None]:
    """Write tokens.txt; what it is, and where the evaluation files are, if anywhere."""
    data = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve()
    source, evaluation = data / "text" / "enwiki.txt.gz", data / "evaluation"
    given = source.exists() and all((evaluation / name).exists() for name in EVALUATION_FILES)
    if not given:
        print(f"There is no {source.name} with evaluation files in JARI_DATA: generated text, and no quality.")
        os.environ["JARI_DATA"] = str(folder / "nothing")  # for the process that makes the text
    size = QUICK if quick else ALL if given else GENERATED
    text = folder / "tokens.txt"
    counts = json.loads(measured("benchmarks.tokens", [size, text]).output.splitlines()[-1])
    with text.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    name = f"English Wikipedia ({source.name})" if given else "Generated text"
    what = {"source": name, "bytes": text.stat().st_size, **counts, "sha256": digest}
    return what, evaluation if given else None


def chosen(options: argparse.Namespace) -> list[Case]:
    """The cases that were asked for, as often as was asked for."""
    names = options.cases.split(",") if options.cases else list(CASES)
    if unknown := [name for name in names if name not in CASES]:
        sys.exit(f"There is no case {unknown[0]!r}: choose from {', '.join(CASES)}.")
    cases = [CASES[name] for name in names]
    if options.quick:
        cases = [replace(case, repeats=1) for case in cases]
    return [replace(case, repeats=options.repeats or case.repeats) for case in cases]


def main() -> None:
    """Measure, or write the table."""
    listed = "\n".join(f"  {case.name:<14}{case.title} (× {case.repeats})" for case in CASES.values())
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, epilog=f"cases:\n{listed}", formatter_class=form)
    parser.add_argument("--cases", metavar="NAME,…", help="only these; see below")
    parser.add_argument("--repeats", type=int, metavar="N", help="of each case, with seeds 1 to N")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} MB, each case once, into a temporary file")
    parser.add_argument("--resume", action="store_true", help="leave out the runs that the file holds")
    parser.add_argument("--table", action="store_true", help="measure nothing; write the table into README.md")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the results; benchmarks/results/word2vec.json")
    options = parser.parse_args()
    path = (options.out or (QUICK_RESULTS if options.quick else RESULTS)).resolve()
    if options.table:
        write(Results.read(path), CHECKOUT / "README.md")
        return
    if importlib.util.find_spec("gensim") is None:
        sys.exit('gensim is not installed: pip install -e ".[dev]"')
    cases = chosen(options)
    with tempfile.TemporaryDirectory(prefix="jari-benchmark-") as made:
        folder = Path(made)
        text, evaluation = prepare(folder, options.quick)
        bench = Bench(folder, Results.begin(path, text), evaluation, options.resume)
        bench.warm_up()
        for case in cases:
            if not options.resume:
                bench.results.drop(case.name)
            how = {FIRST_RUN.name: bench.first_run, SPEED_UP.name: bench.speed_up}.get(case.name, bench.against_gensim)
            how(case)
        print(f"\n{markdown(bench.results)}")


if __name__ == "__main__":
    main()
