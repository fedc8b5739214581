#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No client has the thread to itself, however fast it sends or reads. usage: test_sharing.py PROBE_SERVER"""
import contextlib
import socket
import sys
import tempfile
import threading

from probe import GET, Reader, Server, run_tests

ENDLESS = 4000000000
ANSWERS = 30


@contextlib.contextmanager
def in_the_background(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    thread.join()


def answers_beside(server, greedy):
    """How many answers another client gets while the greedy one goes on: it is ended only afterwards."""
    other = server.connect()
    other.settimeout(5)
    reader, count = Reader(other), 0
    with contextlib.suppress(TimeoutError):
        for _ in range(ANSWERS):
            other.sendall(GET)
            assert reader.reply()[2] == b"plain"
            count += 1
    greedy.shutdown(socket.SHUT_RDWR)
    return count


def upload(server, framing, piece):
    with server.connect(unix=True) as s:
        s.sendall(b"POST /chew HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n\r\n")
        s.sendall(piece)

        def go_on():
            with contextlib.suppress(OSError):
                while True:
                    s.sendall(piece)

        with in_the_background(go_on):
            assert answers_beside(server, s) == ANSWERS


def test_upload_leaves_others_their_turn(_):
    """The handler takes its time for each piece: the next is always there."""
    with tempfile.TemporaryDirectory() as folder, \
            Server("--body_limit_bytes", str(ENDLESS), unix=f"{folder}/s") as server:
        upload(server, b"Content-Length: %d" % ENDLESS, bytes(1 << 20))
        upload(server, b"Transfer-Encoding: chunked", b"100000\r\n" + bytes(1 << 20) + b"\r\n")


def test_download_leaves_others_their_turn(server):
    """The handler takes its time for each piece: the client has always read the one before."""
    with server.connect() as s:
        s.sendall(b"GET /slow/%d HTTP/1.1\r\nHost: a\r\n\r\n" % ENDLESS)
        assert s.recv(1)

        def go_on():
            with contextlib.suppress(OSError):
                while s.recv(1 << 20):
                    pass

        with in_the_background(go_on):
            assert answers_beside(server, s) == ANSWERS


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 120)
