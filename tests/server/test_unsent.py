#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Answers that clients take slowly: who is cut, and why. usage: test_unsent.py PROBE_SERVER"""
import contextlib
import os
import resource
import socket
import sys
import tempfile
import time

from probe import GET, TIMEOUT, Log, Reader, Server, ask, run_tests, waits

CROWDED = "cut: more answers than --unsent-limit-bytes wait for slow clients"
NO_MEMORY = "cut: the server had no memory to send the answer"


def get(path):
    return b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path


# A sanitizer keeps freed memory, and takes more than the program asks for.
MEMORY_IS_ITS_OWN = "COR_TEST_LIGHT" not in os.environ


def resident_bytes(server):
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def await_true(condition):
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, "it never came true"


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


@contextlib.contextmanager
def unix_log(*arguments):
    """A server on a unix socket, whose buffers are small, and its log."""
    with tempfile.TemporaryDirectory() as folder, Log(*arguments, unix=f"{folder}/s") as log:
        yield log


def by_thread(log, count):
    """Connections by the thread that serves them, `count` on each of two or more."""
    clients = {}
    while len(clients) < 2 or min(map(len, clients.values())) < count:
        s = log.server.connect(unix=True)
        s.sendall(get(b"/thread"))
        clients.setdefault(Reader(s).reply()[2], []).append(s)
    return list(clients.values())


def ask_big(s, size):
    """Ask for a big answer, and take a byte."""
    s.sendall(get(b"/big/%d" % size))
    assert s.recv(1) == b"H"


def settle(s):
    """Wait until this client's thread has done what was asked before."""
    s.sendall(GET)
    assert Reader(s).reply()[2] == b"plain"


def take(s, size, steps, pause_s):
    """Read steadily."""
    count = 0
    for _ in range(steps):
        count += len(s.recv(size))
        time.sleep(pause_s)
    return count


def rest_of(s, size):
    """The rest of an answer whose first byte has been read."""
    return len(Reader(s, b"H").reply()[2]) == size


def reasons(log):
    return [line["reason"] for line in log.lines() if "reason" in line]


# --- the pace ---


@waits
def test_a_client_that_reads_steadily_is_not_cut(_):
    """Although the kernel reports room only when a third of its buffer is free."""
    with Log("--write_timeout_ms", "500") as log:
        s = slow_clients(log.server, 1, b"/big/8000000")[0]
        reader = Reader(s)
        reader.until(b"\r\n\r\n")
        left = 8000000 - len(reader.data) - take(s, 10000, 30, 0.1)
        while left > 0:
            piece = s.recv(1 << 20)
            assert piece, log.lines()
            left -= len(piece)
        assert not reasons(log), log.lines()


@waits
def test_a_client_that_reads_steadily_from_a_unix_socket_is_not_cut(_):
    """The kernel reports room only when three quarters of the buffer are free."""
    with unix_log("--write_timeout_ms", "500") as log, log.server.connect(unix=True) as s:
        s.sendall(get(b"/big/1000000"))
        reader = Reader(s)
        reader.until(b"\r\n\r\n")
        left = 1000000 - len(reader.data) - take(s, 20000, 25, 0.1)
        while left > 0:
            piece = s.recv(1 << 20)
            assert piece, log.lines()
            left -= len(piece)
        assert not reasons(log), log.lines()


@waits
def test_a_client_that_stops_reading_is_cut(_):
    for unix in (False, True):
        with unix_log("--write_timeout_ms", "500") as log, log.server.connect(unix=unix) as s:
            s.sendall(get(b"/big/20000000"))
            take(s, 20000, 10, 0.1)
            began = time.monotonic()
            assert log.access()[0]["reason"] == "cut: the client did not take the answer in time"
            assert time.monotonic() - began < 5


# --- the limit ---


def test_unsent_limit(_):
    """Above it, those who have taken nothing for longest are cut; the others, and the memory, are unharmed."""
    with Server("--unsent_limit_bytes", "20000000") as server:
        clients = slow_clients(server, 20, b"/big/8000000")
        for _ in range(20):
            assert ask(server, GET)[2] == b"plain"
        assert not MEMORY_IS_ITS_OWN or resident_bytes(server) < 60000000, resident_bytes(server)
        cut = [is_cut(s) for s in clients]
        assert cut[0] and not cut[-1], cut
        for s in clients:
            s.close()


def test_memory_of_unsent_answers_is_returned(_):
    """All but what the allocator keeps for one answer."""
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


def test_one_answer_above_the_limit_does_not_cut_the_others(_):
    with unix_log() as log:
        small = [log.server.connect(unix=True) for _ in range(20)]
        for s in small:
            ask_big(s, 300000)
        with log.server.connect(unix=True) as big:
            big.sendall(get(b"/big/40000000"))
            line = log.access()[0]
            assert (line["path"], line["reason"]) == ("/big/40000000", CROWDED), line
            assert 0 < line["bytes"] < 1000000, "the line counts what was sent"
        for s in small:
            assert rest_of(s, 300000)
            s.close()
        assert reasons(log) == [CROWDED]


def test_what_has_been_taken_does_not_count(_):
    with unix_log() as log, log.server.connect(unix=True) as a, log.server.connect(unix=True) as b:
        ask_big(a, 30000000)
        left = 30000000
        while left > 500000:
            left -= len(a.recv(65536))
        ask_big(b, 5000000)
        with log.server.connect(unix=True) as other:
            settle(other)
        while left > 0 and (piece := a.recv(65536)):
            left -= len(piece)
        assert left <= 0 and rest_of(b, 5000000) and not reasons(log), log.lines()


def test_memory_of_what_has_been_taken_is_returned(_):
    if not MEMORY_IS_ITS_OWN:
        return
    with unix_log("--unsent_limit_bytes", "400000000") as log, log.server.connect(unix=True) as s:
        before = resident_bytes(log.server)
        ask_big(s, 50000000)
        await_true(lambda: resident_bytes(log.server) > before + 40000000)
        left = 50000000
        while left > 10000000:
            left -= len(s.recv(65536))
        await_true(lambda: resident_bytes(log.server) < before + 20000000)


@waits
def test_the_limit_is_one_for_all_threads(_):
    with unix_log("--threads", "4") as log:
        a, b, c = by_thread(log, 3)[0][:3]
        ask_big(a, 8000000)
        ask_big(b, 8000000)
        settle(c)
        assert rest_of(a, 8000000) and rest_of(b, 8000000) and not reasons(log), log.lines()


@waits
def test_the_excess_of_another_thread_goes(_):
    """What one thread adds exceeds the limit, and only the other can cut it."""
    with unix_log("--threads", "2", "--unsent_limit_bytes", "4000000") as log:
        first, second = by_thread(log, 2)
        ask_big(first[0], 16000000)
        settle(first[1])
        assert not reasons(log), "one alone may exceed the limit"
        ask_big(second[0], 500000)
        line = log.access(len(first) + len(second) + 2)[-1]
        assert (line["path"], line["reason"]) == ("/big/16000000", CROWDED), line
        assert rest_of(second[0], 500000) and reasons(log) == [CROWDED]


# --- no memory ---


def test_no_memory_is_not_the_clients_fault(_):
    """Address space for one more answer, but not for its tail."""
    if not MEMORY_IS_ITS_OWN:
        return
    with unix_log() as log, log.server.connect(unix=True) as s:
        settle(s)
        pid = log.server.process.pid
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            size = int(file.read().split()[0]) * resource.getpagesize()
        resource.prlimit(pid, resource.RLIMIT_AS, (size + 12000000, resource.RLIM_INFINITY))
        s.sendall(get(b"/big/180000") + get(b"/big/30000") + get(b"/big/20000") + get(b"/big/8000000"))
        lines = log.access(5)[1:]
        body = len(Reader(s).s.recv(1))
        while piece := s.recv(1 << 20):
            body += len(piece)
        assert [line["path"] for line in lines] == ["/big/%d" % n for n in (180000, 30000, 20000, 8000000)], lines
        assert all("reason" not in line for line in lines if line["bytes"] == int(line["path"][5:])), lines
        assert all(line["reason"] == NO_MEMORY for line in lines if line["bytes"] < int(line["path"][5:])), lines
        heads = 4 * 150
        assert body - heads < sum(line["bytes"] for line in lines) <= body, (body, lines)


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 120)
