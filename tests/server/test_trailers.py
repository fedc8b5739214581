#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Trailer fields, both ways (RFC 9110 section 6.5, RFC 9112 section 7.1.2). usage: test_trailers.py PROBE_SERVER
"""
import errno
import sys

from probe import Reader, Server, ask, ending, run_tests

EINVAL = -errno.EINVAL
ECLOSED = -5006  # COR_ECLOSED
HEAD = b"POST /trail HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
WITH_TE = HEAD + b"Connection: TE\r\nTE: deflate;q=0.5, Trailers\r\n"
CODES = f"0 {EINVAL} 0 {EINVAL} {EINVAL} {EINVAL} {ECLOSED} 0"


def request(trailer, head=HEAD):
    return head + b"\r\n3\r\nabc\r\n0\r\n" + trailer + b"\r\n"


def said(server, trailer, **kind):
    status, _, body = ask(server, request(trailer), **kind)
    assert status == 200, (status, body)
    return body.decode().rsplit(" ", 8)[0]


def test_they_reach_the_handler_behind_the_body(server):
    assert said(server, b"X-Sum:  7 \r\nOther: 1\r\n") == "[7][][]"
    assert said(server, b"") == "[][][]"


def test_lines_of_a_name_are_joined(server):
    assert said(server, b"X-Sum: 1\r\nY: z\r\nx-sum: 2\r\n") == "[1, 2][][]"


def test_what_may_not_come_so_late_is_dropped(server):
    assert said(server, b"Authorization: x\r\nX-Sum: 1\r\nTransfer-Encoding: chunked\r\nHost: b\r\n") == "[1][][]"


def test_a_header_stays_what_it_was(server):
    _, _, body = ask(server, request(b"X-Sum: late\r\n", HEAD + b"X-Sum: early\r\n"))
    assert body.startswith(b"[late][][early]"), body


def test_each_byte_may_come_alone(server):
    with server.connect() as s:
        for byte in request(b"X-Sum: 1\r\n"):
            s.sendall(bytes([byte]))
        assert Reader(s).reply()[2].startswith(b"[1]")


def test_limits_are_those_of_header_lines(_):
    with Server("--header_count", "10", "--header_line_bytes", "300") as server:
        check_limits(server)


def check_limits(server):
    assert said(server, b"X-Sum: " + b"1" * 293 + b"\r\n").startswith("[11111")
    assert ask(server, request(b"X-Sum: " + b"1" * 294 + b"\r\n"))[0] == 431
    assert said(server, b"Y: 1\r\n" * 10) == "[][][]"
    assert ask(server, request(b"Y: 1\r\n" * 11))[0] == 431


def test_malformed_ones_are_refused(server):
    for bad in (b"X-Sum\r\n", b": 1\r\n", b" X: 1\r\n", b"X-Sum: a\0b\r\n", b"X-Sum: 1\r\n folded\r\n"):
        assert ask(server, request(bad))[0] == 400, bad


def test_the_connection_goes_on_behind_them(server):
    with server.connect() as s:
        s.sendall(2 * request(b"X-Sum: 1\r\n"))
        reader = Reader(s)
        assert reader.reply()[2] == reader.reply()[2]


def test_a_reply_has_them_for_who_takes_them(server):
    with server.connect() as s:
        s.sendall(2 * request(b"", WITH_TE))
        reader = Reader(s)
        for _ in range(2):
            head = reader.until(b"\r\n\r\n")
            assert head.count(b"\r\nTrailer: X-Sum") == 1, head
            size = int(reader.until(b"\r\n"), 16)
            assert reader.exactly(size + 2).endswith(f"{CODES}\r\n".encode())
            assert reader.until(b"\r\n\r\n") == b"0\r\nX-Sum: 42"


def test_others_get_none(server):
    for te in (b"", b"TE: trailersx\r\n", b"TE: gzip\r\n"):
        with server.connect() as s:
            s.sendall(request(b"", HEAD + te + b"Connection: close\r\n"))
            data = ending(s)[0]
        assert data.endswith(b"\r\n0\r\n\r\n") and b"Trailer" not in data and b"X-Sum" not in data, data
        assert CODES.encode() in data


def test_nor_does_http_1_0(server):
    with server.connect() as s:
        s.sendall(b"GET /trail HTTP/1.0\r\nTE: trailers\r\n\r\n")
        data = ending(s)[0]
    assert data.endswith(CODES.encode()) and b"Trailer" not in data, data


def test_a_head_has_none(server):
    with server.connect() as s:
        s.sendall(b"HEAD /trail HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n")
        data = ending(s)[0]
    assert data.endswith(b"\r\n\r\n") and b"X-Sum" not in data, data


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 120)
