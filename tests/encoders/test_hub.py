"""Models by folder or by name: what is found, what is refused, and in which words."""

import errno
import json
import logging
import time
import types

import pytest

from jari.encoders import hub, hub_download
from jari.encoders.hub_files import chosen_of_all
from jari.errors import BadFile, BadInput, NoSuchFile

package = pytest.importorskip("huggingface_hub")
errors = pytest.importorskip("huggingface_hub.errors")
constants = pytest.importorskip("huggingface_hub.constants")

NAME = "someone/a-model"
FILES = {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"weights", "tokenizer.json": b"{}"}


def written(folder, files=FILES):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return folder


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty cache of the hub, and a hub that must not be asked."""
    place = tmp_path / "cache"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(place))

    def asked(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(package.HfApi, "model_info", asked)
    monkeypatch.setattr(package, "hf_hub_download", asked)
    return place


def cached(cache, files=FILES, name=NAME):
    """As huggingface_hub lays its cache out."""
    root = cache / f"models--{name.replace('/', '--')}"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text("c0ffee")
    return written(root / "snapshots" / "c0ffee", files)


@pytest.fixture
def online(cache, monkeypatch):
    """A hub that holds some files, and tells of what was downloaded."""
    downloaded = []

    def serve(files):
        def model_info(self, name, **options):
            assert options["files_metadata"]
            siblings = [types.SimpleNamespace(rfilename=one, size=len(content)) for one, content in files.items()]
            return types.SimpleNamespace(siblings=siblings)

        def download(name, filename, *, tqdm_class=None, **_):
            root = cache / f"models--{name.replace('/', '--')}"
            if filename not in files:
                written(root / ".no_exist" / "c0ffee", {filename: b""})
                written(root / "refs", {"main": b"c0ffee"})
                raise errors.EntryNotFoundError(filename)
            downloaded.append(filename)
            bar = tqdm_class(total=len(files[filename]), unit="B", desc=filename)
            with bar:
                for _ in files[filename]:
                    bar.update(1)
                bar.set_postfix_str("1 MB/s")
            folder = written(root / "snapshots" / "c0ffee", {filename: files[filename]})
            return str(folder / filename)

        monkeypatch.setattr(package.HfApi, "model_info", model_info)
        monkeypatch.setattr(package, "hf_hub_download", download)
        return downloaded

    return serve


def test_a_folder(tmp_path, cache):
    folder = written(tmp_path / "model")
    for given in (str(folder), folder):
        found = hub.find(given)
        assert (found.name, found.folder, found.cached) == (str(folder), folder, False)
    assert found.config() == {"model_type": "bert"}
    assert [one.name for one in found.weights()] == ["model.safetensors"]


def test_a_folder_from_home(tmp_path, cache, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert hub.find("~/model" if written(tmp_path / "model") else "").folder == tmp_path / "model"


def test_a_name_in_the_cache_asks_no_network(cache):
    folder = cached(cache)
    found = hub.find(NAME)
    assert (found.name, found.folder, found.cached) == (NAME, folder, True)
    assert hub.find(NAME, offline=True).folder == folder


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        ({"config.json": b"{}"}, "model.safetensors"),
        (
            {"config.json": b"{}", "model.safetensors.index.json": {"weight_map": {"a": "model-1-of-2.safetensors"}}},
            "model-1",
        ),
        (
            {
                **FILES,
                "modules.json": [
                    {"path": "", "type": "sentence_transformers.models.Transformer"},
                    {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                ],
            },
            "1_Pooling/config.json",
        ),
    ],
)
def test_half_a_model_in_the_cache(cache, files, missing):
    cached(cache, files)
    with pytest.raises(
        NoSuchFile, match=rf"is not in the cache .* whole \(it lacks {missing}.*may not be used \(offline\)"
    ):
        hub.find(NAME, offline=True)


def test_offline_by_parameter_and_by_environment(cache, monkeypatch):
    message = rf"The model '{NAME}' is not in the cache {cache}, and the network may not be used \(offline\)\. Download"
    with pytest.raises(NoSuchFile, match=message + rf" it where there is a network \(hf download {NAME}\), or give"):
        hub.find(NAME, offline=True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(NoSuchFile, match=message):
        hub.find(NAME)


def test_a_download(cache, online):
    files = {
        **FILES,
        "README.md": b"read me",
        "pytorch_model.bin": b"the same again",
        "tf_model.h5": b"and again",
        "onnx/model.onnx": b"and again",
        "onnx/config.json": b"{}",
        "1_Pooling/config.json": b"{}",
    }
    downloaded, told = online(files), []
    found = hub.find(NAME, callback=told.append)
    assert found.folder.name == "c0ffee"
    assert downloaded == ["config.json", "model.safetensors", "tokenizer.json", "1_Pooling/config.json"]
    total = sum(len(files[one]) for one in downloaded)
    assert (told[-1].stage, told[-1].done, told[-1].total, told[-1].unit) == (
        f"downloading {NAME}",
        total,
        total,
        "bytes",
    )
    assert [one.done for one in told] == sorted(one.done for one in told)


def test_what_a_download_takes():
    assert chosen_of_all(["pytorch_model.bin", "config.json", "flax_model.msgpack"]) == [
        "config.json",
        "pytorch_model.bin",
    ]
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"]
    assert chosen_of_all([*shards, "pytorch_model-00001-of-00002.bin"]) == shards
    inner = ["2_Dense/config.json", "2_Dense/pytorch_model.bin", "2_Dense/model.safetensors"]
    assert chosen_of_all(inner) == ["2_Dense/config.json", "2_Dense/model.safetensors"]


def test_whether_it_is_known_that_there_are_no_modules(cache, online, tmp_path):
    assert not hub.find(written(tmp_path / "model")).modules_unknown
    cached(cache, name="someone/another")  # as transformers puts it there
    assert hub.find("someone/another").modules_unknown
    online(FILES)
    assert not hub.find(NAME).modules_unknown
    assert not hub.find(NAME, offline=True).modules_unknown
    modules = [{"path": "", "type": "sentence_transformers.models.Transformer"}]
    cached(cache, {**FILES, "modules.json": modules}, "someone/third")
    assert not hub.find("someone/third").modules_unknown


def test_no_weights_for_pytorch(cache, online):
    online({"config.json": b"{}", "tf_model.h5": b"x"})
    with pytest.raises(NoSuchFile, match="on the hub it has no weights that PyTorch reads"):
        hub.find(NAME)


def refused(kind, status):
    response = types.SimpleNamespace(status_code=status, headers={}, request=None)
    error = kind.__new__(kind)
    Exception.__init__(error, "of many lines\nand a link")
    error.response = response
    return error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (refused(errors.GatedRepoError, 403), r"accept its licence and log in \(hf auth login\)"),
        (refused(errors.RepositoryNotFoundError, 404), "the hub has none of this name that you may read"),
        (refused(errors.HfHubHTTPError, 401), "the hub has none of this name that you may read"),
        (refused(errors.HfHubHTTPError, 429), r"the hub refuses it \(status 429\)"),
        (refused(errors.HfHubHTTPError, 503), r"the hub refuses it \(status 503\)"),
        (ConnectionError("[Errno -2] Name or service not known"), r"cannot be reached \(\[Errno -2\] Name or service"),
        (TimeoutError(), r"the hub cannot be reached \(TimeoutError\)"),
        (OSError(errno.ENOSPC, "No space left on device"), "and the disk is full"),
        (PermissionError(errno.EACCES, "denied"), r"the cache cannot be written \(set HF_HOME to another folder\)"),
        (errors.OfflineModeIsEnabled("offline"), r"cannot be reached \(offline\)"),
        (errors.LocalEntryNotFoundError("lost\nhere"), r"cannot be reached \(lost\)"),
        (ValueError("odd"), r"cannot be reached \(odd\)"),
    ],
)
@pytest.mark.parametrize("where", ["model_info", "hf_hub_download"])
def test_why_a_download_fails(cache, online, monkeypatch, error, message, where):
    online(FILES)

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(package if where == "hf_hub_download" else package.HfApi, where, fail)
    with pytest.raises(NoSuchFile, match=message) as told:
        hub.find(NAME)
    assert "\n" not in str(told.value)
    assert str(told.value).startswith(f"The model '{NAME}' is not in the cache")


def test_ctrl_c_ends_a_download(cache, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(package.HfApi, "model_info", stopped)
    with pytest.raises(KeyboardInterrupt):
        hub.find(NAME)


def test_without_a_network_it_fails_at_once(cache, monkeypatch, capfd):
    monkeypatch.undo()  # the true hub, at an address where nothing listens
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    began = time.monotonic()
    with pytest.raises(NoSuchFile, match="the hub cannot be reached"):
        hub.find(NAME)
    assert time.monotonic() - began < 10
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_is_not_there(tmp_path, cache, monkeypatch):
    written(tmp_path / "models" / "minilm")
    with pytest.raises(NoSuchFile, match=r"There is no folder '.*miniln'\. Did you mean '.*/models/minilm'\?"):
        hub.find(tmp_path / "models" / "miniln")
    with pytest.raises(NoSuchFile, match=r"There is no folder .* holds the folders minilm\. Give the folder"):
        hub.find(str(tmp_path / "models" / "zebra"))
    monkeypatch.chdir(tmp_path)
    for given in ("models/zebra", "./zebra", "a/b/c", "models/zebra/"):
        with pytest.raises(NoSuchFile, match="There is no folder"):
            hub.find(given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "model='': give a folder, or the name"),
        (None, "model=None: give a folder"),
        (b"x", "model=b'x': give a folder"),
        ("two words/x", "'two words/x' is neither a folder nor a name on the hub"),
        ("-x/y", "'-x/y' is neither"),
    ],
)
def test_what_is_no_name(cache, given, message):
    with pytest.raises(BadInput, match=message):
        hub.find(given)


def test_a_file(tmp_path, cache):
    folder = written(tmp_path / "model")
    with pytest.raises(BadInput, match=r"model\.safetensors is a file: give the folder that it is in"):
        hub.find(folder / "model.safetensors")


def test_a_folder_without_a_model(tmp_path, cache):
    with pytest.raises(NoSuchFile, match=r"holds no model: there is no config\.json in it, but nothing\."):
        hub.find(tmp_path)
    written(tmp_path, {"cat.jpg": b""})
    with pytest.raises(NoSuchFile, match=r"but cat\.jpg\."):
        hub.find(tmp_path)


def test_code_is_never_run(tmp_path, cache):
    needs = {"model_type": "mine", "auto_map": {"AutoModel": "modeling_mine.Mine"}}
    folder = written(tmp_path / "model", {"config.json": needs, "modeling_mine.py": b"raise SystemExit"})
    with pytest.raises(
        BadInput, match=r"needs code of its own \(auto_map .* model_type 'mine'\), and Jari runs no code"
    ):
        hub.find(folder)
    written(folder, {"config.json": {**needs, "model_type": "bert"}})  # transformers knows that by itself
    assert hub.find(folder).folder == folder
    written(folder, {"modules.json": [{"path": "", "type": "modeling_mine.Mine"}]})
    with pytest.raises(BadInput, match=r"needs code of its own \('modeling_mine\.Mine' in modules\.json\)"):
        hub.find(folder)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"config.json": b"{"}, r"config\.json is not JSON"),
        ({"config.json": b"[]"}, r"config\.json holds no object"),
        ({"config.json": b"{}", "modules.json": b'{"a": 1}'}, r"modules\.json holds no list of modules"),
        ({"config.json": b"{}", "modules.json": b"[1"}, r"modules\.json holds no list of modules"),
        (
            {
                "config.json": b"{}",
                "modules.json": [{"path": "../../etc", "type": "sentence_transformers.models.Dense"}],
            },
            r"leads out of the folder of the model \('\.\./\.\./etc'\)",
        ),
        (
            {"config.json": b"{}", "modules.json": [{"path": "/etc", "type": "sentence_transformers.models.Dense"}]},
            r"leads out of the folder of the model \('/etc'\)",
        ),
    ],
)
def test_damaged_files(tmp_path, cache, files, message):
    with pytest.raises(BadFile, match=message):
        hub.find(written(tmp_path / "model", files))


def test_a_checksum_knows_names_and_contents(tmp_path, cache):
    folder = written(tmp_path / "model")
    first = hub.find(folder).checksum()
    assert hub.find(folder).checksum() == first
    written(folder, {"README.md": b"more", "onnx/model.onnx": b"more"})
    assert hub.find(folder).checksum() == first
    seen = {first}
    for files in [{"tokenizer.json": b"{ }"}, {"model.safetensors": b"Weights"}, {"vocab.txt": b"a"}]:
        seen.add(hub.find(written(folder, files)).checksum())
    modules = [{"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
    seen.add(hub.find(written(folder, {"modules.json": modules})).checksum())
    seen.add(hub.find(written(folder, {"1_Pooling/config.json": b"{}"})).checksum())
    assert len(seen) == 6


def test_a_download_is_told_of_at_most_ten_times_a_second(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("jari.ingest.resources.time.monotonic", lambda: now[0])
    told = []
    counted = hub_download._Counted("downloading", 1000, told.append)
    bar = counted.bar(1000)()
    for _ in range(1000):
        now[0] += 0.001
        bar.update(1)
    assert len(told) <= 12
    assert told[-1].done == 1000


def test_logging_stays(cache):
    before = logging.getLogger("huggingface_hub").level
    with pytest.raises(NoSuchFile):
        hub.find(NAME, offline=True)
    assert logging.getLogger("huggingface_hub").level == before
