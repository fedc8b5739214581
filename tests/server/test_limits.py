#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The limit of connections is per process, however many threads it has, and connections are spread over them."""
import socket
import sys
import tempfile
import time

from probe import GET, TIMEOUT, Log, Reader, Server, read_to_end, run_tests


def get(path):
    return b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path


def test_connections_are_spread_over_threads(_):
    for threads in (2, 4):
        with Server("--threads", str(threads)) as server:
            clients = [server.connect() for _ in range(40)]
            served = {}
            for s in clients:
                s.sendall(get(b"/thread"))
                thread = Reader(s).reply()[2]
                served[thread] = served.get(thread, 0) + 1
            assert len(served) == threads and min(served.values()) >= 40 // threads * 3 // 4, served
            for s in clients:
                s.close()


def test_idle_connections_opened_one_by_one_are_spread(_):
    with Server("--threads", "2") as server:
        clients, served = [], {}
        for _ in range(10):
            s = server.connect()
            s.sendall(get(b"/thread"))
            thread = Reader(s).reply()[2]
            served[thread] = served.get(thread, 0) + 1
            clients.append(s)
        assert sorted(served.values()) == [5, 5], served
        for s in clients:
            s.close()


def test_a_slot_that_becomes_free_is_anybodys(_):
    """All threads share one limit, and a thread that waits for a slot does not keep others from it."""
    with Server("--threads", "4", "--connections_max", "8") as server:
        for _ in range(5):
            held = [server.connect() for _ in range(8)]
            for s in held:
                s.sendall(GET)
                assert Reader(s).reply()[0] == 200
            waiting = [server.connect() for _ in range(8)]
            for s in waiting:
                s.sendall(GET)
            for s in held:
                s.close()
            for s in waiting:
                assert Reader(s).reply()[0] == 200
                s.close()


def test_the_one_idle_longest_gives_way(_):
    """A client that keeps a connection and asks for nothing does not keep others out."""
    with Server("--connections_max", "2") as server:
        held = [server.connect() for _ in range(2)]
        for s in held:
            s.sendall(GET)
            assert Reader(s).reply()[0] == 200
        with server.connect() as s:
            s.sendall(GET)
            assert Reader(s).reply()[0] == 200
        assert read_to_end(held[0]) == b""
        held[1].sendall(GET)
        assert Reader(held[1]).reply()[0] == 200
        for s in held:
            s.close()


def test_the_idle_of_other_threads_give_way(_):
    with Server("--threads", "4", "--connections_max", "4") as server:
        held = [server.connect() for _ in range(4)]
        for s in held:
            s.sendall(GET)
            assert Reader(s).reply()[0] == 200
        others = [server.connect() for _ in range(8)]
        for s in others:
            s.sendall(GET)
            assert Reader(s).reply()[0] == 200
        for s in held + others:
            s.close()


def test_connections_of_one_client(_):
    """Clients are told apart by their addresses; over a unix socket nobody has one."""
    with tempfile.TemporaryDirectory() as folder, Log("--threads", "2", "--connections_per_peer", "3", unix=f"{folder}/s") as log:
        held = [log.server.connect() for _ in range(3)]
        for s in held:
            s.sendall(GET)
            assert Reader(s).reply()[0] == 200
        for _ in range(10):
            with log.server.connect() as s:
                assert read_to_end(s) == b""
        others = [log.server.connect(unix=True) for _ in range(5)]
        with socket.create_connection(("127.0.0.1", log.server.port), TIMEOUT, ("127.0.0.2", 0)) as s:
            for s in [*others, s]:
                s.sendall(GET)
                assert Reader(s).reply()[0] == 200
        held.pop().close()
        assert eventually(lambda: is_served(log.server)), "a place that is free is given again"
        complaints = [line["message"] for line in log.lines() if "--connections-per-peer" in line["message"]]
        assert complaints == ["127.0.0.1 has as many connections as one client may have: others are closed "
                              "(--connections-per-peer 3)"], complaints
        for s in held + others:
            s.close()


def is_served(server):
    with server.connect() as s:
        try:
            s.sendall(GET)
            return s.recv(1) != b""
        except ConnectionError:
            return False


def eventually(probe):
    end = time.monotonic() + TIMEOUT
    while not probe():
        if time.monotonic() > end:
            return False
    return True


def test_whole_chunked_body_that_nobody_reads_does_not_end_the_connection(server):
    body = b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n"
    for path in (b"/ignore", b"/stream/5"):
        with server.connect() as s:
            s.sendall(b"POST " + path + body + GET)
            reader = Reader(s)
            status, fields, _ = reader.reply()
            assert (status, fields.get("connection")) == (200, None), (path, fields)
            assert reader.reply()[2] == b"plain", path


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 120)
