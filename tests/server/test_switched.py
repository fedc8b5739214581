#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Connections that switch to another protocol: raw bytes both ways. usage: test_switched.py PROBE_SERVER"""
import os
import signal
import socket
import sys
import threading

from probe import GET, TIMEOUT, Log, Reader, Server, ask, read_to_end, run_tests, without_tls


def asking(ms=10000, connection=b"keep-alive, Upgrade", minor=1):
    return b"GET /switch/%d HTTP/1.%d\r\nHost: a\r\nUpgrade: probe\r\nConnection: %b\r\n\r\n" % (ms, minor, connection)


def switch(s, rest=b"", **kind):
    """The reader of what follows the head."""
    s.sendall(asking(**kind) + rest)
    reader = Reader(s)
    head = reader.until(b"\r\n\r\n").decode()
    assert head == "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: probe", head
    return reader


def test_bytes_go_both_ways(server):
    with server.connect() as s:
        reader = switch(s)
        for piece in (b"a", b"hello\0\r\n\r\n", os.urandom(5000)):
            s.sendall(piece)
            assert reader.exactly(len(piece)) == piece


def test_bytes_behind_the_head_belong_to_the_protocol(server):
    """Even if they look like a request."""
    with server.connect() as s:
        reader = switch(s, GET)
        assert reader.exactly(len(GET)) == GET


def test_head_in_pieces(server):
    with server.connect() as s:
        text = asking()
        s.sendall(text[:20])
        s.sendall(text[20:] + b"x")
        reader = Reader(s)
        reader.until(b"\r\n\r\n")
        assert reader.exactly(1) == b"x"


def test_pipelined_behind_a_request(server):
    with server.connect() as s:
        s.sendall(GET + asking() + b"x")
        reader = Reader(s)
        assert reader.reply()[2] == b"plain"
        reader.until(b"\r\n\r\n")
        assert reader.exactly(1) == b"x"


def test_client_that_does_not_ask(server):
    for request in (asking(connection=b"close"), asking(minor=0)):
        assert ask(server, request)[0] == 426


@without_tls
def test_client_that_ends_its_direction_gets_the_rest(server):
    with server.connect() as s:
        s.sendall(asking() + b"y" * 300)
        s.shutdown(socket.SHUT_WR)
        assert read_to_end(s).endswith(b"\r\n\r\n" + b"y" * 300)


def test_deadline_of_a_wait(server):
    with server.connect() as s:
        reader = switch(s, ms=20)
        assert reader.exactly(8) == b"ticktick"


def test_request_timeout_does_not_hold(_):
    with Server("--request_timeout_ms", "100") as server, server.connect() as s:
        reader = switch(s, ms=150)
        assert reader.exactly(12) == b"tickticktick"


def test_much_from_a_fast_client_while_others_are_served(server):
    block = os.urandom(256 * 1024)
    with server.connect() as s:
        reader = switch(s)
        sender = threading.Thread(target=lambda: [s.sendall(block) for _ in range(8)])
        sender.start()
        for _ in range(8):
            assert ask(server, GET)[2] == b"plain"
            assert reader.exactly(len(block)) == block
        sender.join()


def test_drain_is_told(_):
    with Server() as server, server.connect() as s:
        reader = switch(s)
        s.sendall(b"x")
        assert reader.exactly(1) == b"x"
        server.process.send_signal(signal.SIGTERM)
        assert read_to_end(s) == b"bye"
        s.close()
        assert server.process.wait(TIMEOUT) == 0


@without_tls
def test_access_line_tells_of_the_whole(_):
    with Log() as log:
        with log.server.connect() as s:
            switch(s, b"12345").exactly(5)
        line = log.access()[0]
        assert (line["status"], line["bytes"]) == (101, 5), line


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 120)
