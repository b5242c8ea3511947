from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace
from unittest.mock import Mock
from urllib.parse import quote

import numpy as np
import pytest

from contracts.store import DIM, StoreContract, meets, record, unit
from jari.errors import BadInput, ServerDown
from jari.search.stores import postgres
from jari.search.stores.postgres import PostgresStore
from search.stores.servers import Server, new_name, running

ABOUT = {"dim": DIM, "fields": {"year": "number"}}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as one:
        yield one


@pytest.fixture
def name() -> str:
    return new_name()


@pytest.fixture
def store(server, name) -> Iterator[PostgresStore]:
    with closing(PostgresStore(server.url(name))) as one:
        one.describe(ABOUT)
        yield one


@pytest.fixture
def link(server):
    import psycopg

    with psycopg.connect(server.url(), autocommit=True) as one:
        yield one


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def place(self, server) -> str:
        return server.url(new_name())

    def guests(self, place: str) -> set[int]:
        import psycopg

        with psycopg.connect(place.partition("?")[0], autocommit=True) as link:
            asked = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            return {pid for (pid,) in link.execute(asked)}


# ── the server


def test_a_server_that_is_down(server):
    server.stop()
    try:
        with pytest.raises(ServerDown) as raised:
            PostgresStore(server.url("wiki"), wait=0.2)
    finally:
        server.start()
    expected = f"PostgreSQL at 127.0.0.1:{server.port} does not answer (Connection refused): start it, or check the"
    assert str(raised.value).startswith(expected)
    assert "secret" not in str(raised.value) + str(raised.value.__cause__)


def test_a_host_that_does_not_exist(server):
    with pytest.raises(ServerDown, match=r"PostgreSQL at no\.invalid:5432 does not answer \(failed to resolve"):
        PostgresStore("postgresql://jari@no.invalid/postgres", wait=0)


def test_a_server_that_comes_up_is_waited_for(server):
    server.stop()
    later = threading.Timer(0.3, server.start)
    later.start()
    try:
        with closing(PostgresStore(server.url("wiki"), wait=30)) as store:
            assert store.about() is None
    finally:
        later.join()


def test_a_restarted_server_is_asked_again(server, store):
    store.write([record("a", year=1)], replace=False)
    server.stop()
    server.start()
    assert store.count([meets("year", "=", 1)]) == 1
    server.stop("immediate")  # as if the power went
    server.start()
    store.write([record("b", vector=unit(1, 0, 0, 0))], replace=False)
    assert [hit.id for hit in store.nearest(unit(1, 0, 0, 0), 3)] == ["b"]
    assert store.count() == 2


def test_a_server_that_went_down_between(server, name):
    with closing(PostgresStore(server.url(name), wait=0.1)) as store:
        store.describe(ABOUT)
        server.stop()
        try:
            with pytest.raises(ServerDown, match="does not answer"):
                store.count()
            with pytest.raises(ServerDown, match="does not answer"):
                store.write([record("a")], replace=False)
        finally:
            server.start()
        assert store.count() == 0


def test_a_connection_lost_before_the_end_of_a_write_is_made_again(store, link, monkeypatch):
    once = iter([True])
    whole = store._write

    def cut(own, *arguments):
        whole(own, *arguments)
        if next(once, False):
            link.execute("select pg_terminate_backend(%s)", [own.info.backend_pid])
            own.execute("select 1")

    monkeypatch.setattr(store, "_write", cut)
    store.write([record("a", terms=["t"])], replace=False)
    assert store.count() == len(store.matching(["t"], 9)) == 1


def test_a_connection_lost_at_the_end_of_a_write_is_said(store, link, monkeypatch):
    whole = store._write

    def cut(own, *arguments):
        whole(own, *arguments)
        link.execute("select pg_terminate_backend(%s)", [own.info.backend_pid])

    monkeypatch.setattr(store, "_write", cut)
    with pytest.raises(ServerDown, match=r"went away at the end of a write .* whether it was done is not known"):
        store.write([record("a")], replace=False)
    assert store.count() == 0


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"password": "wr/ong"}, 'refuses: password authentication failed for user "jari"'),
        ({"user": "nobody"}, 'refuses: password authentication failed for user "nobody"'),
        ({"database": "missing"}, 'refuses: database "missing" does not exist'),
    ],
)
def test_a_server_that_refuses(server, change, match):
    with pytest.raises(BadInput, match=match) as raised:
        PostgresStore(server.url("wiki", **change))
    assert f"PostgreSQL at 127.0.0.1:{server.port} " in str(raised.value)
    assert "wr/ong" not in str(raised.value)


# ── the address


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:sec/ret@localhost/library",
        "postgresql://me:5/ret@localhost/library",
        "postgresql://me:sec ret@localhost/library",
        "postgresql://me:secret@localhost:port/library",
        "postgresql://localhost/library?secret=secret",
    ],
)
def test_an_address_that_cannot_be_read(url):
    pytest.importorskip("psycopg")
    with pytest.raises(BadInput, match=r"cannot be read.*like postgresql://user:password@host:5432") as raised:
        PostgresStore(url, wait=0)
    assert "sec" not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize("odd", ["", "x" * 55, "a\0b", "a%sb"])
def test_a_name_that_cannot_be_one(server, odd):
    with pytest.raises(BadInput, match=r"cannot be named .*: give 1 to 54 bytes"):
        PostgresStore(server.url() + "?collection=" + quote(odd))


def test_any_other_name_is_one(server):
    names = ['a"b; drop table "x', "$1 {about}", "위키", "x" * 54, "Wiki", "wiki"]
    stores = [PostgresStore(server.url(name)) for name in names]
    for at, one in enumerate(stores):
        one.describe({"dim": DIM, "fields": {}})
        one.write([record(f"{at}", terms=["t"], vector=unit(1, 0, 0, 0))], replace=False)
        one.tidy()
    for at, one in enumerate(stores):
        hits = [*one.get([f"{at}"]), *one.matching(["t"], 9), *one.nearest(unit(1, 0, 0, 0), 9)]
        assert [hit.id for hit in hits] == [f"{at}"] * 3
        one.forget()
        one.close()


def test_what_libpq_knows_is_passed_on(server):
    address = server.url("wiki") + "&application_name=a%20b%26c"
    with closing(PostgresStore(address)) as store:
        assert store._rows(store._query("select current_setting('application_name')"), {}) == [("a b&c",)]


# ── the database


def test_no_collection(server, name):
    with closing(PostgresStore(server.url(name))) as store:
        store.tidy()
        for ask in (
            lambda: store.write([record("a")], replace=False),
            lambda: store.delete(["a"]),
            lambda: store.get(["a"]),
            lambda: store.nearest(unit(1, 0, 0, 0), 1),
            lambda: store.matching(["t"], 1),
        ):
            with pytest.raises(BadInput, match=f"There is no collection '{name}' of PostgreSQL at 127"):
                ask()


def test_tables_of_others(server, name, link):
    with closing(PostgresStore(server.url(name))) as store:
        link.execute(f"create table {name}_records (x integer)")
        assert store.about() is None
        with pytest.raises(BadInput, match=f"not Jari's has the name of the collection '{name}'"):
            store.describe(ABOUT)
        assert store.about() is None
        for made in "(x integer)", "(layout integer, about json)":
            link.execute(f"create table {name}_about {made}")
            for ask in store.about, lambda: store.describe(ABOUT), store.forget:
                with pytest.raises(BadInput, match=f"not Jari's has the name of the collection '{name}'"):
                    ask()
            link.execute(f"drop table {name}_about")


def test_a_collection_of_a_later_version(store, name, link):
    link.execute(f"update {name}_about set layout = 2")
    with pytest.raises(BadInput, match=f"'{name}' .* was made by another version of Jari, with layout 2"):
        store.about()


def test_pgvector_that_may_not_be_made(server, name, link):
    link.execute(f"create role {name} login password 'p'")
    link.execute(f"create database {name}")
    with closing(PostgresStore(server.url(name, database=name, user=name, password="p"))) as store:
        with pytest.raises(BadInput, match="needs the extension pgvector, which cannot be made: permission denied"):
            store.describe(ABOUT)
        assert store.about() is None
    with closing(PostgresStore(server.url(name, database=name))) as store:
        store.describe(ABOUT)


def test_pgvector_that_is_not_installed(store, monkeypatch):
    from psycopg import errors

    def execute(query, *arguments):
        if query == "create extension if not exists vector":
            raise errors.FeatureNotSupported('extension "vector" is not available')
        return Mock(fetchone=lambda: [None])

    info = SimpleNamespace(parameter_status=lambda name: "UTF8")
    with pytest.raises(BadInput, match=r'extension "vector" is not available\. Install pgvector on the server'):
        store._describe(SimpleNamespace(execute=execute, info=info), ABOUT)


def test_a_database_of_another_encoding(server, name, link):
    link.execute(f"create database {name} encoding 'SQL_ASCII' template template0")
    with closing(PostgresStore(server.url(database=name))) as store, pytest.raises(BadInput, match="is not in UTF-8"):
        store.describe(ABOUT)


def test_what_a_role_may_not_do(server, store, name, link):
    link.execute(f"create role {name} login password 'p'")
    link.execute(f"grant select on {name}_about to {name}")
    with closing(PostgresStore(server.url(name, user=name, password="p"))) as other:
        assert other.about() == ABOUT
        with pytest.raises(BadInput, match=f"PostgreSQL forbids this for the collection '{name}'.*permission denied"):
            other.count()


def test_too_many_numbers_for_pgvector(server, name):
    with closing(PostgresStore(server.url(name))) as store:
        with pytest.raises(BadInput, match=r"cannot hold such vectors: .*16000"):
            store.describe({"dim": 16001, "fields": {}})
        assert store.about() is None


# ── what cannot be stored


@pytest.mark.parametrize(
    ("bad", "match"),
    [
        (record("a", "\0"), r"The text of 'a' holds a NUL \(U\+0000\), which PostgreSQL cannot store"),
        (record("a", lang="\0"), r"The field 'lang' of 'a' holds a NUL"),
        (record("a", source="\ud800"), r"The source of 'a' holds half of a surrogate pair"),
        (record("a", terms=["x", "\0"]), r"The list of terms of 'a' holds a NUL"),
        (record("a", year=10**400), r"The field 'year' of 'a' is no number that float64 holds"),
        (record("a", year=float("nan")), r"The field 'year' of 'a' is no number that float64 holds"),
        (record("a", vector=np.ones(3, np.float32)), r"cannot be stored .*: expected 4 dimensions, not 3"),
        (record("a", vector=np.full(4, np.nan, np.float32)), r"cannot be stored .*: NaN not allowed in vector"),
    ],
)
def test_what_cannot_be_stored_is_said(store, bad, match):
    with pytest.raises(BadInput, match=match):
        store.write([record("good"), bad], replace=False)
    assert store.count() == 0


def test_a_condition_that_cannot_be_said(store):
    with pytest.raises(BadInput, match="no text with a NUL or half a character: the condition on 'lang'"):
        store.count([meets("lang", "!=", "\0")])


# ── indexes


def of(server: Server, name: str, count: int) -> tuple[PostgresStore, np.ndarray]:
    """A store with `count` records, which has an index once it is tidied."""
    store = PostgresStore(server.url(name), index_from=300)
    store.describe({"dim": 8, "fields": {"year": "number"}})
    vectors = np.random.default_rng(0).standard_normal((count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = [record(f"{at}", vector=vector, year=at % 100) for at, vector in enumerate(vectors)]
    store.write([*rows, record("none")], replace=False)
    store.tidy()
    return store, vectors


def indexes(store: PostgresStore, link, name: str) -> list[str]:
    query = "select indexdef from pg_indexes where tablename = %s and indexdef like '%%hnsw%%'"
    return [row[0] for row in link.execute(query, [f"{name}_records"])]


def test_few_vectors_have_no_index(server, name, link):
    store, _ = of(server, name, 299)
    with closing(store):
        assert indexes(store, link, name) == []


def test_an_index_finds_the_nearest_and_what_is_written_later(server, name, link):
    store, vectors = of(server, name, 3000)
    with closing(store):
        assert len(indexes(store, link, name)) == 1
        store.tidy()
        assert len(indexes(store, link, name)) == 1
        plan = store._nearest_by_index  # not the exact search, which would be right as well
        found = sum(
            len(
                {hit.id for hit in plan(vectors[at], 10)}
                & {f"{one}" for one in np.argsort(-(vectors @ vectors[at]))[:10]}
            )
            for at in range(20)
        )
        assert found >= 190
        new = -vectors[0]
        store.write([record("new", vector=new)], replace=False)
        assert store.nearest(new, 1)[0].id == "new"
        assert [hit.score for hit in store.nearest(new, 1)] == [pytest.approx(1)]


def test_an_index_leaves_no_search_short(server, name, link):
    store, vectors = of(server, name, 3000)
    with closing(store):
        query = vectors[0]
        best = [int(one) for one in np.argsort(-(vectors @ query))]
        # Met by one record in a hundred: an index that is filtered afterwards would find some two of them.
        hits = store.nearest(query, 10, [meets("year", "=", 7)])
        assert [int(hit.id) for hit in hits] == [at for at in best if at % 100 == 7][:10]
        # The index still points at what was deleted, all that it would look at.
        store.delete([f"{at}" for at in best[:1500]])
        assert [int(hit.id) for hit in store.nearest(query, 100)] == best[1500:1600]
        assert len(store.nearest(query, 2000)) == 1500


def test_a_vector_too_long_for_an_index(server, name, link, monkeypatch):
    monkeypatch.setattr(postgres, "_INDEXABLE", 7)
    store, _ = of(server, name, 300)
    with closing(store):
        assert indexes(store, link, name) == []
