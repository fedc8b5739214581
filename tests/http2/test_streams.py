#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
What a stream of HTTP/2 does beyond a request and its answer: trailers, another protocol (RFC 8441), priorities.
usage: test_streams.py PROBE_SERVER
"""
import os
import signal
import struct
import sys

import http2_client as h2
from http2_client import DATA, END_HEADERS, END_STREAM, HEADERS, connect, frame
from probe import Log, Server, run_tests

CONNECT_PROTOCOL = 8


def trailing(c, fields, body=b"abc"):
    """The answer to a request with those trailer fields."""
    stream = c.request("POST", "/trail", [("te", "trailers")], body=body, ends=False)
    c.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, c.block(fields)))
    return c.answer(stream)


def said(answer):
    assert answer.status == 200, answer.__dict__
    return answer.body.decode().rsplit(" ", 8)[0]


def test_trailers_reach_the_handler(server):
    c = connect(server)
    assert said(trailing(c, [("x-sum", "7"), ("other", "1")])) == "[7][][]"
    assert said(trailing(c, [("x-sum", "1"), ("x-sum", "2")])) == "[1, 2][][]"
    assert said(c.ask("POST", "/trail", body=b"abc")) == "[][][]"
    assert said(trailing(c, [("x-sum", "7")], b"")) == "[7][][]"


def test_trailers_that_come_too_late_are_dropped(server):
    assert said(trailing(connect(server), [("authorization", "x"), ("x-sum", "1"), ("host", "b")])) == "[1][][]"


def test_trailers_obey_the_limits_of_header_lines(_):
    with Server("--header_count", "10", "--header_line_bytes", "300") as server:
        c = connect(server)
        assert trailing(c, [("x-sum", "1" * 294)]).status == 431
        assert trailing(c, [("y", "1")] * 11).status == 431
        assert said(trailing(c, [("y", "1")] * 10)) == "[][][]"


def test_pseudo_fields_are_no_trailers(server):
    c = connect(server)
    assert trailing(c, [(":path", "/")]).reset == h2.PROTOCOL_ERROR
    assert c.ask().status == 200


def test_an_answer_has_trailers(server):
    c = connect(server)
    answer = c.ask("POST", "/trail", [("te", "trailers")], b"abc")
    assert answer.trailers == {"x-sum": "42"} and answer.ended and answer.fields["trailer"] == "X-Sum", answer.__dict__
    assert c.ask("POST", "/trail", body=b"abc").trailers is None
    assert c.ask("HEAD", "/trail", [("te", "trailers")]).trailers is None
    assert c.ask().status == 200


def test_trailers_wait_for_the_body(server):
    """Which the client holds back at first."""
    c = connect(server, holds=True, INITIAL_WINDOW_SIZE=1)
    stream = c.request("POST", "/trail", [("te", "trailers")], b"abc")
    answer = c.answers.setdefault(stream, h2.Answer())
    c.until(lambda: answer.body)
    assert c.ping() and answer.trailers is None
    c.send(frame(h2.WINDOW_UPDATE, 0, stream, struct.pack(">I", 10000)))
    assert c.answer(stream).trailers == {"x-sum": "42"}


# --- another protocol ---


def switch(c, ms=10000, path=None):
    """Ask for it. Returns the stream, on which it has begun."""
    stream = c.next_id
    c.next_id += 2
    c.windows[stream] = 65535
    head = [(":method", "CONNECT"), (":protocol", "probe"), (":scheme", "http"), (":authority", "a"),
            (":path", path or f"/switch/{ms}")]
    c.send(frame(HEADERS, END_HEADERS, stream, c.block(head)))
    answer = c.answers.setdefault(stream, h2.Answer())
    c.until(lambda: answer.fields or answer.reset is not None)
    return stream


def receive(c, stream, n):
    answer = c.answers[stream]
    c.until(lambda: len(answer.body) >= n or answer.ended or answer.reset is not None)
    data, answer.body = answer.body[:n], answer.body[n:]
    return data


def test_the_client_is_told_that_it_may_ask(server):
    c = connect(server)
    assert c.ping() and c.settings[CONNECT_PROTOCOL] == 1


def test_bytes_go_both_ways(server):
    c = connect(server)
    stream = switch(c)
    assert c.answers[stream].status == 200 and "content-length" not in c.answers[stream].fields
    for piece in (b"a", b"hello\0\r\n\r\n", os.urandom(5000), os.urandom(200000)):
        c.data(stream, piece, ends=False)
        assert receive(c, stream, len(piece)) == piece
    assert c.ask().status == 200, "others are served beside it"
    c.data(stream, b"")
    answer = c.answer(stream)
    assert answer.ended and answer.body == b""


def test_it_waits_without_a_deadline(_):
    with Server("--request_timeout_ms", "100", "--idle_timeout_ms", "100", "--body_timeout_ms", "100") as server:
        c = connect(server)
        stream = switch(c, 300)
        assert receive(c, stream, 4) == b"tick"


def test_several_at_once(server):
    c = connect(server)
    streams = [switch(c) for _ in range(20)]
    for i, stream in enumerate(streams):
        c.data(stream, str(i).encode(), ends=False)
    assert [receive(c, stream, len(str(i))) for i, stream in enumerate(streams)] == [str(i).encode() for i in range(20)]


def test_who_does_not_switch_answers(server):
    c = connect(server)
    stream = switch(c, path="/plain")
    answer = c.answer(stream)
    assert (answer.status, answer.body) == (200, b"plain")
    assert c.ask(path="/switch/1000").status == 426
    assert c.ask().status == 200


def test_a_drain_is_told(_):
    with Server() as server:
        c = connect(server)
        stream = switch(c)
        server.process.send_signal(signal.SIGTERM)
        assert receive(c, stream, 3) == b"bye"
        assert c.end(10) == h2.NO_ERROR
        c.s.close()
        assert server.process.wait(10) == 0


def test_its_line_tells_of_the_whole(_):
    with Log() as log:
        c = connect(log.server)
        stream = switch(c)
        c.data(stream, b"12345", ends=False)
        receive(c, stream, 5)
        c.data(stream, b"")
        c.answer(stream)
        line = log.access()[0]
        assert (line["status"], line["bytes"], line["method"]) == (200, 5, "GET"), line


def test_a_client_that_resets_it(_):
    with Log() as log:
        c = connect(log.server)
        stream = switch(c)
        c.send(frame(h2.RST_STREAM, 0, stream, struct.pack(">I", h2.CANCEL)))
        assert "took its request back" in log.access()[0]["reason"]
        assert c.ask().status == 200


def test_data_behind_the_head_at_once(server):
    c = connect(server)
    head = [(":method", "CONNECT"), (":protocol", "probe"), (":scheme", "http"), (":authority", "a"), (":path", "/switch/1000")]
    c.send(frame(HEADERS, END_HEADERS, 1, c.block(head)) + frame(DATA, END_STREAM, 1, b"abc"))
    answer = c.answer(1)
    assert (answer.status, answer.body, answer.ended) == (200, b"abc", True)


# --- priorities (RFC 9218) ---


def order_of(c, streams, n):
    """In which order the bodies end, once the window of the connection is open."""
    for stream in streams:
        c.until(lambda s=stream: c.answers.setdefault(s, h2.Answer()).fields)
    ended = []
    c.send(frame(h2.WINDOW_UPDATE, 0, 0, struct.pack(">I", len(streams) * n)))
    while len(ended) < len(streams):
        assert c.read_frame() is not None
        ended += [stream for stream in streams if c.answers[stream].ended and stream not in ended]
    return ended


def holding(server):
    """A connection whose window is used up by an answer, so that others queue."""
    c = connect(server, holds=True, INITIAL_WINDOW_SIZE=1 << 20)
    first = c.request(path="/big/65535")
    assert c.answer(first).ended
    return c


def test_the_urgent_comes_first(server):
    c = holding(server)
    streams = [c.request(path="/big/100000", fields=[("priority", f"u={u}")]) for u in (7, 3, 0)]
    assert order_of(c, streams, 100000) == streams[::-1]


def test_an_update_counts(server):
    c = holding(server)
    streams = [c.request(path="/big/100000") for _ in range(3)]
    c.send(frame(h2.PRIORITY_UPDATE, 0, 0, struct.pack(">I", streams[2]) + b"u=0"))
    assert order_of(c, streams, 100000)[0] == streams[2]


def test_incremental_ones_share(server):
    """Without `i` one follows the other."""
    c = holding(server)
    streams = [c.request(path="/big/100000", fields=[("priority", "u=3, i")]) for _ in range(2)]
    for stream in streams:
        c.until(lambda s=stream: c.answers.setdefault(s, h2.Answer()).fields)
    c.send(frame(h2.WINDOW_UPDATE, 0, 0, struct.pack(">I", 100000)))
    c.until(lambda: sum(len(c.answers[stream].body) for stream in streams) == 100000)
    assert all(len(c.answers[stream].body) > 30000 for stream in streams), [len(c.answers[s].body) for s in streams]


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 120)
