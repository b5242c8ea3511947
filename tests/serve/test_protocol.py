"""Clients that are slow or speak no HTTP, over real sockets."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from jari.serve import Settings, Shelf
from serve.royal import serving


@pytest.fixture
def impatient(shelf: Shelf) -> Iterator[str]:
    """A server that waits for a second."""
    with serving(shelf, Settings(header_timeout=1, body_timeout=1)) as address:
        yield address


def connected(address: str) -> socket.socket:
    place = urlsplit(address)
    assert place.hostname
    assert place.port
    return socket.create_connection((place.hostname, place.port), timeout=5)


def answer(sock: socket.socket) -> tuple[int, dict]:
    """Status and error of what comes until the other side ends."""
    received = b""
    while part := sock.recv(1 << 16):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]


def test_slow_loris(impatient: str) -> None:
    """A head that never ends, a byte at a time; meanwhile others are served."""
    with connected(impatient) as slow, connected(impatient) as other:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n")
        began = time.monotonic()
        other.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        assert other.recv(1 << 16).startswith(b"HTTP/1.1 200")
        for _ in range(2):
            time.sleep(0.1)
            slow.sendall(b"x: y\r\n")
        status, error = answer(slow)
        assert (status, error["type"]) == (408, "too_slow")
        assert error["message"] == "The head of the request did not arrive within 1 seconds."
        assert time.monotonic() - began < 4


def test_slow_loris_on_a_second_request(impatient: str) -> None:
    with connected(impatient) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert sock.recv(1 << 16).startswith(b"HTTP/1.1 200")
        sock.sendall(b"GET /healthz")
        assert answer(sock)[0] == 408


def test_a_connection_on_which_nothing_is_said(impatient: str) -> None:
    with connected(impatient) as sock:
        assert sock.recv(1) == b""


def test_a_body_that_does_not_arrive(impatient: str) -> None:
    with connected(impatient) as sock:
        sock.sendall(
            b"POST /api/similar HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            b"content-length: 100\r\n\r\n{"
        )
        status, error = answer(sock)
        assert (status, error["type"]) == (408, "too_slow")


def test_what_is_no_http(impatient: str) -> None:
    with connected(impatient) as sock:
        sock.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        status, error = answer(sock)
        assert (status, error["type"]) == (400, "bad_input")


def test_a_head_that_is_too_long(impatient: str) -> None:
    with connected(impatient) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ")
        sock.sendall(b"y" * 70_000)
        status, error = answer(sock)
        assert (status, error["type"]) == (431, "too_large")


def test_two_hosts(impatient: str) -> None:
    with connected(impatient) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: evil\r\nconnection: close\r\n\r\n")
        assert answer(sock)[0] == 421


def test_10_megabytes_are_refused_without_being_read(server: str) -> None:
    with connected(server) as sock:
        sock.sendall(b"POST /api/similar HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10000000\r\n\r\n")
        got = sock.recv(1 << 16)
        assert got.startswith(b"HTTP/1.1 413")
        # Who goes on sending may do so, and ask again after it
        sender = threading.Thread(target=sock.sendall, args=(b"x" * 10_000_000,))
        sender.start()
        sender.join(10)
        sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert b"HTTP/1.1 200" in sock.recv(1 << 16)
