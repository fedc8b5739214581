#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""HTTP/1.1 over real sockets: framing, limits, timeouts, pipelining, drain. usage: test_http1.py PROBE_SERVER"""
import errno
import fcntl
import glob
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

from probe import ALWAYS, GET, PROBE, TIMEOUT, Reader, Server, ask, read_to_end, run_tests, without_filter, without_tls, waits


# --- the tests: each takes a server with default settings, unless it makes its own ---

def test_plain(server):
    status, fields, body = ask(server, GET)
    assert (status, body) == (200, b"plain"), (status, body)
    assert fields["content-type"] == "text/plain" and fields["date"].endswith(" GMT"), fields


def test_ipv6_and_unix(_):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/s"
        with Server(unix=path, ipv6=True) as server:
            assert ask(server, GET, unix=True)[0] == 200
            assert ask(server, GET, ipv6=True)[0] == 200
        assert not os.path.exists(path), "the unix socket must go with the server"


def test_stale_unix_socket_is_replaced_a_live_one_is_not(_):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/s"
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(path)
        stale.close()
        with Server(unix=path) as server:
            assert ask(server, GET, unix=True)[0] == 200
            second = subprocess.run([PROBE, f"unix:{path}"], capture_output=True, timeout=TIMEOUT)
            assert second.returncode == 1 and b"Address already in use" in second.stderr, second


def test_keep_alive(server):
    with server.connect() as s:
        reader = Reader(s)
        for _ in range(100):
            s.sendall(GET)
            assert reader.reply()[2] == b"plain"


def test_byte_by_byte(server):
    with server.connect() as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        for i in range(len(request)):
            s.sendall(request[i:i + 1])
        assert Reader(s).reply()[2] == b"hello"


def test_pipelined(server):
    with server.connect() as s:
        post = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        chunked = b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n"
        stream = b"GET /stream/2500 HTTP/1.1\r\nHost: a\r\n\r\n"
        ignored = b"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        nap = b"GET /sleep/20 HTTP/1.1\r\nHost: a\r\n\r\n"
        requests = [GET, post, nap, chunked, ignored, stream]
        wanted = [b"plain", b"abc", b"slept", b"xy", b"ignored", b"s" * 2500]
        if ALWAYS:  # a body that nobody reads and that has not arrived yet ends the connection
            del requests[4], wanted[4]
        s.sendall(b"".join(requests) * 20)
        reader = Reader(s)
        for _ in range(20):
            bodies = [reader.reply()[2] for _ in wanted]
            assert bodies == wanted, bodies


def test_long_pipeline_of_a_client_that_half_closes(_):
    """It is served in turns; the client reads late, and the end of the stream follows the requests."""
    with tempfile.TemporaryDirectory() as folder, Server(unix=f"{folder}/s") as server:
        for kind in ({}, {"unix": True}):
            for scale in (1, 100):
                with server.connect(**kind) as s:
                    lengths = [n % 50 * scale for n in range(3000)]
                    text = b"".join(b"GET /big/%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in lengths)
                    sender = threading.Thread(target=lambda: (s.sendall(text), s.shutdown(socket.SHUT_WR)))
                    sender.start()
                    assert ask(server, b"GET /sleep/50 HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 200
                    reader = Reader(s)
                    for number, length in enumerate(lengths):
                        try:
                            status, _, body = reader.reply()
                        except OSError as e:
                            raise AssertionError(f"reply {number}, {kind}, {scale}: {server.cuts()}") from e
                        assert (status, len(body)) == (200, length), (number, kind, scale, status, body[:200])
                    sender.join()
                    assert reader.data + read_to_end(s) == b""


def test_head_has_length_and_no_body(server):
    with server.connect() as s:
        s.sendall(b"HEAD /plain HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
        reader = Reader(s)
        status, fields, _ = reader.reply(head_only=True)
        assert status == 200 and fields["content-length"] == "5"
        assert reader.reply()[2] == b"plain", "nothing may come between the two replies"


def test_bodies(server):
    for size in (0, 1, 65535, 65536, 65537, 1048576):
        body = bytes(i & 255 for i in range(size))
        head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size
        assert ask(server, head + body)[2] == body, size
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 5000]), body[i:i + 5000]) for i in range(0, size, 5000))
        head = b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert ask(server, head + chunks + b"0\r\n\r\n")[2] == body, size
        head = b"POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size
        assert ask(server, head + body)[2] == b"%d" % size


def test_body_limit(server):
    for limit_offset, expected in ((0, 200), (1, 413)):
        size = 1048576 + limit_offset
        head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size
        assert ask(server, head + b"x" * size)[0] == expected
        head = b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert ask(server, head + b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n")[0] == expected


def test_expect_continue(server):
    with server.connect() as s:
        reader = Reader(s)
        s.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert reader.reply()[0] == 100
        s.sendall(b"ok")
        assert reader.reply()[2] == b"ok"
        s.sendall(b"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        status, fields, _ = reader.reply()
        assert status == 200 and fields["connection"] == "close", "nobody asked for the body: it must not be sent"


def test_unread_body_closes_the_connection(server):
    with server.connect() as s:
        s.sendall(b"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + b"x" * 1000)
        reader = Reader(s)
        status, fields, _ = reader.reply()
        assert status == 200 and fields["connection"] == "close"
        s.sendall(GET)
        assert read_to_end(s) == b"", "what follows an unread body must not be taken for a request"


def test_framing_errors_close_and_answer_nothing_more(server):
    cases = [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (b"GET /plain HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"GET /plain HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"GET /plain HTTP/1.1\nHost: a\n\n", 400),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400),
    ]
    for request, expected in cases:
        with server.connect() as s:
            s.sendall(request + GET)
            reader = Reader(s)
            status, fields, body = reader.reply()
            assert status == expected, (request, status, body)
            assert fields["connection"] == "close", request
            assert reader.data + read_to_end(s) == b"", (request, "answered after the error")


def test_size_limits(_):
    """Each limit of a head: served at the limit, refused above it with its own status."""
    with Server("--request_line_bytes", "100", "--header_line_bytes", "200", "--header_block_bytes", "1000",
                "--header_count", "10") as server:
        def target(n):
            return b"GET /plain?" + b"q" * (n - len(b"GET /plain? HTTP/1.1")) + b" HTTP/1.1\r\nHost: a\r\n\r\n"

        def line(n):
            return b"GET /plain HTTP/1.1\r\nHost: a\r\nX: " + b"v" * (n - 3) + b"\r\n\r\n"

        def count(n):
            return b"GET /plain HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * (n - 1) + b"\r\n"

        assert [ask(server, target(n))[0] for n in (99, 100, 101, 5000)] == [200, 200, 414, 414]
        assert [ask(server, line(n))[0] for n in (199, 200, 201, 5000)] == [200, 200, 431, 431]
        assert [ask(server, count(n))[0] for n in (9, 10, 11)] == [200, 200, 431]
        block = b"GET /plain HTTP/1.1\r\nHost: a\r\n" + (b"X: " + b"v" * 145 + b"\r\n") * 8 + b"\r\n"
        assert ask(server, block)[0] == 431


@without_filter
@waits
def test_connection_age(_):
    with Server("--connection_age_s", "1") as server, server.connect() as s:
        reader = Reader(s)
        closing = None
        began = time.monotonic()
        while closing is None and time.monotonic() - began < TIMEOUT:
            s.sendall(GET)
            closing = reader.reply()[1].get("connection")
            time.sleep(0.05)
        assert closing == "close" and s.recv(1) == b"", "an old connection ends with an answer"
        assert time.monotonic() - began > 1, "a young one does not end"


def test_request_memory(_):
    with Server("--request_memory_bytes", "65536", "--body_limit_bytes", "1000000") as server:
        for size, expected in ((30000, 200), (900000, 413)):
            head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size
            status, fields, _ = ask(server, head + b"x" * size)
            assert status == expected, size
            assert "retry-after" not in fields, "it would be too large the next time, too"


def test_service_may_say_when_to_retry(server):
    with server.connect() as s:
        s.sendall(b"GET /overload HTTP/1.1\r\nHost: a\r\n\r\n")
        lines = Reader(s).until(b"\r\n\r\n").lower().split(b"\r\n")
        assert [line for line in lines if line.startswith(b"retry-after")] == [b"retry-after: 120"], lines


@without_filter
def test_backlog_and_listening(_):
    with Server("--backlog", "1") as server:
        sockets = [server.connect() for _ in range(3)]
        for s in sockets:
            s.sendall(GET)
            assert Reader(s).reply()[0] == 200
            s.close()


# The test for each setting of the server. A setting without one fails the run.
SETTING_TESTS = {
    "http": "test_ipv6_and_unix",
    "https_h1": "test_tls_offers_both_and_one_port_http1_alone",
    "h2c": "test_h2c_refuses_http1",
    "uwsgi": "unix_sockets_and_http_beside_it",
    "https": "test_unix_socket_and_plain_listener_beside_it",
    "certificate": "test_mistakes_say_what_to_do",
    "key": "test_mistakes_say_what_to_do",
    "ocsp": "test_response_comes_with_its_certificate",
    "tls_security": "test_old_versions_and_weak_ciphers_are_refused",
    "client_certificates": "test_required",
    "client_ca": "test_revoked_one_is_refused",
    "handshake_timeout_ms": "test_handshake_has_a_deadline",
    "handshakes_max": "test_handshakes_in_progress_are_limited",
    "trusted_proxies": "a_proxy_is_believed",
    "trusted_headers": "only_what_is_listed_of_its_lines_counts",
    "proxy_protocol": "a_proxy_header_names_the_client",
    "threads": "test_threads",
    "backlog": "test_backlog_and_listening",
    "unix_mode": "test_unix_mode_and_group",
    "unix_group": "test_unix_mode_and_group",
    "connections_max": "test_connection_limit_pauses_and_goes_on",
    "connections_per_peer": "test_connections_of_one_client",
    "unsent_limit_bytes": "test_unsent_limit",
    "queue_target_ms": "test_requests_that_compute",
    "requests_per_connection": "test_requests_per_connection",
    "connection_age_s": "test_connection_age",
    "header_timeout_ms": "test_header_timeout_is_absolute",
    "body_timeout_ms": "test_body_timeout",
    "write_timeout_ms": "test_write_timeout",
    "idle_timeout_ms": "test_idle_timeout",
    "request_timeout_ms": "test_request_timeout",
    "drain_timeout_ms": "test_drain_timeout_cuts",
    "http2_streams": "test_more_streams_than_may_be",
    "request_line_bytes": "test_size_limits",
    "header_line_bytes": "test_size_limits",
    "header_block_bytes": "test_size_limits",
    "header_count": "test_size_limits",
    "held_ms": "nobody_looks_when_it_is_off",
    "held_fatal": "in_tests_it_is_fatal",
    "body_limit_bytes": "test_body_limit",
    "request_memory_bytes": "test_request_memory",
}


def files_of_tests():
    for path in glob.glob(os.path.join(os.path.dirname(__file__), "..", "*", "test_*.py")):
        with open(path, encoding="utf-8") as file:
            yield file.read()


def test_every_setting_has_its_test(_):
    settings = subprocess.run([PROBE, "--list"], capture_output=True, timeout=TIMEOUT, check=True).stdout.decode().split()
    assert sorted(settings) == sorted(SETTING_TESTS), set(settings) ^ set(SETTING_TESTS)
    for name in SETTING_TESTS.values():
        assert any(f"def {name}(" in text for text in files_of_tests()), name


def test_header_timeout_is_absolute(_):
    with Server("--header_timeout_ms", "300") as server, server.connect() as s:
        began = time.monotonic()
        s.sendall(b"GET /plain HTTP/1.1\r\n")
        answered = threading.Event()

        def trickle():
            while not answered.wait(0.05):
                try:
                    s.sendall(b"X: y\r\n")
                except OSError:
                    return

        thread = threading.Thread(target=trickle)
        thread.start()
        status, fields, _ = Reader(s).reply()
        answered.set()
        thread.join()
        assert status == 408 and fields["connection"] == "close"
        assert 0.25 < time.monotonic() - began < 5, "trickling bytes must not prolong it"


def test_body_timeout(_):
    with Server("--body_timeout_ms", "200") as server:
        for framing in (b"Content-Length: 10", b"Transfer-Encoding: chunked"):
            status, fields, _ = ask(server, b"POST /echo HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n\r\n")
            assert status == 408 and fields["connection"] == "close", framing


def test_idle_timeout(_):
    with Server("--idle_timeout_ms", "200") as server, server.connect() as s:
        s.sendall(GET)
        assert Reader(s).reply()[0] == 200
        assert s.recv(1) == b"", "an idle connection is closed"


def test_request_timeout(_):
    with Server("--request_timeout_ms", "100") as server:
        began = time.monotonic()
        assert ask(server, b"GET /sleep/10000 HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 504
        assert time.monotonic() - began < 5


@waits
def test_write_timeout(_):
    with Server("--write_timeout_ms", "300") as server, server.connect() as s:
        s.sendall(b"GET /stream/50000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        with server.connect() as other:
            other.sendall(b"GET /sleep/1500 HTTP/1.1\r\nHost: a\r\n\r\n")
            assert Reader(other).reply()[2] == b"slept"
        data = read_to_end(s)
        assert len(data) < 50000000 and not data.endswith(b"0\r\n\r\n"), "a client that does not read is cut"


def test_requests_per_connection(_):
    with Server("--requests_per_connection", "3") as server, server.connect() as s:
        s.sendall(GET * 5)
        reader = Reader(s)
        assert [reader.reply()[1].get("connection") for _ in range(3)] == [None, None, "close"]
        assert reader.data + read_to_end(s) == b""


def test_connection_limit_pauses_and_goes_on(_):
    with Server("--connections_max", "2") as server:
        a, b, c = server.connect(), server.connect(), server.connect()
        for s in (a, b):
            s.sendall(GET)
            assert Reader(s).reply()[0] == 200
        c.sendall(GET)
        c.settimeout(0.3)
        try:
            assert not c.recv(1), "a third connection was served"
            raise AssertionError("the third connection was closed")
        except TimeoutError:
            pass
        a.close()
        c.settimeout(TIMEOUT)
        assert Reader(c).reply()[0] == 200
        b.close()
        c.close()


@waits
def test_large_reply_to_a_slow_reader(server):
    for path, size in ((b"/big/3000000", 3000000), (b"/stream/3000000", 3000000)):
        with server.connect() as s:
            s.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
            time.sleep(0.2)
            reader = Reader(s)
            assert len(reader.reply()[2]) == size
            assert reader.reply()[2] == b"plain", "the pipelined request after it is served"


def test_http_1_0(server):
    with server.connect() as s:
        s.sendall(b"GET /plain HTTP/1.0\r\n\r\n")
        data = read_to_end(s)
        assert data.endswith(b"\r\n\r\nplain") and b"onnection: close" in data, data
    with server.connect() as s:
        s.sendall(b"GET /stream/2000 HTTP/1.0\r\n\r\n")
        data = read_to_end(s)
        assert data.endswith(b"\r\n\r\n" + b"s" * 2000) and b"chunked" not in data


def test_half_closed_client_is_answered(server):
    with server.connect() as s:
        s.sendall(b"GET /sleep/50 HTTP/1.1\r\nHost: a\r\n\r\n")
        s.shutdown(socket.SHUT_WR)
        assert read_to_end(s).endswith(b"slept")


def test_reset_client_cancels_its_request(_):
    with Server() as server:
        s = server.connect()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        s.sendall(b"GET /sleep/25000 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert ask(server, GET)[0] == 200
        s.close()
        began = time.monotonic()
        server.process.terminate()
        assert server.process.wait(TIMEOUT) == 0
        assert time.monotonic() - began < 10, "the sleeping request must have ended with its client"


def test_handler_without_reply(server):
    for method, length in ((b"GET", None), (b"HEAD", 0)):
        with server.connect() as s:
            s.sendall(method + b" /fail HTTP/1.1\r\nHost: a\r\n\r\n")
            reader = Reader(s)
            status, fields, _ = reader.reply(head_only=True)
            assert (status, fields["connection"]) == (500, "close")
            assert len(reader.data + read_to_end(s)) == (int(fields["content-length"]) if length is None else length)
    assert ask(server, GET)[0] == 200


@waits
def test_drain_ends_requests_and_closes_idle(_):
    with Server() as server:
        idle, busy = server.connect(), server.connect()
        idle.sendall(GET)
        assert Reader(idle).reply()[0] == 200
        busy.sendall(b"GET /sleep/500 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert ask(server, GET)[0] == 200, "the busy request is in by now"
        server.process.terminate()
        status, fields, body = Reader(busy).reply()
        assert (status, body, fields["connection"]) == (200, b"slept", "close")
        assert idle.recv(1) == b"", "an idle connection ends, too"
        assert server.process.wait(TIMEOUT) == 0


def test_drain_timeout_cuts(_):
    with Server("--drain_timeout_ms", "200") as server:
        busy = server.connect()
        busy.sendall(b"GET /sleep/25000 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert ask(server, GET)[0] == 200
        began = time.monotonic()
        server.process.terminate()
        assert server.process.wait(TIMEOUT) == 0
        assert time.monotonic() - began < 10


def test_stack_overflow_is_named(server):
    assert ask(server, b"GET /deep/40 HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 200, "deep, but not too deep"
    # a sanitizer's report about it is not a finding
    options = {f"{name}SAN_OPTIONS": "log_path=stderr" for name in ("A", "L", "T", "UB")}
    process = subprocess.Popen([PROBE, "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={**os.environ, **options})
    port = int(process.stdout.readline().split()[1])
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as s:
        s.sendall(b"GET /deep/4000 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_to_end(s) == b""
    _, complaint = process.communicate(timeout=TIMEOUT)
    assert b'stack overflow in fiber "probe"' in complaint, complaint
    assert process.returncode != 0


def test_threads(_):
    with Server("--threads", "4") as server:
        failures = []

        def client():
            try:
                with server.connect() as s:
                    reader = Reader(s)
                    for _ in range(200):
                        s.sendall(GET)
                        assert reader.reply()[2] == b"plain"
            except Exception as problem:  # reported below
                failures.append(problem)

        clients = [threading.Thread(target=client) for _ in range(16)]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join()
        assert not failures, failures


def test_many_parked_requests(server):
    sockets = [server.connect() for _ in range(300)]
    began = time.monotonic()
    for s in sockets:
        s.sendall(b"GET /sleep/300 HTTP/1.1\r\nHost: a\r\n\r\n")
    for s in sockets:
        assert Reader(s).reply()[2] == b"slept"
        s.close()
    assert time.monotonic() - began < 10, "they wait at the same time"


def test_answer_given_before_a_wait_goes_to_its_own_client(server):
    with server.connect() as a, server.connect() as b:
        a.sendall(b"POST /late/1000 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
        assert ask(server, GET)[2] == b"plain", "the first request waits for its body by now"
        a.sendall(b"mine!")
        time.sleep(0.2)
        b.sendall(GET)
        assert Reader(b).reply()[2] == b"plain"
        assert Reader(a).reply()[2] == b"mine!"


def test_no_100_after_the_head_of_the_reply(server):
    with server.connect() as s:
        s.sendall(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        reader = Reader(s)
        head = reader.until(b"\r\n\r\n")
        s.sendall(b"ok" + GET)
        rest = reader.until(b"0\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200") and b"close" not in head and rest == b"1\r\n2\r\n", (head, rest)
        assert reader.reply()[2] == b"plain", "all of the body was read, so the connection goes on"


def test_head_ends_a_stream_without_end(_):
    """The answer to a HEAD is complete with its head: a handler that writes for ever learns that nobody reads it."""
    with tempfile.TemporaryDirectory() as folder, Server(directory=folder) as server, server.connect() as s:
        s.sendall(b"HEAD /endless HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
        reader = Reader(s)
        assert reader.reply(head_only=True)[0] == 200
        assert reader.reply()[2] == b"plain"
        with open(f"{folder}/marks", encoding="ascii") as marks:
            assert marks.read() == f"{-errno.EPIPE}\n"


def test_deadline_of_the_request_while_its_body_comes_is_not_the_clients(_):
    with Server("--request_timeout_ms", "300", "--body_timeout_ms", "10000") as server, server.connect() as s:
        s.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
        assert Reader(s).reply()[0] == 504


@waits
def test_empty_line_after_a_request_is_not_a_request(_):
    with Server("--header_timeout_ms", "200", "--idle_timeout_ms", "2000") as server:
        for split in ((b"\r\n",), (b"\r", b"\n")):
            with server.connect() as s:
                reader = Reader(s)
                s.sendall(GET)
                assert reader.reply()[0] == 200
                for piece in split:
                    s.sendall(piece)
                    assert ask(server, b"GET /sleep/300 HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 200
                s.sendall(GET)
                assert reader.reply()[2] == b"plain"


def test_urgent_byte(_):
    """A receive stops at it, although more has arrived."""
    with Server("--header_timeout_ms", "2000") as server, server.connect() as s:
        s.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n" + b"x" * 500)
        s.send(b"y", socket.MSG_OOB)
        s.sendall(b"x" * 1500)
        status, _, body = Reader(s).reply()
        assert (status, body) == (200, b"x" * 2000)


def test_status_without_content(server):
    with server.connect() as s:
        reader = Reader(s)
        for status in (204, 205, 304):
            s.sendall(b"GET /status/%d HTTP/1.1\r\nHost: a\r\n\r\n" % status + GET)
            head = reader.until(b"\r\n\r\n").lower()
            assert (b"content-length: 0" in head) == (status == 205), head
            assert reader.reply()[2] == b"plain"


def test_idle_time_counts_from_the_answer(_):
    """The handler holds the thread for longer than a client may be idle: the client still gets its full time."""
    with Server("--idle_timeout_ms", "800") as server, server.connect() as s:
        reader = Reader(s)
        s.sendall(b"GET /compute/1000 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert reader.reply()[2] == b"computed"
        assert not select.select([s], [], [], 0.15)[0], "the connection was closed too early"
        s.sendall(GET)
        assert reader.reply()[2] == b"plain"


def test_write_time_counts_from_the_answer(_):
    with Server("--write_timeout_ms", "500") as server, server.connect() as s:
        s.sendall(b"GET /holdbig/700 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert len(Reader(s).reply()[2]) == 8000000


def test_answers_before_a_defect_are_sent(server):
    with server.connect() as s:
        s.sendall(GET * 3 + b"GET /fail HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
        reader = Reader(s)
        assert [reader.reply()[0] for _ in range(4)] == [200, 200, 200, 500]
        assert reader.data + read_to_end(s) == b""


def test_client_that_sends_at_length_gets_its_answer(server):
    """Nobody reads the body, and all windows are full when the answer is sent."""
    began = time.monotonic()
    with server.connect() as s:
        s.sendall(b"POST /sleep/300 HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n" + b"x" * 20000000)
        status, fields, _ = Reader(s).reply()
        assert (status, fields["connection"]) == (200, "close")
    assert time.monotonic() - began < TIMEOUT


@without_tls
def test_bytes_after_the_last_request_do_not_destroy_its_answer(_):
    with Server("--requests_per_connection", "1") as server, socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(TIMEOUT)
        s.connect(("127.0.0.1", server.port))
        s.sendall(b"GET /big/8000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.2)
        s.sendall(GET)
        status, fields, body = Reader(s).reply()
        assert (status, fields["connection"], len(body)) == (200, "close", 8000000)


def test_bytes_after_a_request_declared_to_be_the_last_do_not_destroy_its_answer(server):
    for request in (b"GET /big/8000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"GET /big/8000000 HTTP/1.0\r\n\r\n"):
        with server.connect() as s:
            s.sendall(request)
            assert s.recv(1) == b"H"
            s.sendall(b"\r\n")
            body = read_to_end(s).split(b"\r\n\r\n", 1)[1]
            assert len(body) == 8000000, len(body)


@waits
def test_header_timeout_after_a_slow_answer(_):
    with tempfile.TemporaryDirectory() as folder, Server("--header_timeout_ms", "300", unix=f"{folder}/s") as server:
        with server.connect(unix=True) as s:
            big = b"GET /big/%d HTTP/1.1\r\nHost: a\r\n\r\n"
            s.sendall(big % 200000 + big % 30000 + b"GET /plain HT")
            time.sleep(0.5)
            reader = Reader(s)
            assert [len(reader.reply()[2]) for _ in range(2)] == [200000, 30000], "answers are not cut while being read"
            began = time.monotonic()
            assert reader.reply()[0] == 408
            assert time.monotonic() - began < 5


def received(s):
    return struct.unpack("i", fcntl.ioctl(s, termios.FIONREAD, b"\0\0\0\0"))[0]


@waits
@without_tls
def test_client_that_does_not_read_is_cut_while_its_handler_waits(_):
    """One of these sizes fills its socket with the last piece: a tail is left when the handler goes to sleep."""
    with tempfile.TemporaryDirectory() as folder, Server("--write_timeout_ms", "300", unix=f"{folder}/s") as server:
        clients = [server.connect(unix=True) for _ in range(14)]
        for pieces, s in enumerate(clients, 3):
            s.sendall(b"GET /pause/%d HTTP/1.1\r\nHost: a\r\n\r\n" % (pieces * 16384))
        time.sleep(1.5)
        for s in clients:
            there, count = received(s), 0
            s.settimeout(0.2)
            try:
                while piece := s.recv(65536):
                    count += len(piece)
            except TimeoutError:
                pass  # everything fitted, and the handler still sleeps
            s.close()
            assert count == there, "the tail was still sent"


@waits
def test_drain_serves_what_has_arrived(_):
    with Server() as server:
        kept, busy = server.connect(), server.connect()
        kept.sendall(GET)
        assert Reader(kept).reply()[0] == 200
        busy.sendall(b"GET /compute/500 HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.1)
        fresh = server.connect()
        fresh.sendall(GET)
        kept.sendall(GET)
        server.process.terminate()
        for s in (busy, kept, fresh):
            status, fields, _ = Reader(s).reply()
            assert (status, fields.get("connection")) in ((200, "close"), (200, None)), (status, fields)
        assert server.process.wait(TIMEOUT) == 0


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 240)
