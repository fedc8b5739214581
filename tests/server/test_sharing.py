#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No client has the thread to itself, however fast it sends or reads. usage: test_sharing.py PROBE_SERVER"""
import contextlib
import select
import socket
import sys
import tempfile
import threading

from probe import GET, TIMEOUT, Reader, Server, hold, run_tests, waits

ENDLESS = 4000000000
ANSWERS = 12


@contextlib.contextmanager
def in_the_background(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    thread.join()


def answers_beside(server, greedy, wanted=ANSWERS):
    """How many answers another client gets while the greedy one goes on; that one ends only afterwards."""
    other = server.connect()
    other.settimeout(5)
    reader, count = Reader(other), 0
    with contextlib.suppress(TimeoutError):
        for _ in range(wanted):
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
    """The handler takes its time for each piece: the next one is always there."""
    with tempfile.TemporaryDirectory() as folder, \
            Server("--body_limit_bytes", str(ENDLESS), unix=f"{folder}/s") as server:
        upload(server, b"Content-Length: %d" % ENDLESS, bytes(1 << 20))
        upload(server, b"Transfer-Encoding: chunked", b"100000\r\n" + bytes(1 << 20) + b"\r\n")


def test_download_leaves_others_their_turn(server):
    """The handler takes its time for each piece: the client has always read the previous one."""
    with server.connect() as s:
        s.sendall(b"GET /slow/%d HTTP/1.1\r\nHost: a\r\n\r\n" % ENDLESS)
        assert s.recv(1)

        def go_on():
            with contextlib.suppress(OSError):
                while s.recv(1 << 20):
                    pass

        with in_the_background(go_on):
            assert answers_beside(server, s) == ANSWERS


def test_pipeline_leaves_others_their_turn(server):
    """Endless requests, each with five milliseconds of work."""
    with server.connect() as s:
        def send():
            with contextlib.suppress(OSError):
                while True:
                    s.sendall(b"GET /compute/5 HTTP/1.1\r\nHost: a\r\n\r\n" * 20000)

        def receive():
            with contextlib.suppress(OSError):
                while s.recv(1 << 20):
                    pass

        with in_the_background(send), in_the_background(receive):
            assert select.select([s], [], [], TIMEOUT)
            assert answers_beside(server, s, 3) == 3


def test_time_for_which_the_thread_was_held_is_not_the_clients(_):
    """What arrived in time counts, even if nobody looked at it before the time was up."""
    post = b"POST /%b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
    timeouts = [word for key in ("header", "idle", "body", "write") for word in (f"--{key}_timeout_ms", "800")]
    with Server(*timeouts) as server:
        idle, head, body = (server.connect() for _ in range(3))
        idle.sendall(GET)
        assert Reader(idle).reply()[2] == b"plain"
        head.sendall(GET[:20])
        body.sendall(post % b"echo")
        big = server.connect()
        big.sendall(b"GET /big/8000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        reader = Reader(big)
        reader.until(b"\r\n\r\n")
        held = hold(server, 1600)
        idle.sendall(GET)
        head.sendall(GET[20:])
        body.sendall(b"hello")
        while select.select([big], [], [], 0.1)[0]:
            reader.more()
        held.until(b"0\r\n\r\n")
        assert [Reader(s).reply()[2] for s in (idle, head, body)] == [b"plain", b"plain", b"hello"]
        assert len(reader.exactly(8000000)) == 8000000


@waits
def test_time_that_the_handler_takes_is_not_the_clients(server):
    """The pace required of a client counts from when the handler waits for it."""
    with server.connect() as s:
        s.sendall(b"POST /doze/11100 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345")
        assert not select.select([s], [], [], 11.5)[0], "the handler waits by now"
        s.sendall(b"67890")
        assert Reader(s).reply()[2] == b"10"


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 120)
