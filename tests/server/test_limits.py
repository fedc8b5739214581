#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Limits are the process's, whatever its threads: connections are spread over them, and unsent answers have a limit."""
import os
import socket
import sys
import time

from probe import GET, TIMEOUT, Reader, Server, ask, run_tests


def get(path):
    return b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path


# A sanitizer keeps memory that was given back, and takes more than the program asks for.
MEMORY_IS_ITS_OWN = "COR_TEST_LIGHT" not in os.environ


def resident_bytes(server):
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def await_true(condition):
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, "it never came true"


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


def test_a_slot_that_comes_free_is_anybodys(_):
    """The limit is one for all threads, and a thread that waits for a slot does not keep others from it."""
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


def slow_clients(server, count, path):
    clients = []
    for _ in range(count):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(TIMEOUT)
        s.connect(("127.0.0.1", server.port))
        s.sendall(get(path))
        clients.append(s)
    return clients


def is_cut(s):
    """Whether the answer breaks off."""
    size = 0
    while True:
        try:
            piece = s.recv(1 << 20)
        except ConnectionResetError:
            return True
        if not piece:
            return True
        size += len(piece)
        if size > 8000000:
            return False


def test_unsent_limit(_):
    """Above it those are cut who have taken nothing for longest; the others, and the memory, are unharmed."""
    with Server("--unsent_limit_bytes", "20000000") as server:
        clients = slow_clients(server, 20, b"/big/8000000")
        for _ in range(20):
            assert ask(server, GET)[2] == b"plain"
        assert not MEMORY_IS_ITS_OWN or resident_bytes(server) < 60000000, resident_bytes(server)
        cut = [is_cut(s) for s in clients]
        assert cut[0] and not cut[-1], cut
        for s in clients:
            s.close()


def test_memory_of_unsent_answers_goes_back(_):
    """All but what the allocator keeps of one answer."""
    if not MEMORY_IS_ITS_OWN:
        return
    with Server("--unsent_limit_bytes", "400000000") as server:
        before = resident_bytes(server)
        clients = slow_clients(server, 30, b"/big/8000000")
        await_true(lambda: resident_bytes(server) > before + 100000000)
        for s in clients:
            s.close()
        await_true(lambda: resident_bytes(server) < before + 24000000)


def test_one_answer_above_the_limit_is_sent(_):
    with Server("--unsent_limit_bytes", "65536") as server, server.connect() as s:
        s.sendall(get(b"/big/8000000"))
        assert len(Reader(s).reply()[2]) == 8000000


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
