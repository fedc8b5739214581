#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How connections end, on either side: broken replies, clients that go, a server that drains. usage: test_endings.py PROBE_SERVER"""
import contextlib
import os
import resource
import select
import signal
import socket
import struct
import sys
import tempfile
import threading
import time

from probe import ALWAYS, GET, TIMEOUT, Reader, Server, ask, ending, hold, run_tests, without_filter, waits


def await_readable(s):
    assert select.select([s], [], [], TIMEOUT)[0], "nothing comes"


def has_come(s):
    """Peek at what can be received now."""
    return s.recv(4096, socket.MSG_PEEK) if select.select([s], [], [], 0)[0] else b""


def await_no_connection_of(server):
    """Wait until the server has no sockets but those of its listeners, which it has from the start."""
    def sockets():
        folder, count = f"/proc/{server.process.pid}/fd", 0
        for fd in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):  # closed after it was listed
                count += os.readlink(f"{folder}/{fd}").startswith("socket:")
        return count
    end = time.monotonic() + TIMEOUT
    while (count := sockets()) > server.listeners and time.monotonic() < end:
        time.sleep(0.005)
    assert count == server.listeners, count


def old_get(path):
    return b"GET %b HTTP/1.0\r\n\r\n" % path


def test_connection_that_a_child_holds_is_forgotten(_):
    """A service may start programs: what a client sends to copies of a closed descriptor concerns nobody."""
    with Server() as server, server.connect() as s:
        reader = Reader(s)
        s.sendall(GET)
        assert reader.reply()[2] == b"plain"
        assert ask(server, b"GET /fork/700 HTTP/1.1\r\nHost: a\r\n\r\n")[2] == b"forked"
        s.sendall(GET[:-2] + b"Connection: close\r\n\r\n")
        assert reader.reply()[2] == b"plain"
        await_no_connection_of(server)
        s.sendall(b"x")
        for _ in range(3):
            assert ask(server, GET)[2] == b"plain"


# --- a reply that ends with the connection: RFC 9112 section 6.3, HTTP/1.0 ---

def test_broken_reply_without_framing_ends_with_a_reset(server):
    for size in (0, 10, 2000, 20000, 500000):
        with server.connect() as s:
            s.sendall(old_get(b"/broken/%d" % size))
            data, end = ending(s)
            assert end == "reset", (size, len(data), end)


def test_whole_reply_without_framing_ends_cleanly(server):
    for request in (old_get(b"/stream/200000"), b"POST /stream/200000 HTTP/1.0\r\nContent-Length: 9\r\n\r\n123"):
        with server.connect() as s:
            s.sendall(request)
            data, end = ending(s)
            assert (len(data.split(b"\r\n\r\n", 1)[1]), end) == (200000, "end"), (request, len(data), end)


def get(path):
    return b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path


def test_answers_before_a_broken_one_arrive_whole(_):
    """However much of them the socket had not taken before the end."""
    with tempfile.TemporaryDirectory() as folder, Server(unix=f"{folder}/s") as server:
        for size in range(120000, 320000, 20000):
            with server.connect(unix=True) as s:
                s.sendall(get(b"/big/%d" % size) + get(b"/big/31000") + get(b"/broken/10"))
                await_readable(s)
                assert ask(server, GET)[0] == 200, "all three have been served by now"
                reader = Reader(s)
                assert [len(reader.reply()[2]) for _ in range(2)] == [size, 31000]
                try:
                    body = reader.reply()[2]
                except (EOFError, ConnectionResetError):
                    continue
                raise AssertionError(f"the broken one looks whole, with {len(body)} bytes")


@waits
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


def test_stream_that_lost_a_piece_does_not_end_whole(_):
    """The handler ignores that a write failed, and writes the rest."""
    with tempfile.TemporaryDirectory() as folder, Server(unix=f"{folder}/s") as server, server.connect(unix=True) as s:
        s.sendall(b"GET /heedless HTTP/1.1\r\nHost: a\r\n\r\n")
        await_readable(s)
        assert ask(server, b"GET /sleep/80 HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 200, "the write has failed by now"
        try:
            body = Reader(s).reply()[2]
        except (EOFError, ConnectionResetError):
            return
        raise AssertionError(f"it looks whole, with {len(body)} bytes")


# --- clients that go: what they have sent is still served ---

POST = b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"POST %b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextlib.contextmanager
def marking_server():
    """A server, and the file in which its handler of /mark records that it reached the end of the body."""
    with tempfile.TemporaryDirectory() as folder:
        with Server(unix=f"{folder}/s", directory=folder) as server:
            yield server, f"{folder}/marks"


def marks(path):
    try:
        with open(path) as file:
            return sorted(int(line) for line in file)
    except FileNotFoundError:
        return []


def await_marks(server, path, wanted):
    end = time.monotonic() + TIMEOUT
    while marks(path) != wanted and time.monotonic() < end:
        assert ask(server, GET)[0] == 200  # nor has it crashed
    assert marks(path) == wanted, (marks(path), wanted)


def requests_to_mark():
    """One of each kind: (bytes, the length of the body)."""
    return [(b"GET /mark HTTP/1.1\r\nHost: a\r\n\r\n", 0),
            (POST % (b"/mark", 5) + b"hello", 5),
            (POST % (b"/mark", 150000) + bytes(150000), 150000),
            (CHUNKED % b"/mark" + b"3\r\nabc\r\n" * 3 + b"0\r\n\r\n", 9),
            (CHUNKED % b"/mark" + b"10000\r\n" + bytes(65536) + b"\r\n0\r\n\r\n", 65536)]


def test_request_of_a_client_that_closes_immediately_is_served(_):
    for request, length in requests_to_mark():
        for kind in ({}, {"unix": True}):
            with marking_server() as (server, path):
                with server.connect(**kind) as s:
                    s.sendall(request)
                await_marks(server, path, [length])


@waits
def test_request_after_an_answer_that_nobody_read_is_served(_):
    with marking_server() as (server, path):
        with server.connect(unix=True) as s:
            s.sendall(GET)
            await_readable(s)
            held = hold(server, 200)
            s.sendall(b"GET /mark HTTP/1.1\r\nHost: a\r\n\r\n")
        held.until(b"0\r\n\r\n")
        await_marks(server, path, [0])


def test_body_of_a_client_that_closes_while_it_is_read_is_read(_):
    for head, rest in ((POST % (b"/mark", 100000), bytes(100000)),
                       (CHUNKED % b"/mark", b"186a0\r\n" + bytes(100000) + b"\r\n0\r\n\r\n")):
        with marking_server() as (server, path):
            with server.connect(unix=True) as s:
                s.sendall(head)
                assert ask(server, GET)[0] == 200, "the handler waits for the body by now"
                s.sendall(rest)
            await_marks(server, path, [100000])


def test_part_of_a_request_of_a_client_that_closes_is_dropped(_):
    for request, _length in requests_to_mark():
        with marking_server() as (server, path):
            with server.connect(unix=True) as s:
                s.sendall(request[:-1])
            assert ask(server, GET, unix=True)[2] == b"plain"  # so the earlier one is accepted
            await_no_connection_of(server)
            assert marks(path) == []


def test_half_closing_client_is_answered(_):
    for request, _length in requests_to_mark():
        with marking_server() as (server, path), server.connect(unix=True) as s:
            s.sendall(request)
            s.shutdown(socket.SHUT_WR)
            data, end = ending(s)
            assert data.endswith(b"\r\n\r\nmarked") and end == "end", (request[:60], data)


@without_filter
def test_half_closing_client_hears_the_end_of_a_filter_that_waits_for_room(_):
    with Server("--filter", "farewell") as server:
        for last in (b"GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", GET):
            for half_closes in (True, False):
                with server.connect() as s:
                    s.sendall(last)
                    if half_closes or last == GET:
                        s.shutdown(socket.SHUT_WR)
                    data, end = ending(s)
                    assert data.endswith(b"\r\n\r\nplainbye") and end == "end", (half_closes, data[-100:], end)


def test_waiting_request_of_a_client_that_closes_is_cancelled(_):
    if ALWAYS:  # its bytes may come so slowly that it begins only after the client closes: then it is served
        return
    with marking_server() as (server, _path):
        with server.connect(unix=True) as s:
            s.sendall(b"GET /sleep/25000 HTTP/1.1\r\nHost: a\r\n\r\n")
            assert ask(server, GET)[0] == 200, "it sleeps by now"
        began = time.monotonic()
        server.process.terminate()
        assert server.process.wait(TIMEOUT) == 0
        assert time.monotonic() - began < 10


def conversations():
    """What clients say, with and without an answer in between."""
    post = POST % (b"/late/1", 300) + bytes(300)
    chunked = CHUNKED % b"/echo" + b"64\r\n" + bytes(100) + b"\r\n0\r\n\r\n"
    expect = b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n" + bytes(20)
    stream = b"GET /stream/100000 HTTP/1.1\r\nHost: a\r\n\r\n"
    big = b"GET /big/3000000 HTTP/1.1\r\nHost: a\r\n\r\n"
    nap = b"GET /sleep/1 HTTP/1.1\r\nHost: a\r\n\r\n"
    ignored = POST % (b"/ignore", 50) + bytes(50)
    return [post + GET, chunked + nap, expect, GET + stream + GET, big + GET, nap + ignored + chunked,
            ignored + old_get(b"/stream/50000")]


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def test_clients_may_go_at_any_point(_):
    """After each byte, by end of stream or by reset, immediately or after something has come back."""
    light = "COR_TEST_LIGHT" in os.environ
    with tempfile.TemporaryDirectory() as folder, Server(unix=f"{folder}/s") as server:
        for text in conversations():
            for at in range(1, len(text) + 1, 17 if light else 5):
                for kind, leave in (({}, reset), ({}, socket.socket.close), ({"unix": True}, socket.socket.close)):
                    s = server.connect(**kind)
                    s.sendall(text[:at])
                    if at % 3 == 0:
                        select.select([s], [], [], 0.002)
                    leave(s)
        await_no_connection_of(server)
        assert ask(server, GET)[0] == 200


def test_last_bytes_of_a_refused_client_reset_nothing(_):
    """They and its end arrive together, when the server has refused it and waits for its end."""
    bad = b"GET / HTTP/1.1\r\nHost : a\r\n\r\n"
    with tempfile.TemporaryDirectory() as folder, Server(unix=f"{folder}/s") as server:
        for kind in ({}, {"unix": True}):
            with server.connect(**kind) as s:
                s.sendall(bad)
                Server.await_cut(s)
                server.process.send_signal(signal.SIGSTOP)
                s.sendall(GET * 50)
                s.shutdown(socket.SHUT_WR)
                server.process.send_signal(signal.SIGCONT)
                await_no_connection_of(server)
                answer, end = ending(s)
                assert answer.startswith(b"HTTP/1.1 400") and end == "end", (kind, answer[:20], end)


# --- a server that drains: RFC 9112 section 9.6 ---

REFUSED = (ConnectionRefusedError, FileNotFoundError)  # a unix socket's file is gone
KINDS = {"IPv4": {}, "unix": {"unix": True}, "IPv6": {"ipv6": True}}  # the kinds of listeners


@contextlib.contextmanager
def server_of_all_kinds(*arguments, **options):
    with tempfile.TemporaryDirectory() as folder, Server(*arguments, unix=f"{folder}/s", ipv6=True, **options) as server:
        yield server


def idle_client(server):
    """Its connection ends about a second after the server begins to drain."""
    s = server.connect()
    s.sendall(GET)
    assert Reader(s).reply()[0] == 200
    return s


def await_refusal(server):
    """Wait until new clients see the server drain: TCP ignores them for a moment, and then refuses them."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", server.port), 0.1).close()
        except (*REFUSED, TimeoutError):
            return
    raise AssertionError("the server still listens")


def is_refused(server, kind):
    try:
        server.connect(**kind).close()
        return False
    except REFUSED:
        return True


@without_filter
@waits
def test_late_clients_are_refused_immediately(_):
    for threads in ("1", "4"):
        with server_of_all_kinds("--threads", threads) as server:
            busy = server.connect()
            busy.sendall(b"GET /sleep/1000 HTTP/1.1\r\nHost: a\r\n\r\n")
            assert ask(server, GET)[0] == 200
            server.process.terminate()
            await_refusal(server)
            accepted = [name for name, kind in KINDS.items() if not is_refused(server, kind)]
            assert not accepted, accepted
            status, fields, body = Reader(busy).reply()
            assert (status, body, fields["connection"]) == (200, b"slept", "close")
            busy.close()


@without_filter
def test_late_clients_are_refused_while_a_thread_is_held(_):
    with Server("--threads", "2") as server:
        held = hold(server, 1500)
        server.process.terminate()
        await_refusal(server)
        assert b"0\r\n\r\n" not in has_come(held.s), "the thread is still held"


class TooSlow(Exception):
    """The machine was: the server need not wait so long for a request."""


def patiently(serve):
    """Another server, if the machine was too slow to tell."""
    for _ in range(4):
        with contextlib.suppress(TooSlow):
            return serve()
    return serve()


def send_by(due, clients):
    """A client that asks later need not be waited for."""
    try:
        for s in clients:
            s.sendall(GET)
    except OSError as problem:
        if time.monotonic() < due:
            raise
        raise TooSlow from problem
    if time.monotonic() >= due:
        raise TooSlow


def serve_backlog(server, threads=1):
    """Twelve clients of each kind, every second with its request, are in the backlog when the server must end."""
    accepted = time.monotonic() + 1  # no earlier than that; then they have a second to ask
    held = [hold(server, 1000) for _ in range(threads)]
    clients = [server.connect(**kind) for kind in KINDS.values() for _ in range(12)]
    for s in clients[::2]:
        s.sendall(GET)
    server.process.terminate()
    for reader in held:
        reader.until(b"0\r\n\r\n")
    send_by(accepted + 0.9, clients[1::2])
    for reader in held:
        reader.s.close()
    for s in clients:
        status, fields, body = Reader(s).reply()
        assert (status, body, fields.get("connection")) == (200, b"plain", "close"), (status, fields)
        s.close()
    assert server.process.wait(TIMEOUT) == 0


def test_backlog_is_served(_):
    def serve(threads):
        with server_of_all_kinds("--threads", str(threads)) as server:
            serve_backlog(server, threads)
    for threads in (1, 3):
        patiently(lambda: serve(threads))


def test_backlog_is_served_beyond_the_limit_of_connections(_):
    def serve():
        with server_of_all_kinds("--connections_max", "5") as server:
            serve_backlog(server)
    patiently(serve)


def test_backlog_is_served_even_if_files_run_out(_):
    def few_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))

    def serve():
        with server_of_all_kinds("--connections_max", "1000", before=few_files) as server:
            serve_backlog(server)
    patiently(serve)


def test_stop_gives_up_the_backlog(_):
    with Server("--connections_max", "1", "--drain_timeout_ms", "200") as server:
        busy = server.connect()
        busy.sendall(b"GET /sleep/25000 HTTP/1.1\r\nHost: a\r\n\r\n")
        waiting = server.connect()
        waiting.sendall(GET)
        server.process.terminate()
        assert server.process.wait(TIMEOUT) == 0
        assert ending(waiting)[0] == b""


@waits
def test_silent_client_does_not_hold_the_drain_up(_):
    with Server() as server, server.connect():
        assert ask(server, GET)[0] == 200, "the silent client was accepted before"
        began = time.monotonic()
        server.process.terminate()
        assert server.process.wait(TIMEOUT) == 0
        assert time.monotonic() - began < 8, "less than the time for a head"


@waits
def test_first_request_on_an_accepted_connection_is_served(_):
    with Server() as server:
        idle, fresh, silent = idle_client(server), server.connect(), idle_client(server)
        assert ask(server, GET)[0] == 200, "the fresh client was accepted before"
        server.process.terminate()
        await_refusal(server)
        for s in (idle, fresh):
            s.sendall(GET)
            status, fields, _ = Reader(s).reply()
            assert (status, fields["connection"]) == (200, "close")
            s.close()
        assert silent.recv(1) == b"", "a client that asks nothing is sent away"


def ask_without_end(server, answered, lost):
    """One request after another, until the server says that it was the last."""
    with server.connect() as s:
        reader = Reader(s)
        try:
            while True:
                s.sendall(GET)
                fields = reader.reply()[1]
                answered.append(1)
                if fields.get("connection") == "close":
                    return
        except (OSError, EOFError) as problem:
            lost.append(f"{type(problem).__name__}: {problem}")


def test_no_request_of_a_busy_client_is_lost(_):
    """A client that keeps its connection may have asked just as the server began to drain."""
    for threads in ("1", "2"):
        answered, lost = [], []
        with Server("--threads", threads) as server:
            clients = [threading.Thread(target=ask_without_end, args=(server, answered, lost)) for _ in range(50)]
            for client in clients:
                client.start()
            while len(answered) < 2000:
                assert ask(server, GET)[0] == 200
            server.process.terminate()
            for client in clients:
                client.join(TIMEOUT)
        assert not lost and len(answered) >= 2000, (len(answered), len(lost), lost[:3])


def hammer(server, kind, answered, lost):
    """A connection for each request, until the server refuses one: every client that it accepts must get an answer."""
    while True:
        try:
            s = server.connect(**kind)
        except REFUSED:
            return
        try:
            s.sendall(GET)
            assert Reader(s).reply()[2] == b"plain"
            answered.append(1)
        except (OSError, EOFError, AssertionError) as problem:
            lost.append(f"{type(problem).__name__}: {problem}")
        s.close()


def test_no_client_of_a_load_is_lost(_):
    for round_number in range(6):
        with server_of_all_kinds("--threads", str(1 + round_number % 3)) as server:
            answered, lost = [], []
            clients = [threading.Thread(target=hammer, args=(server, kind, answered, lost))
                       for kind in KINDS.values() for _ in range(2)]
            for client in clients:
                client.start()
            while len(answered) < 300 and not lost:
                assert ask(server, GET)[0] == 200
            server.process.terminate()
            for client in clients:
                client.join()
            assert not lost, (round_number, len(answered), len(lost), lost[:3])


def test_pipeline_ends_with_a_whole_answer_that_says_so(_):
    """Whatever follows: the client learns which of its requests were not served."""
    for path in (b"/sleep/1", b"/compute/1"):
        with Server() as server, server.connect() as s:
            s.sendall(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path * 3000)
            reader, answers = Reader(s), 0
            while reader.reply()[1].get("connection") != "close":
                answers += 1
                if answers == 10:
                    server.process.terminate()
            assert 10 <= answers < 3000 and ending(s) == (b"", "end") and reader.data == b""


@without_filter
def test_unix_socket_of_another_server_is_left_alone(_):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/s"
        with Server(unix=path) as first:
            os.rename(path, path + ".moved")
            with Server(unix=path) as second:
                first.process.terminate()
                assert first.process.wait(TIMEOUT) == 0
                assert ask(second, GET, unix=True)[0] == 200


@without_filter
@waits
def test_path_of_a_draining_server_is_free(_):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/s"
        with Server(unix=path) as first:
            busy = first.connect(unix=True)
            busy.sendall(b"GET /sleep/1000 HTTP/1.1\r\nHost: a\r\n\r\n")
            assert ask(first, GET)[0] == 200
            first.process.terminate()
            await_refusal(first)
            with Server(unix=path) as second:
                assert Reader(busy).reply()[2] == b"slept"
                busy.close()
                assert first.process.wait(TIMEOUT) == 0
                assert ask(second, GET, unix=True)[0] == 200


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 240)
