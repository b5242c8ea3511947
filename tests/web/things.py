"""Small things to put on a shelf, whose answers are obvious; some names are odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from jari.embedding import Embedding, Vocabulary

DIM = 12
SCRIPT = "<script>document.title='run'</script>"
GROUPS: Mapping[str, Sequence[str]] = {
    "animal": ("cat", "dog", "cow", "horse", "sheep", "goat", "duck", "hen", "fox", "wolf", "bear", "mouse"),
    "food": ("bread", "cheese", "apple", "soup", "rice", "cake", "pepper", "onion", "bean", "honey", "salt", "tea"),
    "place": ("river", "hill", "valley", "sea", "forest", "island", "desert", "coast", "meadow", "cave", "lake", "bay"),
    "tool": ("hammer", "saw", "nail", "rope", "ladder", "knife", "needle", "axe", "drill", "spade", "wheel", "lever"),
}
CAPITALS = {"germany": "berlin", "france": "paris", "italy": "rome", "spain": "madrid", "japan": "tokyo"}
KOREAN_CAPITALS = {"한국": "서울", "일본": "도쿄", "중국": "베이징", "독일": "베를린", "프랑스": "파리"}
FILMS = {
    "1": "Toy Story", "2": "Aladdin", "3": "Bambi", "4": "Dumbo", "5": "Alien", "6": "Heat", "7": "Jaws", "8": "Psycho",
}  # fmt: skip
_PER_WORD = 4  # unfamiliar words around each named one, so that maps and lists have something to show


def lay_out(folder: Path) -> list[str]:
    """Make everything in a folder; what `jari serve` is given, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    words = english()
    words.save(folder / "words.jari")
    later(words).save(folder / "later.jari")
    korean().save(folder / "korean.jari")
    photos(folder).save(folder / "photos.jari")
    films(folder / "films")
    library(folder / "library", folder / "words.jari")
    return [
        str(folder / name) for name in ("words.jari", "later.jari", "korean.jari", "photos.jari", "films", "library")
    ]


def english() -> Embedding:
    """Four groups of words, countries with their capitals, and keys that a careless page would stumble over."""
    draw = np.random.default_rng(1)
    keys, rows = _countries(CAPITALS, draw)
    for number, members in enumerate(GROUPS.values()):
        for word in members:
            centre = np.eye(DIM)[4 + number] + 0.25 * draw.standard_normal(DIM)
            for copy in range(_PER_WORD + 1):
                keys.append(f"{word}{copy}" if copy else word)
                rows.append(centre + 0.12 * draw.standard_normal(DIM))
    odd = [SCRIPT, "New York", "a/b", "../up", "서울 🌍", "two\nlines", "-5", "&amp;", "x" * 90]
    keys += odd
    rows += list(draw.standard_normal((len(odd), DIM)))
    return _counted(keys, rows, {"learner": "Word2Vec"})


def korean() -> Embedding:
    """The same in Korean: 한국 - 서울 + 도쿄 is 일본."""
    draw = np.random.default_rng(2)
    keys, rows = _countries(KOREAN_CAPITALS, draw)
    for number, members in enumerate((("고양이", "강아지", "소", "말", "양"), ("밥", "국", "떡", "사과", "배추"))):
        for word in members:
            keys.append(word)
            rows.append(np.eye(DIM)[4 + number] + 0.2 * draw.standard_normal(DIM))
    return _counted(keys, rows, {"learner": "FastText"})


def later(words: Embedding) -> Embedding:
    """Another embedding of the same words: turned, a little moved, and "apple" among the tools now."""
    draw = np.random.default_rng(3)
    turn = np.linalg.qr(draw.standard_normal((DIM, DIM)))[0]
    moved = words.vectors + 0.03 * draw.standard_normal(words.shape)
    moved[words.vocabulary.row("apple")] = words["hammer"] + 0.05 * draw.standard_normal(DIM)
    keep = [row for row, key in enumerate(words.keys) if key != "New York"]
    counts = words.vocabulary.counts
    assert counts is not None
    vocabulary = Vocabulary([words.keys[row] for row in keep], counts=counts[keep])
    return Embedding(vocabulary, (moved @ turn)[keep], metadata={"learner": "GloVe"})


def photos(folder: Path) -> Embedding:
    """Twelve pictures: red ones, green ones, blue ones."""
    from PIL import Image

    (folder / "pictures").mkdir(exist_ok=True)
    keys, rows = [], []
    for number in range(12):
        colour = [40, 40, 40]
        colour[number % 3] = 120 + 10 * number
        name = f"{('red', 'green', 'blue')[number % 3]} {number}.png"
        Image.new("RGB", (48, 32), tuple(colour)).save(folder / "pictures" / name)
        keys.append(name)
        rows.append(np.array([*colour, 1.0]) / 255)
    root = str((folder / "pictures").resolve())
    about = {"learner": "ImageEncoder", "encoder": {"kind": "image-encoder"}, "root": root, "images": 12}
    return Embedding(keys, rows, metadata=about)


def films(folder: Path) -> None:
    """Some see children's films, the others thrillers."""
    from jari.ingest.interactions import Interactions
    from jari.learn.als import ImplicitALS

    pairs = [(f"ann{user}", str(film)) for user in range(8) for film in range(1, 5) if (user + film) % 4]
    pairs += [(f"bob{user}", str(film)) for user in range(8) for film in range(5, 9) if (user + film) % 4]
    users, items = zip(*pairs, strict=True)
    seen = Interactions.of({"user": list(users), "item": list(items)})
    ImplicitALS(dim=4, epochs=8, random_state=1, threads=1).fit(seen).save(folder, titles=FILMS)


def library(folder: Path, encoder: Path) -> None:
    """Documents made of the words, and one that would like to be a page."""
    from jari.search.collection import Collection

    documents = [
        (f"{group}/{number}.txt", f"About the {word}: " + " ".join(members), {"group": group, "number": number})
        for group, members in GROUPS.items()
        for number, word in enumerate(members[:4])
    ]
    documents.append(
        ("odd.html", "<img src=x onerror=alert(1)> cat and dog <b>bold</b>", {"group": "odd", "number": 0})
    )
    with Collection.create(folder, str(encoder)) as made:
        made.add(documents)


def _countries(capitals: Mapping[str, str], draw: np.random.Generator) -> tuple[list[str], list[np.ndarray]]:
    """A country is itself and being a country; its capital, itself and being a capital."""
    keys, rows = [], []
    for country, capital in capitals.items():
        itself = np.concatenate([np.zeros(8), 1.2 * draw.standard_normal(DIM - 8)])
        keys += [country, capital]
        rows += [itself + 2 * np.eye(DIM)[0], itself + 2 * np.eye(DIM)[1]]
    return keys, rows


def _counted(keys: list[str], rows: list[np.ndarray], metadata: dict[str, str]) -> Embedding:
    counts = np.maximum(10_000 // np.arange(1, len(keys) + 1), 1)
    return Embedding(Vocabulary(keys, counts=counts), np.array(rows), metadata=metadata)
