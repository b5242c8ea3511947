"""`python -m benchmarks NAME`: what Jari is measured by."""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = {
    "ann": "approximate search: recall, rate, bytes, against the exact search",
    "choices": "how good the vectors of Word2Vec are with other parameters",
    "compression": "what compressed embeddings cost and what is lost, beside faiss",
    "counting": "how fast pairs of words are counted",
    "distillation": "what static vectors keep of a deep encoder on Cranfield, beside model2vec's",
    "equivalence": "how far word2vec's vectors are a factorisation of mutual information, with a picture",
    "explorer": "the map of a million points without a graphics card: first picture, frames, memory",
    "fasttext": "FastText against fastText and gensim, and ways of taking Korean apart",
    "glove": "GloVe: counting, ordering and an epoch, against an epoch of gensim's skip-gram",
    "hierarchical": "hierarchical softmax against gensim's",
    "image_encoders": "how fast pictures are encoded, and how well a small network tells digits and photographs apart",
    "image_folders": "folders of large photographs into a .jari: memory, cores, and the second time",
    "image_reading": "from files of pictures to pixels: rates and memory, beside transformers' loop and a DataLoader",
    "ingest": "how fast text becomes numbers, by every engine that could do it",
    "interactions": "reading who chose what: 100 M entries, and csv beside pandas",
    "korean": "Korean by morphemes: does Tokyo answer for Japan",
    "lookups": "a lookup, a one-hot product and a sparse product: time and memory",
    "lsa": "LSA against scikit-learn's pipeline",
    "onehot": "what one-hot costs and does not say, beside an embedding",
    "open_and_ask": "how long it takes to open a large embedding, and to ask it",
    "phrases": "joining phrases, against gensim's",
    "pooling": "vectors of many short texts, against a loop over gensim's KeyedVectors",
    "recommenders": "how good recommendations are on films, beside implicit's",
    "recommending": "how fast ALS, BPR and recommendations for all are, beside implicit's",
    "retrieval": "how good search is on Cranfield: BM25, LSA, pooled skip-gram, hybrids",
    "serving": "requests a second, beside a route around gensim, and memory",
    "spectral": "counting, PPMI and SVD against SciPy and scikit-learn, and the quality of what comes of it",
    "table_training": "how fast EntityEmbedder learns, beside a plain loop over PyTorch's DataLoader; and its memory",
    "tabular": "prices foretold from tables: EntityEmbedder beside ridge and boosting",
    "task_trained": "word vectors learnt by a task, by context, and by both",
    "text_encoders": "texts by a deep encoder, beside sentence-transformers",
    "tiles": "what register tiles bring over loops",
    "topk": "exact top-10 of a batch, against faiss and NumPy",
    "word2vec": "from a text file to vectors, against gensim, with quality beside speed",
}


def main() -> None:
    """Run the one that is named, with the rest of the line as its options."""
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in BENCHMARKS:
        sys.argv = [f"python -m benchmarks {name}", *sys.argv[2:]]
        importlib.import_module(f"benchmarks.{name}").main()
        return
    lines = [f"  {one:<16}{what}" for one, what in BENCHMARKS.items()]
    print("\n".join(["python -m benchmarks NAME [--help] [options]\n", *lines]))
    sys.exit(None if name in ("--help", "-h") else f"\nThere is no benchmark {name!r}.")


if __name__ == "__main__":
    main()
