from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jari
from jari.embedding.formats import atomic
from jari.errors import BadFile, BadInput, FileIsThere, NoSuchFile, NotLearntYet
from jari.learn.neural import entity_folder
from jari.learn.neural.entity_embedder import EntityEmbedder
from jari.learn.neural.tables.file_names import file_names, is_file_name

PARTS = ("shop.jari", "note.jari")
QUICK: dict[str, Any] = {"random_state": 1, "threads": 1, "epochs": 2, "hidden": (8,), "device": "cpu"}


def table(rows: int = 120) -> dict[str, list[Any]]:
    draw = np.random.default_rng(5)
    sizes = draw.normal(size=rows).round(3)
    return {
        "shop": draw.choice(["ann's", "bob's", "cy's"], rows).tolist(),
        "size": [None if at % 9 == 0 else float(size) for at, size in enumerate(sizes)],
        "note": [" ".join(draw.choice(["warm", "cold", "new", "old"], 3)) for _ in range(rows)],
    }


def target(rows: dict[str, list[Any]]) -> list[float]:
    return [len(shop) + note.count("new") for shop, note in zip(rows["shop"], rows["note"], strict=True)]


@pytest.fixture(scope="module")
def learnt() -> EntityEmbedder:
    return EntityEmbedder(**QUICK, text=["note"]).fit(table(), target(table()))


@pytest.fixture(scope="module")
def kept(learnt: EntityEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("kept") / "sales"
    learnt.save(place)
    return place


@pytest.fixture
def sales(kept: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return Path(shutil.copytree(kept, tmp_path / "sales"))


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def about(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "table.json").read_text(encoding="utf-8")))


def edit(folder: Path, **entries: Any) -> None:
    (folder / "table.json").write_text(json.dumps(about(folder) | entries), encoding="utf-8")


def test_the_same_bits_come_out(learnt: EntityEmbedder, kept: Path) -> None:
    loaded, rows = EntityEmbedder.load(kept, verify=True), table(300)
    rows["shop"][3] = "somebody else's"
    assert np.array_equal(loaded.predict(rows), learnt.predict(rows))
    assert np.array_equal(loaded.transform(rows), learnt.transform(rows))
    assert loaded.get_feature_names_out().tolist() == learnt.get_feature_names_out().tolist()
    for name in ("seed_", "losses_", "judged_", "statistics_", "columns_", "n_features_in_"):
        assert getattr(loaded, name) == getattr(learnt, name), name
    assert loaded.feature_names_in_.tolist() == learnt.feature_names_in_.tolist() == ["shop", "size", "note"]
    assert loaded.get_params() == learnt.get_params() | {"threads": None}
    assert list(loaded.embeddings_) == list(learnt.embeddings_)
    for name, embedding in learnt.embeddings_.items():
        assert np.array_equal(loaded.embeddings_[name].vectors, embedding.vectors)
        assert loaded.embeddings_[name].metadata == embedding.metadata


def test_without_torch(learnt: EntityEmbedder, kept: Path) -> None:
    asked = (
        "import sys\n"
        "class Nowhere:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'torch': raise ImportError(name)\n"
        "sys.meta_path.insert(0, Nowhere())\n"
        "from jari.learn.neural.entity_embedder import EntityEmbedder\n"
        "model = EntityEmbedder.load(sys.argv[1])\n"
        "print(model.predict({'shop': ['cy\\'s'], 'size': [None], 'note': ['old new']})[0].hex())"
    )
    ran = subprocess.run([sys.executable, "-c", asked, str(kept)], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == learnt.predict({"shop": ["cy's"], "size": [None], "note": ["old new"]})[0].hex()


@pytest.mark.parametrize(
    "classes",
    [
        np.array(["no", "yes"]),
        np.array(["가", "나", "b"], dtype=object),
        np.array([False, True]),
        np.array([1, 5, 9], dtype=np.int16),
        np.array([0.5, 1.0]).astype(np.float32) * 2,
    ],
    ids=lambda classes: str(classes.dtype),
)
def test_classes_keep_their_type(tmp_path: Path, classes: Any) -> None:
    rows = table(60)
    task = "binary" if len(classes) == 2 else "multiclass"
    learner = EntityEmbedder(**QUICK, task=task, categorical=["shop"]).fit(rows, np.resize(classes, 60))
    learner.save(tmp_path / "it")
    loaded = EntityEmbedder.load(tmp_path / "it")
    assert loaded.classes_.dtype == learner.classes_.dtype == classes.dtype
    assert np.array_equal(loaded.predict(rows), learner.predict(rows))
    assert np.array_equal(loaded.predict_proba(rows), learner.predict_proba(rows))


def test_a_linear_model_of_an_array_without_names(tmp_path: Path) -> None:
    X = np.random.default_rng(1).normal(size=(60, 2))
    learner = EntityEmbedder(**{**QUICK, "hidden": ()}).fit(X, X[:, 0])
    learner.save(tmp_path / "it")
    loaded = EntityEmbedder.load(tmp_path / "it")
    assert np.array_equal(loaded.predict(X), learner.predict(X))
    assert not hasattr(loaded, "feature_names_in_")
    assert loaded.n_features_in_ == 2
    assert files(tmp_path / "it") == ["arrays.safetensors", "table.json"]


def test_pretrained_vectors_and_dims_by_column(tmp_path: Path) -> None:
    words = jari.Embedding(["warm", "cold", "new", "old"], np.eye(4))
    learner = EntityEmbedder(
        **QUICK, text=["note"], pretrained={"note": words}, freeze=True, dims={"shop": 3}, target_transform="log"
    )
    learner.fit(table(), target(table())).save(tmp_path / "it")
    loaded = EntityEmbedder.load(tmp_path / "it")
    assert about(tmp_path / "it")["pretrained"] == ["note"]
    assert loaded.pretrained is None
    assert loaded.dims == {"shop": 3}
    assert np.array_equal(loaded.predict(table()), learner.predict(table()))
    assert np.array_equal(loaded.embeddings_["note"].vectors, np.eye(4))


def test_it_says_what_it_holds(kept: Path) -> None:
    said = about(kept)
    assert (said["format"], said["version"], said["learner"]) == ("jari.table", 1, "EntityEmbedder")
    assert said["embeddings"] == {"shop": "shop.jari", "note": "note.jari"}
    assert [column["name"] for column in said["columns"]] == ["shop", "size", "note"]
    assert not {"callbacks", "threads", "pretrained"} & set(said["parameters"])
    assert set(jari.load(kept / "shop.jari")) == {"ann's", "bob's", "cy's", "<unknown>"}
    assert entity_folder.embedding_of(kept, "note") == kept / "note.jari"


def test_nothing_is_pickled(kept: Path) -> None:
    for name in files(kept):
        assert b"numpy.core" not in (kept / name).read_bytes()
        assert not name.endswith((".pkl", ".pickle", ".pt"))


def test_who_opens_it_as_an_embedding_is_told_of_those_in_it(kept: Path) -> None:
    with pytest.raises(BadFile, match=r"it is no \.jari\. Embeddings in it: .*note\.jari, .*shop\.jari"):
        jari.load(kept)


def test_vectors_are_mapped(kept: Path) -> None:
    vectors = EntityEmbedder.load(kept).embeddings_["shop"].vectors
    assert not vectors.flags.owndata
    assert not vectors.flags.writeable


# ── Tokenizers


def by_spaces(text: str) -> list[str]:
    return text.split(" ")


def words(text: str) -> list[str]:  # called as one of Jari's
    return text.split("!")


def test_a_tokenizer_of_the_users_own_is_given_again(tmp_path: Path) -> None:
    learner = EntityEmbedder(**QUICK, text=["note"], tokenizer=by_spaces).fit(table(), target(table()))
    learner.save(tmp_path / "it")
    with pytest.raises(BadInput, match="Column 'note' was taken apart by 'by_spaces', a function that no folder"):
        EntityEmbedder.load(tmp_path / "it")
    with pytest.raises(BadInput, match="is called 'words', and column 'note' was learnt with 'by_spaces'"):
        EntityEmbedder.load(tmp_path / "it", tokenizer=words)
    loaded = EntityEmbedder.load(tmp_path / "it", tokenizer=by_spaces)
    assert np.array_equal(loaded.predict(table()), learner.predict(table()))
    assert loaded.tokenizer is by_spaces


def test_a_function_is_not_taken_for_jaris_of_the_same_name(tmp_path: Path) -> None:
    EntityEmbedder(**QUICK, text=["note"], tokenizer=words).fit(table(), target(table())).save(tmp_path / "it")
    with pytest.raises(BadInput, match="give it as tokenizer="):
        EntityEmbedder.load(tmp_path / "it")


def test_a_function_of_jari_needs_not_be_given(tmp_path: Path) -> None:
    from jari.ingest.tokenizers import chars

    learner = EntityEmbedder(**QUICK, text=["note"], tokenizer=chars).fit(table(), target(table()))
    learner.save(tmp_path / "it")
    assert np.array_equal(EntityEmbedder.load(tmp_path / "it").predict(table()), learner.predict(table()))


# ── What cannot be kept


def test_nothing_is_learnt_yet(tmp_path: Path) -> None:
    with pytest.raises(NotLearntYet, match="not fitted yet"):
        EntityEmbedder().save(tmp_path / "it")
    assert not list(tmp_path.iterdir())


def test_a_class_of_the_users_own(tmp_path: Path) -> None:
    class Mine(EntityEmbedder):
        pass

    with pytest.raises(BadInput, match="Mine is a class of your own"):
        Mine(**QUICK).fit(table(), target(table())).save(tmp_path / "it")
    assert not list(tmp_path.iterdir())


def test_classes_that_json_cannot_hold(tmp_path: Path) -> None:
    days = np.resize(np.array(["2026-01-01", "2026-01-02"], dtype="M8[D]"), 120)
    learner = EntityEmbedder(**QUICK, task="binary", categorical=["shop"]).fit(table(), days)
    with pytest.raises(BadInput, match=r"Classes of type datetime64\[D\] cannot be kept"):
        learner.save(tmp_path / "it")


def test_a_task_that_was_set_afterwards(tmp_path: Path) -> None:
    learner = EntityEmbedder(**QUICK, categorical=["shop"]).fit(table(), target(table())).set_params(task="binary")
    with pytest.raises(BadInput, match="task='binary' was set after another task was learnt"):
        learner.save(tmp_path / "it")


def test_a_loss_that_was_lost(learnt: EntityEmbedder, kept: Path, tmp_path: Path) -> None:
    again = EntityEmbedder.load(kept)
    again.judged_ = [0.5, math.nan]
    again.save(tmp_path / "it")
    assert np.array_equal(EntityEmbedder.load(tmp_path / "it").judged_, [0.5, math.nan], equal_nan=True)


# ── Names of files


def test_odd_columns_are_kept_in_the_folder(tmp_path: Path) -> None:
    names = ["../x", "Store", "store", "STORE", "", ".", "con", "table", "arrays", "MS SubClass", "동네", "a/b", "-x"]
    draw = np.random.default_rng(0)
    rows = {name: draw.choice(["a", "b"], 60).tolist() for name in names}
    learner = EntityEmbedder(**QUICK, categorical=names).fit(rows, draw.normal(size=60))
    learner.save(tmp_path / "it")
    assert [one.name for one in tmp_path.iterdir()] == ["it"]
    mapping = about(tmp_path / "it")["embeddings"]
    assert {one.name for one in (tmp_path / "it").iterdir()} == {"table.json", "arrays.safetensors", *mapping.values()}
    assert len({file.casefold() for file in mapping.values()}) == len(names)
    for kept_name in ("Store", "table", "arrays", "MS SubClass", "동네"):
        assert mapping[kept_name] == f"{kept_name}.jari"
    assert np.array_equal(EntityEmbedder.load(tmp_path / "it").predict(rows), learner.predict(rows))
    learner.save(tmp_path / "it", force=True)


@pytest.mark.parametrize(
    "column",
    ["../x", "/etc/passwd", "a\\b", "C:x", "a\0b", "..", ".hidden", "x.", " x", "x\n", "nul", "LPT1.txt", "한" * 99],
)
def test_a_name_that_some_system_does_not_take(column: str) -> None:
    (name,) = file_names([column]).values()
    assert is_file_name(name)
    assert len(name.encode()) < 120
    assert name.removesuffix(".jari")[-9] == "~"
    assert Path("folder", name).resolve().parent == Path("folder").resolve()


def test_names_are_the_same_each_time_and_alike_in_no_case() -> None:
    names = ["straße", "STRASSE", "é", "e\u0301", "A", "a", "ａ", "a~15b639f3"]
    made = file_names(names)
    assert made == file_names(names)
    assert len({name.casefold() for name in made.values()}) == len(names)


# ── Replacing


def test_another_takes_its_place(sales: Path) -> None:
    rows = {"town": ["a", "b"] * 30, "size": np.arange(60.0) % 7}
    EntityEmbedder(**QUICK).fit(rows, rows["size"]).save(sales, force=True)
    assert set(EntityEmbedder.load(sales).embeddings_) == {"town"}
    assert sorted(one.name for one in sales.iterdir()) == ["arrays.safetensors", "table.json", "town.jari"]
    assert [each.name for each in sales.parent.iterdir()] == ["sales"]


def test_nothing_is_replaced_unasked(learnt: EntityEmbedder, sales: Path) -> None:
    with pytest.raises(FileIsThere, match="exists already"):
        learnt.save(sales)


@pytest.mark.parametrize("where", [".", *PARTS])
def test_what_is_not_ours_is_not_replaced(learnt: EntityEmbedder, sales: Path, where: str) -> None:
    (sales / where / "thesis.txt").write_text("two years of work")
    before = files(sales)
    with pytest.raises(FileIsThere, match=r"holds other things too \(thesis\.txt\): it is not replaced"):
        learnt.save(sales, force=True)
    assert files(sales) == before


@pytest.mark.parametrize("text", ["", "[]", '{"embeddings": 1}', '{"embeddings": {"x": "../notes", "y": 3}}'])
def test_a_folder_that_only_looks_like_ours_is_not_replaced(learnt: EntityEmbedder, sales: Path, text: str) -> None:
    (sales / "table.json").write_text(text)
    with pytest.raises(FileIsThere, match=r"holds other things too \(note\.jari, shop\.jari\)"):
        learnt.save(sales, force=True)


def test_indexes_of_the_vectors_before_go_with_them(learnt: EntityEmbedder, sales: Path) -> None:
    (sales / "shop.ann").mkdir()
    (sales / "shop.ann" / "ann.json").write_text("{}")
    learnt.save(sales, force=True)
    assert not (sales / "shop.ann").exists()


def test_a_full_disk_leaves_the_old_one(learnt: EntityEmbedder, sales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(sales)
    for allowed in (0, 3, 7, 9):
        left = iter(range(allowed))

        def sync(handle: int, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(atomic.os, "fsync", sync)
            with pytest.raises(OSError, match=r"No space left on device \(what was there before is untouched\)"):
                learnt.save(sales, force=True)
        assert files(sales) == before
        assert [each.name for each in sales.parent.iterdir()] == ["sales"]
    EntityEmbedder.load(sales, verify=True)


# ── Damage


def test_nothing_is_there(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"There is no .*nowhere"):
        EntityEmbedder.load(tmp_path / "nowhere")


def test_a_file_or_another_folder(sales: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadFile, match="is a file, and a model of a table that Jari has saved is a folder"):
        EntityEmbedder.load(tmp_path / "file")
    with pytest.raises(BadFile, match=r"has no table\.json: .* `jari learn-table` makes one"):
        EntityEmbedder.load(sales / "shop.jari")


def test_a_file_cut_short_or_lost(sales: Path) -> None:
    for name in files(sales):
        file = sales / name
        whole = file.read_bytes()
        named = file.name.replace(".", r"\.")
        file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(BadFile, match=named):
            EntityEmbedder.load(sales)
        file.unlink()
        with pytest.raises(BadFile, match=named):
            EntityEmbedder.load(sales)
        file.write_bytes(whole)
    EntityEmbedder.load(sales, verify=True)


def test_a_bit_that_changed(sales: Path) -> None:
    for name in files(sales):
        if name == "table.json":
            continue
        file = sales / name
        whole = file.read_bytes()
        file.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])
        with pytest.raises(BadFile, match=file.name.replace(".", r"\.")):
            EntityEmbedder.load(sales)
        file.write_bytes(whole)


@pytest.mark.parametrize("part", PARTS)
def test_a_folder_lost_or_of_another_model(sales: Path, tmp_path: Path, part: str) -> None:
    EntityEmbedder(**QUICK | {"random_state": 2}, text=["note"]).fit(table(), target(table())).save(tmp_path / "b")
    shutil.rmtree(sales / part)
    with pytest.raises(BadFile, match=f"has no folder {part}: a part of the model is lost"):
        EntityEmbedder.load(sales)
    shutil.copytree(tmp_path / "b" / part, sales / part)
    with pytest.raises(BadFile, match=r"belongs to another model"):
        EntityEmbedder.load(sales)


@pytest.mark.skipif(os.name == "nt", reason="needs links")
@pytest.mark.parametrize("name", ["table.json", "arrays.safetensors", *PARTS])
def test_a_link_out_of_the_folder(sales: Path, tmp_path: Path, name: str) -> None:
    (sales / name).rename(tmp_path / "elsewhere")
    (sales / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadFile, match=r"is a link"):
        EntityEmbedder.load(sales)


SHOP = {"kind": "categorical", "name": "shop", "dim": 3}
SIZE = {
    "kind": "numeric",
    "name": "size",
    "center": 0.0,
    "scale": 1.0,
    "edges": [],
    "has_missing": True,
    "decimal": None,
}
NOTE = {"kind": "text", "name": "note", "dim": 32, "tokenizer": "words", "own_tokenizer": False}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"version": 2}, r"is of format version 2, written by jari .* Upgrade it"),
        ({"format": "jari.embedding"}, "this is not a model of a table that Jari has saved"),
        ({"learner": "os.system"}, "learner is 'os.system'.*damaged or was edited"),
        ({"parameters": {"l2": -1}}, "l2=-1"),
        ({"parameters": {"fit": 1}}, "parameters are fit"),
        ({"parameters": {"pretrained": []}}, "parameters are pretrained"),
        ({"parameters": {"categorical": 3}}, "table.json: "),
        ({"parameters": {"hidden": "x"}}, "hidden='x'"),
        ({"parameters": {"task": "binary"}}, "does not hold what EntityEmbedder needs"),
        ({"parameters": []}, r"parameters is \[\]"),
        ({"seed": "1"}, "seed is '1'"),
        ({"losses": ["a"]}, "losses are not all numbers"),
        ({"input": {"columns": 3, "names": ["a"]}}, "input is"),
        ({"input": {"columns": -3, "names": None}}, "input is"),
        ({"embeddings": {"shop": "../shop.jari", "note": "note.jari"}}, "not names of folders within"),
        ({"embeddings": {"shop": "shop.jari", "note": "shop.jari"}}, "not names of folders within"),
        ({"embeddings": {"note": "shop.jari", "shop": "note.jari"}}, "does not hold what EntityEmbedder needs"),
        ({"embeddings": {"shop": "shop.jari"}}, "its files are not arrays.safetensors"),
        ({"files": {"../../etc/passwd": {"bytes": 1, "sha256": ""}}}, "its files are not"),
        ({"files": None}, "its files are not"),
        ({"columns": [1]}, "a column is 1"),
        ({"columns": [SHOP]}, "its embeddings are not those of its columns"),
        ({"columns": [SHOP, SIZE, SHOP, NOTE]}, "one is there twice"),
        ({"columns": [SHOP, SIZE | {"scale": 0.0}, NOTE]}, "the figures of 'size' are none"),
        ({"columns": [SHOP, SIZE | {"center": math.nan}, NOTE]}, "the figures of 'size' are none"),
        ({"columns": [SHOP, SIZE | {"edges": [1, 1]}, NOTE]}, "the figures of 'size' are none"),
        ({"columns": [SHOP, SIZE | {"edges": "x"}, NOTE]}, "does not hold what EntityEmbedder needs"),
        ({"columns": [SHOP, SIZE | {"decimal": 3}, NOTE]}, "decimal is 3"),
        ({"columns": [SHOP, SIZE, NOTE | {"tokenizer": None}]}, "the tokenizer of 'note' is None"),
        ({"columns": [SHOP | {"dim": 99}, SIZE, NOTE]}, "does not hold what EntityEmbedder needs"),
        ({"columns": [SHOP | {"kind": "weird"}, SIZE, NOTE]}, "does not hold what EntityEmbedder needs"),
        ({"network": {"hidden": [10**30], "activation": "gelu"}}, "does not hold what EntityEmbedder needs"),
        ({"network": {"hidden": [8], "activation": "eval"}}, "activation is 'eval'"),
        ({"network": {}}, "does not hold what EntityEmbedder needs"),
        ({"target": {"mean": 0.0, "scale": math.inf, "transform": None}}, "the target has no mean and scale"),
        ({"target": {"mean": 0.0, "scale": 1.0, "transform": "exp"}}, "the target's transform is 'exp'"),
        ({"target": {}}, "does not hold what EntityEmbedder needs"),
    ],
)
def test_a_table_json_that_was_edited(sales: Path, entries: dict[str, Any], said: str) -> None:
    edit(sales, **entries)
    with pytest.raises(BadFile, match=said):
        EntityEmbedder.load(sales)


@pytest.mark.parametrize(
    "said",
    [
        {"classes": ["a"], "type": "<U1"},
        {"classes": ["a", "a"], "type": "<U1"},
        {"classes": ["ab", "cd"], "type": "<U1"},
        {"classes": [1, 2], "type": "V8"},
        {"classes": [1, 2], "type": "f8,f8"},
        {"classes": [1, 2], "type": "M8[D]"},
        {"classes": [[1], [2]], "type": "object"},
        {"classes": [1, 2, 3], "type": "int64"},
    ],
)
def test_classes_that_were_edited(tmp_path: Path, said: dict[str, Any]) -> None:
    rows = table(60)
    EntityEmbedder(**QUICK, task="binary", categorical=["shop"]).fit(rows, ["a", "b"] * 30).save(tmp_path / "it")
    edit(tmp_path / "it", target=said)
    with pytest.raises(BadFile, match="does not hold what EntityEmbedder needs"):
        EntityEmbedder.load(tmp_path / "it")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": "jari.table", "version": 1}'])
def test_a_table_json_that_is_none(sales: Path, text: str) -> None:
    (sales / "table.json").write_text(text)
    with pytest.raises(BadFile, match=r"table\.json"):
        EntityEmbedder.load(sales)


def test_sealed_anew_it_still_must_fit(sales: Path, tmp_path: Path) -> None:
    """Whoever computes the checksums anew can lie; what does not fit together is found all the same."""
    EntityEmbedder(**QUICK | {"hidden": (9,)}).fit(table(), target(table())).save(tmp_path / "b")
    shutil.copy(tmp_path / "b" / "arrays.safetensors", sales)
    sealed = about(sales)["files"] | {"arrays.safetensors": about(tmp_path / "b")["files"]["arrays.safetensors"]}
    edit(sales, files=sealed)
    with pytest.raises(BadFile, match=r"arrays of shapes|not hold what"):
        EntityEmbedder.load(sales)


def test_categories_sealed_anew_without_the_unknown(sales: Path) -> None:
    shop = jari.load(sales / "shop.jari")
    jari.Embedding([f"shop {at}" for at in range(len(shop))], np.array(shop.vectors)).save(
        sales / "shop.jari", force=True
    )
    seal = (sales / "shop.jari" / "embedding.json").read_bytes()
    entry = {"bytes": len(seal), "sha256": hashlib.sha256(seal).hexdigest()}
    edit(sales, files=about(sales)["files"] | {"shop.jari/embedding.json": entry})
    with pytest.raises(BadFile, match="'shop' has no <unknown> at the end"):
        EntityEmbedder.load(sales)


def test_replaced_while_it_is_opened(learnt: EntityEmbedder, sales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader sees the old one or the new one, and never parts of both."""
    saved = 0
    before = entity_folder._learner
    other = EntityEmbedder(**QUICK | {"random_state": 2}, text=["note"]).fit(table(), target(table()))

    def meanwhile(*given: Any) -> EntityEmbedder:
        nonlocal saved
        if not saved:
            saved = 1
            other.save(sales, force=True)
        return before(*given)

    monkeypatch.setattr(entity_folder, "_learner", meanwhile)
    assert np.array_equal(EntityEmbedder.load(sales).predict(table()), other.predict(table()))
