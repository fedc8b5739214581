#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
test_shortage.py FAILING_MALLOC PROBE_SERVER: the sessions of tests/server/test_allocation.py over HTTP/2. Whatever allocation fails, each
stream ends or is reset, or its connection is closed, the log blames no client, and the service goes on.
"""
import socket
import sys
import time

import test_allocation
from test_allocation import WAIT_S, Broken

arguments, sys.argv = sys.argv, [sys.argv[0], sys.argv[2]]  # as tests of the probe server have them
import http2_client  # noqa: E402
from http2_client import DATA, END_STREAM, HEADERS, PREFACE, PUSH_PROMISE, RST_STREAM, frame, settings  # noqa: E402
from test_conformance import block, continuation, data, head, headers, post, update, window  # noqa: E402

OVER_HTTP1 = test_allocation.converse


def asked(*paths, begin=1):
    return b"".join(headers(head(path=path), stream) for stream, path in enumerate_streams(paths, begin))


def enumerate_streams(paths, begin):
    return zip(range(begin, begin + 2 * len(paths), 2), paths)


# For each connection: what is sent behind the preface, with a moment between the pieces, and how many streams it opens.
SESSIONS = (
    ((asked("/plain", "/plain", "/fail", "/nowhere") + headers(head("HEAD"), 9),), 5),
    ((post() + data(b"x" * 3000, flags=0), data(b"y" * 700, flags=0), headers(block(("x-sum", "1")))), 1),
    ((window(1000000) + asked("/stream/40000", "/big/60000", "/sleep/5", "/early"), asked("/broken/10", begin=9)), 5),
    ((post(("expect", "100-continue"), ("content-length", "3")), data(b"abc") + update(3) + asked("/trail", begin=3)), 2),
    ((headers(head()[:20], flags=END_STREAM), continuation(head()[20:]) + asked("/plain", begin=3)), 2),
    ((headers(head("GET", "/#")) + asked("none", begin=3) + headers(head("GET", "/", ("x", "y" * 9000)), 5),), 3),
)


def over_http2(path, pieces, streams):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(WAIT_S)
        s.connect(path)
        over, at, answer = set(), 0, b""
        try:
            s.sendall(PREFACE + settings())
            for number, piece in enumerate(pieces):
                time.sleep(0.002 if number else 0)
                s.sendall(piece)
            while len(over) < streams:
                piece = s.recv(65536)
                if not piece:
                    return answer
                answer += piece
                at = look(answer, at, over)
            s.sendall(frame(http2_client.GOAWAY, 0, 0, bytes(8)))
        except (BrokenPipeError, ConnectionResetError):
            pass
        except TimeoutError:
            raise Broken(f"{len(over)} of {streams} streams have ended") from None
        return answer


def look(answer, at, over):
    """Where the first frame begins that is not whole; `over` gets the streams that end before."""
    while len(answer) >= at + 9:
        length, kind, flags = int.from_bytes(answer[at:at + 3], "big"), answer[at + 3], answer[at + 4]
        stream = int.from_bytes(answer[at + 5:at + 9], "big")
        if length > 16384 or kind > 9 or kind == PUSH_PROMISE or stream % 2 == 0 and stream != 0 or stream in over and kind != RST_STREAM:
            raise Broken(f"not a frame: {answer[at:at + 20]!r}")
        if len(answer) < at + 9 + length:
            break
        if kind == RST_STREAM or kind in (DATA, HEADERS) and flags & END_STREAM:
            over.add(stream)
        at += 9 + length
    return at


def converse(path, pieces, methods):
    return (OVER_HTTP1 if isinstance(methods, str) else over_http2)(path, pieces, methods)


if __name__ == "__main__":
    test_allocation.SESSIONS = {"probe-server": SESSIONS}
    test_allocation.ROUGH = ()
    test_allocation.converse = converse
    test_allocation.main(*arguments[1:])
