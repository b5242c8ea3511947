"""How fast text becomes numbers, one core, by every engine that could do it: `python -m benchmarks.ingest`.

The job is the whole of it: from bytes of UTF-8 to int32 ids of words ordered by frequency, those below min_count left
out. Processor time is measured, not the clock, so that other work on the machine disturbs little; each engine runs
several times, in turn with the others, and the best counts. What an engine does not do exactly is said beside it.

Data: text/enwiki.txt.gz in the folder that JARI_DATA names (default: ../shared/data); without it, generated text.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import itertools
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import jari

MIN_COUNT = 5


def by_counter(text: str, split: Callable[[str], list[str]]) -> int:
    tokens = split(text)
    counts = collections.Counter(tokens)
    kept = sorted((word for word in counts if counts[word] >= MIN_COUNT), key=lambda word: (-counts[word], word))
    row = {word: i for i, word in enumerate(kept)}
    ids = np.fromiter((row.get(token, -1) for token in tokens), np.int32, len(tokens))
    return len(ids[ids >= 0])


def python_split(text: str) -> int:
    return by_counter(text, str.split)


def python_re(text: str) -> int:
    pattern = re.compile(r"[^\W]+(?:['’][^\W\d_]+)*")
    return by_counter(text, lambda whole: pattern.findall(whole.lower()))


def by_arrow(tokens: pa.Array) -> int:
    encoded = pc.dictionary_encode(tokens)
    counts = np.bincount(encoded.indices.to_numpy(), minlength=len(encoded.dictionary))
    order = np.argsort(-counts, kind="stable")
    rows = np.full(len(counts), -1, np.int32)
    kept = order[counts[order] >= MIN_COUNT]
    rows[kept] = np.arange(len(kept), dtype=np.int32)
    ids = rows[encoded.indices.to_numpy()]
    return len(ids[ids >= 0])


def arrow_whitespace(text: str) -> int:
    lines = pa.array(text.split("\n"), pa.large_string())
    return by_arrow(pc.utf8_split_whitespace(lines).flatten())


def arrow_words(text: str) -> int:
    lines = pc.utf8_normalize(pc.utf8_lower(pa.array(text.split("\n"), pa.large_string())), form="NFC")
    return by_arrow(pc.split_pattern_regex(lines, pattern=r"[^\pL\pM\pN_'’]+").flatten())


def by_polars(text: str, pattern: str | None) -> int:
    import polars as pl

    lines = pl.Series("line", text.split("\n"))
    if pattern is None:
        tokens = lines.str.split(" ").explode()
    else:
        tokens = lines.str.to_lowercase().str.extract_all(pattern).explode()
    table = tokens.alias("word").to_frame()
    ranked = (
        table.group_by("word").len().filter(pl.col("len") >= MIN_COUNT).sort(["len", "word"], descending=[True, False])
    )
    return len(table.join(ranked.with_row_index("id"), on="word", how="inner").select(pl.col("id").cast(pl.Int32)))


def polars_split(text: str) -> int:
    return by_polars(text, None)


def polars_words(text: str) -> int:
    return by_polars(text, r"[\pL\pM\pN_]+(?:['’]\pL[\pL\pM\pN_]*)*")


def by_tokenizers(text: str, words: bool) -> int:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    lines = text.split("\n")
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unknown>"))
    if words:
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace() if words else pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordLevelTrainer(
        min_frequency=MIN_COUNT, vocab_size=1 << 30, special_tokens=["<unknown>"], show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    unknown = tokenizer.token_to_id("<unknown>")
    encoded = (tokenizer.encode_batch_fast(lines[at : at + 1000]) for at in range(0, len(lines), 1000))
    ids = np.fromiter(itertools.chain.from_iterable(one.ids for batch in encoded for one in batch), np.int32)
    return len(ids[ids != unknown])


def tokenizers_whitespace(text: str) -> int:
    return by_tokenizers(text, words=False)


def tokenizers_words(text: str) -> int:
    return by_tokenizers(text, words=True)


def by_jari(file: str, tokenizer: str) -> int:
    with jari.encode(file, tokenizer=tokenizer, min_count=MIN_COUNT, threads=1) as corpus:
        return len(corpus)


def jari_whitespace(file: str) -> int:
    return by_jari(file, "whitespace")


def jari_words(file: str) -> int:
    return by_jari(file, "words")


ENGINES: dict[str, list[tuple[str, Callable[[str], int], str]]] = {
    "whitespace": [
        ("Jari: numba, bytes", jari_whitespace, "from the file to the file"),
        ("pyarrow: utf8_split_whitespace, dictionary_encode", arrow_whitespace, "all text and tokens in memory"),
        ("polars: split, group_by, join", polars_split, "at U+0020 only; all in memory"),
        ("tokenizers (Rust): WordLevel", tokenizers_whitespace, "trains, then encodes: reads the text twice"),
        ("Python: split, Counter, dict", python_split, "the plain way"),
    ],
    "words": [
        ("Jari: numba, bytes", jari_words, "from the file to the file"),
        ("pyarrow: lower, normalize, split_pattern_regex", arrow_words, "apostrophes only roughly"),
        ("polars: lower, extract_all, group_by, join", polars_words, "no normalisation"),
        ("tokenizers (Rust): NFC, Lowercase, Whitespace", tokenizers_words, "marks of punctuation are words too"),
        ("Python: re, lower, Counter, dict", python_re, "marks part words; no normalisation"),
    ],
}


def text_file(megabytes: int, folder: Path) -> Path:
    """The first megabytes of English Wikipedia, or of text of the same kind that is made up."""
    given = Path(os.environ.get("JARI_DATA", "../shared/data")) / "text" / "enwiki.txt.gz"
    if given.exists():
        with gzip.open(given) as stream:
            raw = stream.read(megabytes * 1_000_000)
    else:
        print(f"There is no {given} (JARI_DATA): the text is generated.")
        generator = np.random.default_rng(0)
        words = np.minimum(generator.zipf(1.2, megabytes * 150_000), 10**6)
        raw = b"\n".join(b" ".join(b"w%d" % n for n in line) for line in np.array_split(words, len(words) // 70))
    file = folder / "text.txt"
    file.write_bytes(raw[: raw.rfind(b"\n") + 1])
    return file


def measure(file: Path, repeats: int) -> None:
    text = file.read_text(encoding="utf-8")
    size = file.stat().st_size / 1e6
    print(f"{size:.0f} MB of UTF-8, one core, best of {repeats} by processor time\n")
    for tokenizer, engines in ENGINES.items():
        best: dict[str, float] = {}
        for _ in range(repeats):
            for name, engine, _ in engines:
                given = str(file) if name.startswith("Jari") else text
                began = time.process_time()
                try:
                    engine(given)
                except ImportError:
                    continue
                taken = time.process_time() - began
                best[name] = min(taken, best.get(name, taken))
        print(f"| {tokenizer} | MB/s | |\n|---|--:|---|")
        for name, _, note in engines:
            if name in best:
                print(f"| {name} | {size / best[name]:.0f} | {note} |")
        print()


def measure_threads(file: Path, repeats: int) -> None:
    """By the clock, on as many threads as there are cores at most."""
    size = file.stat().st_size / 1e6
    print("| Jari, by the clock | " + " | ".join(ENGINES) + " |\n|---|--:|--:|")
    for threads in (1, 2, 4, 8):
        if threads > (os.cpu_count() or 1):
            break
        cells = []
        for tokenizer in ENGINES:
            best = float("inf")
            for _ in range(repeats):
                began = time.perf_counter()
                with jari.encode(file, tokenizer=tokenizer, min_count=MIN_COUNT, threads=threads):
                    best = min(best, time.perf_counter() - began)
            cells.append(f"{best:.2f} s, {size / best:.0f} MB/s")
        print(f"| threads: {threads} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=32, help="how much text for the comparison (default: 32)")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    # One core each: these read their limits when they first run
    os.environ.update({"POLARS_MAX_THREADS": "1", "RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"})
    pa.set_cpu_count(1)
    for tokenizer in ENGINES:
        jari.encode(["kernels are compiled once " * 9], tokenizer=tokenizer, threads=1).close()
    with tempfile.TemporaryDirectory() as folder:
        measure(text_file(options.megabytes, Path(folder)), options.repeats)
        measure_threads(text_file(1000, Path(folder)), options.repeats)


if __name__ == "__main__":
    main()
