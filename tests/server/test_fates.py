#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A line of the access log says what became of an answer: it is written when that is known."""
import socket
import struct
import sys

from probe import GET, TIMEOUT, Log, Reader, read_to_end, run_tests

BIG = b"GET /big/8000000?n=1 HTTP/1.1\r\nHost: a\r\nUser-Agent: eight\r\nX-Request-Id: id-8\r\n\r\n"


def slow_client(log):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.settimeout(TIMEOUT)
    s.connect(("127.0.0.1", log.server.port))
    return s


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def test_whole_answers(_):
    with Log() as log, log.server.connect() as s:
        s.sendall(GET + b"HEAD /plain HTTP/1.1\r\nHost: a\r\n\r\n" + b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
        lines = log.access(3)
        assert [(line["method"], line["path"], line["status"], line["bytes"]) for line in lines] == [
            ("GET", "/plain", 200, 5), ("HEAD", "/plain", 200, 0), ("GET", "/nowhere", 404, 12)], lines
        assert not any("reason" in line for line in lines), lines


def test_answer_that_is_taken_slowly_has_its_line_at_the_end(_):
    with Log() as log, slow_client(log) as s:
        s.sendall(BIG)
        with log.server.connect() as other:
            other.sendall(GET)
            assert log.access()[0]["path"] == "/plain"
        assert len(Reader(s).reply()[2]) == 8000000
        line = log.access(2)[1]
        assert (line["status"], line["bytes"], line["user_agent"]) == (200, 8000000, "eight"), line
        assert "reason" not in line, line


def test_answer_that_a_reset_cuts(_):
    with Log() as log:
        s = slow_client(log)
        s.sendall(BIG)
        assert len(s.recv(1000)) > 0
        reset(s)
        line = log.access()[0]
        assert line["status"] == 200 and line["bytes"] < 8000000, line
        assert (line["path"], line["user_agent"], line["request_id"]) == ("/big/8000000?n=1", "eight", "id-8"), line
        assert line["reason"] == "the client went away before the answer was out", line


def test_answer_that_nobody_takes_in_time(_):
    with Log("--write_timeout_ms", "300") as log, slow_client(log) as s:
        s.sendall(BIG)
        line = log.access()[0]
        assert line["bytes"] < 8000000 and line["reason"] == "cut: the client did not take the answer in time", line


def test_answer_that_the_drain_cuts(_):
    with Log("--drain_timeout_ms", "300") as log, slow_client(log) as s:
        s.sendall(BIG)
        with log.server.connect() as other:
            other.sendall(GET)
            assert log.access()[0]["path"] == "/plain"
        log.server.process.terminate()
        line = log.access(2)[1]
        assert line["bytes"] < 8000000 and line["reason"] == "cut: the server stops", line


def test_pipelined_answers_each_have_their_fate(_):
    with Log("--write_timeout_ms", "300") as log, slow_client(log) as s:
        s.sendall(GET + BIG)
        first, second = log.access(2)
        assert (first["path"], first["bytes"]) == ("/plain", 5) and "reason" not in first, first
        assert second["bytes"] < 8000000 and "reason" in second, second


def test_without_the_access_log_an_answer_that_is_cut_has_its_line(_):
    stream = BIG.replace(b"/big/", b"/stream/")
    for request, path in ((BIG, "/big/8000000?n=1"), (stream, "/stream/8000000?n=1")):
        with Log("--log", "bad") as log:
            with slow_client(log) as s:
                s.sendall(request)
                assert len(Reader(s).reply()[2]) == 8000000
            s = slow_client(log)
            s.sendall(GET + request)
            assert s.recv(1) == b"H"
            reset(s)
            line = log.access()[0]
            assert (line["path"], line["request_id"], line["status"]) == (path, "id-8", 200), line
            assert "went away" in line["reason"] and line["bytes"] < 8000000 and len(log.lines()) == 1, log.lines()


def test_refusals_say_what_was_understood(_):
    with Log() as log, log.server.connect() as s:
        s.sendall(b"GET /plain?a=1 HTTP/1.1\r\nHost: a\r\nUser-Agent: odd\r\nX-Request-Id: id-9\r\nTransfer-Encoding: x\r\n\r\n")
        answer = read_to_end(s)
        line = log.access()[0]
        assert (line["status"], line["method"], line["path"]) == (400, "GET", "/plain?a=1"), line
        assert (line["user_agent"], line["request_id"]) == ("odd", "id-9"), line
        assert line["bytes"] == len(answer.split(b"\r\n\r\n", 1)[1]) > 0 and line["reason"] in answer.decode(), line


def test_a_head_that_does_not_come_leaves_what_came(_):
    with Log("--header_timeout_ms", "200") as log, log.server.connect() as s:
        s.sendall(b"GET /plain HTTP/1.1\r\nUser-Agent: slow\r\n")
        assert b" 408 " in read_to_end(s)
        line = log.access()[0]
        assert (line["status"], line["method"], line["path"], line["peer"]) == (408, "GET", "/plain", "127.0.0.1"), line


def test_lines_are_in_the_order_of_the_answers(_):
    with Log() as log, log.server.connect() as s:
        s.sendall(GET + b"GET /bad HTTP/1.1\r\nHost\r\n\r\n")
        read_to_end(s)
        assert [(line["path"], line["status"]) for line in log.access(2)] == [("/plain", 200), ("/bad", 400)], log.lines()


def test_a_408_says_how_long_it_waited(_):
    with Log("--header_timeout_ms", "300") as log, log.server.connect() as s:
        s.sendall(b"GET /plain HTTP/1.1\r\n")
        read_to_end(s)
        line = log.access()[0]
        assert line["status"] == 408 and line["duration_ms"] >= 300, line


def test_a_broken_stream_counts_what_left_the_server(_):
    for announced, sent in ((10000, 0), (20000, 16384)):
        with Log() as log, log.server.connect() as s:
            s.sendall(b"GET /broken/%d HTTP/1.1\r\nHost: a\r\n\r\n" % announced)
            read_to_end(s)
            line = log.access()[0]
            assert (line["status"], line["bytes"]) == (200, sent) and "reason" in line, line


def test_statuses_without_a_body_count_none(_):
    with Log() as log, log.server.connect() as s:
        for i, status in enumerate((204, 205, 304)):
            s.sendall(b"GET /status/%d HTTP/1.1\r\nHost: a\r\n\r\n" % status)
            line = log.access(i + 1)[i]
            assert (line["status"], line["bytes"]) == (status, 0), line


def test_a_stray_byte_after_the_last_answer_does_not_destroy_it(_):
    """It comes when the system has all of the answer, but the client hardly any."""
    for path in (b"/big/1000000", b"/stream/1000000"):
        with Log() as log, log.server.connect() as s:
            s.sendall(b"GET " + path + b" HTTP/1.0\r\n\r\n")
            assert s.recv(1) == b"H"
            log.access()
            s.sendall(b"\r\n")
            body = read_to_end(s).split(b"\r\n\r\n", 1)[1]
            assert len(body) == 1000000, (path, len(body))


def test_the_limit_of_connections_is_reported_once(_):
    with Log("--connections_max", "1") as log:
        first, second = log.server.connect(), log.server.connect()
        first.sendall(GET)
        assert Reader(first).reply()[0] == 200
        second.sendall(GET)
        for _ in range(5):
            first.close()
            assert Reader(second).reply()[0] == 200
            first, second = second, log.server.connect()
            second.sendall(GET)
        first.close()
        second.close()
        warnings = [line for line in log.lines() if line["level"] == "warning"]
        assert len(warnings) == 1 and "--connections-max" in warnings[0]["message"], warnings


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 120)
