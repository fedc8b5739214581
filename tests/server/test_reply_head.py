#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
The heads of replies, byte by byte. The server remembers the last head of a 200 and writes it again if only the length
differs: whatever comes in between, each head looks as if freshly made. usage: test_reply_head.py PROBE_SERVER
"""
import email.utils
import random
import sys
import time

from probe import GET, TIMEOUT, Reader, Server, ask, run_tests

LENGTHS = (0, 9, 10, 99, 100, 999, 1000, 9999, 10000, 65536)
TYPES = (b"text/plain", b"text/plaim", b"text/plai", b"text/plainer", b"a/b", b"a/c", b"t/" + b"x" * 29, b"t/" + b"x" * 30,
         b"t/" + b"y" * 30, b"t/" + b"x" * 31, b"t/" + b"x" * 100)


class Case:
    """A request, and the reply it must get."""

    def __init__(self, path, body, content_type=b"text/plain", status=b"200 OK", extra=b"", head=False, lasts=True,
                 version=b"1.1"):
        method = b"HEAD" if head else b"GET"
        line = b"%b %b HTTP/%b\r\nHost: a\r\n" % (method, path, version)
        if version == b"1.0":
            self.request = line + (b"Connection: keep-alive\r\n\r\n" if lasts else b"\r\n")
            connection = b"Connection: keep-alive\r\n" if lasts else b"Connection: close\r\n"
        else:
            self.request = line + (b"\r\n" if lasts else b"Connection: close\r\n\r\n")
            connection = b"" if lasts else b"Connection: close\r\n"
        type_line = b"Content-Type: %b\r\n" % content_type if content_type else b""
        self.head = b"HTTP/1.1 %b\r\nDate: %%b\r\n%bContent-Length: %d\r\n%b%b" % (
            status, type_line, len(body), connection, extra)
        self.body = b"" if head else body

    def check(self, reader):
        """Returns the second of its Date."""
        head = reader.until(b"\r\n\r\n") + b"\r\n"
        date = head.split(b"Date: ", 1)[1].split(b"\r\n", 1)[0]
        assert head == self.head % date, (head, self.head)
        assert reader.exactly(len(self.body)) == self.body, (self.request, self.body[:40])
        return email.utils.parsedate_to_datetime(date.decode()).timestamp()


def big(length, **options):
    return Case(b"/big/%d" % length, b"b" * length, **options)


def typed(content_type, **options):
    return Case(b"/typed/" + content_type, b"typed", content_type, **options)


def others(**options):
    """What must neither be mistaken for the remembered head nor replace it."""
    return [Case(b"/extra", b"extra", extra=b"X-Extra: 1\r\n", **options),
            Case(b"/nowhere", b"no such path", status=b"404 Not Found", **options),
            typed(b"", **options)]


def exchange(s, cases):
    """Send all of them pipelined."""
    s.sendall(b"".join(case.request for case in cases))
    reader = Reader(s)
    return [case.check(reader) for case in cases]


def test_lengths(server):
    for options in ({}, {"head": True}):
        with server.connect() as s:
            exchange(s, [big(length, **options) for length in LENGTHS for _ in range(2)])
    with server.connect() as s:
        exchange(s, [big(length, head=head) for length in LENGTHS for head in (False, True, False)])


def test_types(server):
    with server.connect() as s:
        exchange(s, [typed(content_type) for content_type in TYPES for _ in range(2)])
        exchange(s, [typed(content_type) for first in TYPES for second in TYPES for content_type in (first, second)])


def test_another_kind_in_between(server):
    with server.connect() as s:
        for other in others() + others(head=True) + [big(7, version=b"1.0")] + others(version=b"1.0"):
            exchange(s, [big(5), big(5), other, big(5), other, other, big(5)])


def test_old_and_closing_clients_in_between(server):
    with server.connect() as s:
        for version in (b"1.0", b"1.1"):
            for head in (False, True):
                exchange(s, [big(5)] * 2)
                with server.connect() as other:
                    exchange(other, [big(6), big(6, version=version, lasts=False, head=head)])
                    assert other.recv(1) == b""
                exchange(s, [big(5), big(4, version=b"1.0", head=head), big(5, head=head)])


def test_any_order(server):
    dice = random.Random(5)
    cases = [big(length, head=head, version=version) for length in LENGTHS[:-1] for head in (False, True)
             for version in (b"1.0", b"1.1")]
    cases += [typed(content_type) for content_type in TYPES] + others() + others(head=True)
    for _ in range(30):
        with server.connect() as s:
            exchange(s, dice.choices(cases, k=100))


def test_date_goes_on(_):
    """Across two seconds: no Date is in the future, or older than the request by more than the lag of the loop's clock."""
    seen = set()
    with Server("--requests_per_connection", "4000000000") as server, server.connect() as s:
        reader = Reader(s)
        while len(seen) < 3:
            before = time.time()
            s.sendall(GET)
            date = Case(b"/plain", b"plain").check(reader)
            assert int(before - 0.01) <= date <= time.time(), (before, date)
            seen.add(date)
            assert len(seen) < 4 and max(seen) == date


def test_drain_in_between(_):
    """One is in the middle of its head, one in the middle of its body, when the server begins to drain."""
    post = b"POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"
    with Server() as server, server.connect() as idle:
        clients = [(server.connect(), text, cut) for text, cut in ((GET, 10), (post, len(post) - 1))]
        for s, text, cut in clients:
            s.sendall(text[:cut])
        assert ask(server, GET)[0] == 200, "the first bytes are in by now"
        exchange(idle, [Case(b"/plain", b"plain")] * 2)
        server.process.terminate()
        assert idle.recv(1) == b"", "it drains"
        for (s, text, cut), answer in zip(clients, (b"plain", b"1")):
            s.sendall(text[cut:])
            Case(b"", answer, lasts=False).check(Reader(s))
            assert s.recv(1) == b""
            s.close()
        assert server.process.wait(TIMEOUT) == 0


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 120)
