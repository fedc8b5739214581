#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How connections end, on either side: broken replies, clients that go, a server that drains. usage: test_endings.py PROBE_SERVER"""
import sys

from probe import GET, TIMEOUT, Reader, Server, ask, ending, run_tests


def old_get(path):
    return b"GET %b HTTP/1.0\r\n\r\n" % path


# --- a reply whose end is that of the connection: RFC 9112 section 6.3, of HTTP/1.0 ---

def test_broken_reply_without_framing_ends_with_a_reset(server):
    for size in (0, 10, 2000, 20000, 500000):
        with server.connect() as s:
            s.sendall(old_get(b"/broken/%d" % size))
            data, end = ending(s)
            assert end == "reset", (size, len(data), end)


def test_whole_reply_without_framing_ends_in_peace(server):
    for request in (old_get(b"/stream/200000"), b"POST /stream/200000 HTTP/1.0\r\nContent-Length: 9\r\n\r\n123"):
        with server.connect() as s:
            s.sendall(request)
            data, end = ending(s)
            assert (len(data.split(b"\r\n\r\n", 1)[1]), end) == (200000, "end"), (request, len(data), end)


def test_unframed_reply_to_a_client_that_does_not_read_ends_with_a_reset(_):
    with Server("--write_timeout_ms", "200") as server, server.connect() as s:
        s.sendall(old_get(b"/stream/50000000"))
        server.await_cut(s)
        assert ending(s)[1] == "reset"


def test_unframed_reply_that_the_drain_cuts_ends_with_a_reset(_):
    with Server("--drain_timeout_ms", "100") as server, server.connect() as s:
        s.sendall(old_get(b"/pause/40000"))
        assert s.recv(1)
        server.process.terminate()
        assert ending(s)[1] == "reset"


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 240)
