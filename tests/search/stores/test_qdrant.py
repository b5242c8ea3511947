from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from contracts.store import DIM, StoreContract, meets, record, unit
from jari.errors import BadInput, ServerDown
from jari.search.stores import qdrant_points
from jari.search.stores.qdrant import QdrantStore
from jari.search.stores.qdrant_connection import parse
from search.stores.servers import new_name

ABOUT = {"dim": DIM, "fields": {"year": "number", "lang": "text"}}


@pytest.fixture
def place() -> str:
    pytest.importorskip("qdrant_client")
    return f"qdrant+local::memory:?collection={new_name()}"


@pytest.fixture
def store(place) -> Iterator[QdrantStore]:
    with closing(QdrantStore(place)) as one:
        one.describe(ABOUT)
        yield one


class TestQdrantStore(StoreContract):
    one_process = "Qdrant without a server lives in the memory of one process"
    exact_bm25 = "the mean length is that of the first write"

    @pytest.fixture
    def place(self, place) -> str:
        return place


# ── the address


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        ("qdrant://localhost", ("http://localhost:6333", "jari")),
        ("qdrant://localhost:1/a.b", ("http://localhost:1", "a.b")),
        ("qdrants://[::1]/위키/", ("https://[::1]:6333", "위키")),
        ("qdrant+local::memory:", (None, "jari")),
    ],
)
def test_an_address(url, parsed):
    assert parse(url) == parsed


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("qdrant://", "cannot be read. It must be like qdrant://localhost:6333/name"),
        ("qdrant://host:port/x", "cannot be read"),
        ("qdrant://host/x?api_key=secret", "cannot be read"),
        ("http://host/x", "cannot be read"),
        ("qdrant://secret@host/x", "give the key in the variable QDRANT_API_KEY"),
        ("qdrant://host/a/b", r"cannot be named 'a/b' in Qdrant"),
        ("qdrant://host/" + "x" * 201, "give 1 to 200 characters"),
        ("qdrant+local:library/", r"keeps pickles in its folder.*Give qdrant\+local::memory: to try things"),
        ("qdrant+local::memory:?key=x", "keeps pickles"),
    ],
)
def test_an_address_that_cannot_be_used(url, match):
    with pytest.raises(BadInput, match=match) as raised:
        QdrantStore(url)
    assert "secret" not in str(raised.value)


# ── the server


class Answers(BaseHTTPRequestHandler):
    """A server that answers what `answers` holds, one after the other, the last for ever."""

    def do_GET(self) -> None:
        self.server.keys.append(self.headers.get("api-key"))
        code, body = self.server.answers[0]
        if len(self.server.answers) > 1:
            self.server.answers.pop(0)
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        if code == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments) -> None:
        pass


NOTHING = (200, {"result": {"collections": []}, "status": "ok", "time": 0.0})


@pytest.fixture
def server(monkeypatch):
    pytest.importorskip("qdrant_client")
    monkeypatch.delenv("QDRANT_API_KEY", raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as one:
        one.answers, one.keys = [NOTHING], []
        one.url = f"qdrant://127.0.0.1:{one.server_port}/wiki"
        thread = threading.Thread(target=one.serve_forever, args=(0.01,))
        thread.start()
        yield one
        one.shutdown()
        thread.join()


def test_a_server_that_is_down(server):
    server.server_close()
    with pytest.raises(ServerDown) as raised:
        QdrantStore(server.url, wait=0.1)
    said = str(raised.value)
    assert said.startswith(f"Qdrant at 127.0.0.1:{server.server_port} does not answer (")
    assert said.endswith("refused): start it, or check the address.")


def test_a_server_that_starts_is_waited_for(server):
    server.answers[:0] = [(503, {}), (429, {})]
    with closing(QdrantStore(server.url, wait=10)) as store:
        assert store.about() is None
        server.answers[:0] = [(502, {})]
        assert store.about() is None


def test_a_key_is_sent_and_not_shown(server, monkeypatch):
    monkeypatch.setenv("QDRANT_API_KEY", "secret")
    server.answers = [(401, {"status": {"error": "Invalid API key"}})]
    with (
        pytest.warns(UserWarning, match="Api key is used with an insecure connection"),
        pytest.raises(BadInput, match=r"refuses .*401 Invalid API key.*in the variable QDRANT_API_KEY") as raised,
    ):
        QdrantStore(server.url)
    assert server.keys == ["secret"]
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        ((400, {"status": {"error": "Wrong input: no"}}), "cannot do this: 400 Wrong input: no"),
        ((404, "Not Found"), 'cannot do this: 404 "Not Found"'),
        ((404, {"status": "?"}), "cannot do this: 404"),
    ],
)
def test_what_a_server_refuses(server, answer, match):
    server.answers = [answer]
    with pytest.raises(BadInput, match=match):
        QdrantStore(server.url)


def test_a_collection_of_others(place):
    from qdrant_client.models import PointStruct

    name = place.rpartition("=")[2]
    with closing(QdrantStore(place)) as store:
        client = store._connection._client
        client.create_collection(name, vectors_config={})
        for ask in store.about, lambda: store.describe(ABOUT), store.forget:
            with pytest.raises(BadInput, match=f"collection '{name}' of Qdrant in memory was not made by Jari"):
                ask()
        client.create_collection(f"{name}.about", vectors_config={})
        client.upsert(f"{name}.about", [PointStruct(id=1, vector={}, payload={"about": "{}"})])
        with pytest.raises(BadInput, match="was not made by Jari"):
            store.about()


def test_no_collection(place):
    with closing(QdrantStore(place)) as store:
        store.tidy()
        store.forget()
        for ask in (
            lambda: store.write([record("a")], replace=False),
            lambda: store.delete(["a"]),
            lambda: store.get(["a"]),
            lambda: store.nearest(unit(1, 0, 0, 0), 1),
            lambda: store.matching(["t"], 1),
        ):
            with pytest.raises(BadInput, match=r"There is no collection '.*' of Qdrant in memory\. Make it first"):
                ask()


def test_what_describing_left_half_done_is_finished(store, place):
    from qdrant_client.models import PointIdsList

    store._ask("delete", store._about_name, points_selector=PointIdsList(points=[1]))
    assert store.about() is None
    store.describe(ABOUT)
    store.write([record("a", year=1)], replace=False)
    assert store.count([meets("year", "=", 1)]) == 1


# ── records


@pytest.mark.parametrize(
    ("bad", "match"),
    [
        (record("a", "\ud800"), "The text of 'a' holds half of a surrogate pair, which Qdrant cannot store"),
        (record("a", year=-(10**400)), "The field 'year' of 'a' is no number that float64 holds"),
        (record("a", vector=np.ones(3, np.float32)), r"The vector of 'a' is of shape \(3,\), not \(4,\)"),
        (record("a", month=1), "knows no field 'month'. Its fields: year, lang"),
    ],
)
def test_what_cannot_be_stored_is_said(store, bad, match):
    with pytest.raises(BadInput, match=match):
        store.write([record("good"), bad], replace=False)
    assert store.count() == 0


@pytest.mark.parametrize(
    ("condition", "match"),
    [
        (meets("lang", "<", "\ud800"), "The condition on 'lang' holds half of a surrogate pair"),
        (meets("year", "<", 10**400), "The condition on 'year' needs a number that float64 holds"),
        (meets("month", "=", 1), "knows no field 'month'"),
    ],
)
def test_a_condition_that_cannot_be_said(store, condition, match):
    with pytest.raises(BadInput, match=match):
        store.count([condition])


def test_a_field_that_another_process_brought(store, place):
    with closing(QdrantStore(place)) as other:
        other.describe({"dim": DIM, "fields": {"month": "number"}})
        store.write([record("a", month=5, year=1)], replace=False)
        assert other.count([meets("month", "=", 5), meets("year", "=", 1)]) == 1


def test_an_identifier_as_a_value_compares_as_it_is(store):
    words = ["550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-446655440000"]
    store.write([record(word, lang=word) for word in words], replace=False)
    assert store.count([meets("lang", "<", "550e9")]) == 2
    assert store.count([meets("lang", "=", words[0])]) == 1


def test_the_mean_length_is_that_of_the_first_write(store, place):
    store.write([record("none"), record("a", terms=["t"] * 3), record("b", terms=["t"])], replace=False)
    store.write([record("c", terms=["t", *"abcdefgh"])], replace=False)
    scores = {hit.id: hit.score for hit in store.matching(["t"], 9)}
    rarity = np.log(1 + (3 - 3 + 0.5) / (3 + 0.5))
    assert scores["a"] == pytest.approx(rarity * 3 * 2.2 / (3 + 1.2 * (0.25 + 0.75 * 3 / 2)), rel=1e-5)
    assert scores["c"] == pytest.approx(rarity * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 9 / 2)), rel=1e-5)


# ── writes that were cut short


def stop_at(store: QdrantStore, method: str, monkeypatch) -> None:
    """Let the process end, as it were, at the first call of a method."""
    whole = store._ask

    def ask(asked, name, **arguments):
        if asked == method:
            raise KeyboardInterrupt
        return whole(asked, name, **arguments)

    monkeypatch.setattr(store, "_ask", ask)


def passages(count: int, digest: str) -> list:
    return [record(f"s#{at}", source="s", digest=digest) for at in range(count)]


def test_a_source_that_was_changed_in_part_counts_as_changed(store, monkeypatch):
    store.write(passages(4, "old"), replace=False)
    stop_at(store, "delete", monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        store.write(passages(2, "new"), replace=True, sources=["s"])
    monkeypatch.undo()
    assert store.sources() == {"s": ""}
    store.write(passages(2, "new"), replace=True, sources=["s"])
    assert store.sources() == {"s": "new"}
    assert store.count() == 2


def test_a_source_of_many_requests_has_its_digest_last(store, monkeypatch):
    monkeypatch.setattr(qdrant_points, "_MOST", 3)
    stop_at(store, "set_payload", monkeypatch)
    whole = [record("a", digest="a"), *passages(7, "new"), record("z", digest="z")]
    with pytest.raises(KeyboardInterrupt):
        store.write(whole, replace=True, sources=["s"])
    assert store.sources() == {"a": "a", "s": "", "z": "z"}
    monkeypatch.undo()
    monkeypatch.setattr(qdrant_points, "_MOST", 3)
    store.write(whole, replace=True, sources=["s"])
    assert store.sources() == {"a": "a", "s": "new", "z": "z"}
    assert store.count() == 9


def test_a_request_is_of_bearable_size(monkeypatch):
    monkeypatch.setattr(qdrant_points, "_BYTES", 1000)
    records = [record(f"{at}", "x" * 100) for at in range(10)] + [record("long", "x" * 5000)]
    portions = qdrant_points.requests(records, DIM)
    assert [len(portion) for portion, _ in portions] == [2, 2, 2, 2, 2, 1]
    assert all(cut == set() for _, cut in portions)
