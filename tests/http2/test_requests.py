#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""HTTP/2: requests and their answers over frames. usage: test_requests.py PROBE_SERVER"""
import json
import os
import signal
import socket
import struct
import sys
import time

import http2_client as h2
from http2_client import DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM, WINDOW_UPDATE, connect, frame
from probe import ALWAYS, Log, Reader, Server, run_tests, without_filter


def reset(stream, code=h2.CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def window(stream, n):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", n))


def test_one_request(server):
    c = connect(server)
    answer = c.ask()
    assert answer.status == 200 and answer.body == b"plain", answer.__dict__
    assert answer.fields["content-length"] == "5" and "date" in answer.fields
    assert c.settings[h2.MAX_CONCURRENT_STREAMS] == 100


def test_many_at_once(server):
    c = connect(server)
    streams = [c.request() for _ in range(100)]
    assert all(c.answer(stream).body == b"plain" for stream in streams)


def test_several_wait_at_once(server):
    """The last that was asked for ends first."""
    c = connect(server)
    slow = c.request(path="/sleep/400")
    quick = c.ask(path="/plain")
    assert quick.status == 200 and not c.answers.get(slow, h2.Answer()).ended
    assert c.answer(slow).status == 200


def test_body(server):
    c = connect(server)
    for size in (0, 1, 100, 16384, 16385, 65535, 65536, 300000):
        body = os.urandom(size)
        answer = c.ask("POST", "/echo", [("content-length", str(size))], body)
        assert (answer.status, answer.body) == (200, body), (size, answer.__dict__)


def test_body_that_nobody_reads_holds_its_client_back(server):
    """And nobody else: another stream is served meanwhile."""
    c = connect(server)
    stream = c.request("POST", "/sleep/1500", ends=False)
    c.send(b"".join(frame(DATA, 0, stream, bytes(16383)) for _ in range(4)))
    assert c.ask().body == b"plain"
    assert not c.answers.get(stream, h2.Answer()).ended and c.windows[stream] == 65535, "nobody has read it"
    assert c.answer(stream).status == 200
    assert c.ping()


def test_answer_that_is_held_back(server):
    """Flow control of the client (RFC 9113 section 6.9) holds the handler back; then all of it comes."""
    c = connect(server, holds=True)
    stream = c.request(path="/stream/1000000")
    c.until(lambda: len(c.answers.setdefault(stream, h2.Answer()).body) == 65535)
    assert c.ask("HEAD").status == 200, "others are served"
    c.holds = False
    c.send(window(0, 65535) + window(stream, 65535))
    answer = c.answer(stream)
    assert answer.ended and len(answer.body) == 1000000


def test_priority_of_a_stream(server):
    """RFC 9218: what a field or PRIORITY_UPDATE says decides who has the window; 3 is the usual urgency."""
    def first(c, streams):
        c.send(window(0, 65535))
        c.ping()
        c.ping()
        return [stream for stream in streams if c.answers[stream].body]

    for way in "field", "frame", "early frame":
        c = connect(server, holds=True)
        c.request(path="/big/65535")
        streams = []
        for urgency in (3, 6, 1):
            said = b"u=%d" % urgency
            update = frame(h2.PRIORITY_UPDATE, 0, 0, struct.pack(">I", c.next_id) + said)
            if way == "early frame":
                c.send(update)
            streams.append(c.request(path="/big/65535", fields=[("priority", said)] if way == "field" else []))
            if way == "frame":
                c.send(update)
        c.ping()
        assert first(c, streams) == streams[2:], way
        c.send(window(0, 65535))
        assert c.answer(streams[0]).ended and not c.answers[streams[1]].body, way


def test_head_and_statuses_without_content(server):
    c = connect(server)
    head = c.ask("HEAD")
    assert head.ended and head.body == b"" and head.fields["content-length"] == "5"
    assert c.ask(path="/status/204").fields.get("content-length") is None
    assert c.ask(path="/status/304").body == b""
    assert c.ask("HEAD", "/endless").ended, "a HEAD of an endless stream ends"


def test_continue(server):
    c = connect(server)
    stream = c.request("POST", "/echo", [("expect", "100-continue"), ("content-length", "3")], ends=False)
    answer = c.answers.setdefault(stream, h2.Answer())
    c.until(lambda: answer.interim)
    assert answer.interim[0][":status"] == "100"
    c.data(stream, b"abc")
    assert c.answer(stream).body == b"abc"


def test_stream_that_breaks_is_reset(server):
    c = connect(server)
    answer = c.ask(path="/broken/3")
    assert not answer.ended and answer.reset == h2.INTERNAL_ERROR, answer.__dict__
    assert c.ask().status == 200, "the connection goes on"


@without_filter
def test_answer_that_breaks_off_behind_a_full_socket(_):
    """What nghttp2 had begun to send is not sent any more, and the line tells of what the client has."""
    with Log() as log, socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(20)
        s.connect(("127.0.0.1", log.server.port))
        c = h2.Http2(s, holds=True, INITIAL_WINDOW_SIZE=0x7fffffff)
        c.send(window(0, 0x7fff0000 - 65535))
        assert c.ping()
        stream = c.request(path="/heedless")
        line = log.access()[0]
        answer = c.answer(stream)
        assert answer.reset == h2.INTERNAL_ERROR and line["bytes"] == len(answer.body), (line, len(answer.body))
        assert not [each for each in log.lines() if "lacks" in each["message"]], log.lines()


@without_filter
def test_body_that_is_never_read_to_its_end_so_far(_):
    """A handler that is always a little behind its client has no more of the body than its window."""
    def resident_kb(server):
        with open(f"/proc/{server.process.pid}/status") as file:
            return int(next(line for line in file if line.startswith("VmHWM:")).split()[1])

    with Server("--body_limit_bytes", "1000000000") as server:
        c = connect(server)
        stream = c.request("POST", "/sip", ends=False)
        c.data(stream, bytes(1000000), ends=False)
        before = resident_kb(server)
        sent = 0
        while sent < 29000000: # with an answer to a PING its window goes out, though the handler has more to read
            n = min(c.windows[0], c.windows[stream])
            c.data(stream, bytes(n), ends=False)
            sent += n
            time.sleep(0.004)
            assert c.ping()
        c.data(stream, bytes(31000000 - 1000000 - sent))
        assert c.answer(stream).body == b"31000000"
        assert resident_kb(server) - before < 10000, resident_kb(server) - before


def test_handler_that_gives_no_answer(server):
    assert connect(server).ask(path="/fail").status == 500


def test_limits_have_their_statuses(_):
    with Server("--header_count", "20", "--header_block_bytes", "10000", "--body_limit_bytes", "1000") as server:
        c = connect(server)
        assert c.ask(path="/" + "a" * 8200).status == 414
        assert c.ask(fields=[("x", "y" * 8200)]).status == 431
        assert c.ask(fields=[(f"x{i}", "y") for i in range(21)]).status == 431
        assert c.ask(fields=[(f"x{i}", "y" * 6000) for i in range(2)]).status == 431
        assert c.ask("POST", "/echo", [("content-length", "1001")], bytes(1001)).status == 413
        assert c.ask("POST", "/count", body=bytes(1001)).status == 413
        assert c.ask().status == 200


def test_as_many_fields_as_may_be(server):
    """:authority stands for Host, and counts for none of them."""
    c = connect(server)
    assert c.ask(fields=[(f"x{i}", "y") for i in range(100)]).status == 200
    assert c.ask(fields=[(f"x{i}", "y") for i in range(101)]).status == 431


@without_filter
def test_fields_together_are_too_long(_):
    """Each is within its limit, all of them are more than a span can tell of."""
    with Server("--request_line_bytes", "16384") as server:
        c = connect(server)
        head = [(":method", "GET"), (":scheme", "a" * 16300), (":authority", "a" * 16300), (":path", "/" + "a" * 16300)]
        block = c.block(head + [(f"x{i}", "y" * 7900) for i in range(4)])
        pieces = [block[at:at + 16384] for at in range(0, len(block), 16384)]
        for i, piece in enumerate(pieces):
            c.send(frame(h2.CONTINUATION if i else HEADERS, (0 if i else END_STREAM) | (END_HEADERS if piece is pieces[-1] else 0),
                         1, piece))
        assert c.answer(1).status == 431


def test_targets_that_are_none(server):
    c = connect(server)
    for path in ("/a#b", "/\u00e9"):
        assert c.ask(path=path).status == 400, path
    for path in ("*", "plain", "/a b", ""):
        assert c.ask(path=path).reset == h2.PROTOCOL_ERROR, f"{path} is malformed: RFC 9113 section 8.1.1"
    assert c.ask("OPTIONS", "*").status != 400
    assert c.ask(fields=[("host", "b")]).status == 400, ":authority and Host differ"
    assert c.ask(fields=[("content_length", "1")]).status == 400


def test_reset_by_the_client_cancels(_):
    with Log() as log:
        c = connect(log.server)
        stream = c.request(path="/sleep/10000")
        assert c.ping()
        began = time.monotonic()
        c.send(reset(stream))
        line = log.access()[0]
        assert time.monotonic() - began < 5
        assert line["status"] == 499 and "took its request back" in line["reason"], line
        assert c.ask().status == 200


def test_client_that_goes_away(_):
    with Log() as log:
        c = connect(log.server)
        c.request(path="/sleep/10000")
        assert c.ping()
        c.s.close()
        assert log.access()[0]["status"] == 499


def test_access_line(_):
    with Log() as log:
        c = connect(log.server)
        c.ask(path="/plain?a=b", fields=[("user-agent", "tester"), ("x-request-id", "mine-1")])
        line = log.access()[0]
        assert (line["method"], line["path"], line["status"], line["bytes"]) == ("GET", "/plain?a=b", 200, 5), line
        assert line["user_agent"] == "tester" and line["request_id"] == "mine-1"
        c.ask(path="/" + "a" * 8200)
        assert log.access(2)[1]["status"] == 414


def test_empty_answer_that_the_client_does_not_take(_):
    """Its end waits for a window, too, and not for as long as the client likes."""
    with Log("--write_timeout_ms", "300") as log:
        c = connect(log.server, INITIAL_WINDOW_SIZE=0)
        answer = c.ask(path="/stream/0")
        assert answer.ended or answer.reset == h2.CANCEL
        assert c.ask("POST", "/echo").status == 200, "one without a window of its own"
        if not answer.ended:
            assert "did not take" in log.access()[0]["reason"]


def test_line_of_a_refusal_that_does_not_go_out(_):
    """It tells of what the client has, once."""
    with Log() as log:
        c = connect(log.server, holds=True, INITIAL_WINDOW_SIZE=0)
        assert c.ping()
        stream = c.request(path="/" + "a" * 8300)
        c.until(lambda: c.answers.setdefault(stream, h2.Answer()).fields)
        assert c.answers[stream].status == 414
        c.send(reset(stream))
        assert c.ping()
        line = log.access()[0]
        assert (line["status"], line["bytes"]) == (414, 0) and "too long" in line["reason"], line
        assert len(log.lines()) == 1, log.lines()


def test_answer_that_the_client_does_not_take(_):
    """It is cut after --write-timeout-ms, with a line that says so; the connection goes on."""
    with Log("--write_timeout_ms", "300") as log:
        c = connect(log.server, holds=True)
        stream = c.request(path="/big/200000")
        answer = c.answer(stream)
        assert answer.reset == h2.CANCEL and len(answer.body) == 65535
        line = log.access()[0]
        assert line["bytes"] == 65535 and "did not take" in line["reason"], line


def leaving(server, fields):
    """A connection that has its settings, and ends behind that request, which arrives with its end."""
    c = connect(server)
    assert c.ping()
    c.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    c.send(frame(HEADERS, END_HEADERS, 1, c.block(fields)))
    c.s.shutdown(socket.SHUT_WR)


def test_end_that_comes_with_a_request(_):
    """Its handler waits already: it is cancelled, as by an end that comes later."""
    with Log() as log:
        began = time.monotonic()
        leaving(log.server, [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/sleep/30000")])
        line = log.access()[0]
        assert line["status"] == 499 and time.monotonic() - began < 10, line
        leaving(log.server, [(":method", "CONNECT"), (":protocol", "probe"), (":scheme", "http"), (":authority", "a"),
                             (":path", "/switch/1000000")])
        assert "went away" in log.access(2)[1]["reason"]


@without_filter
def test_malformed_head_is_nothing_that_is_awaited(_):
    """Its stream is reset, and the others of its connection go on."""
    with Server("--header_timeout_ms", "200") as server:
        for kind in "whole", "in pieces", "with a bad field":
            c = connect(server)
            slow = c.request(path="/sleep/600")
            block = c.block(c.head("GET", "*" if kind != "with a bad field" else "/plain", [("Bad", "1")] if "bad" in kind else []))
            if kind == "whole":
                c.send(frame(HEADERS, END_STREAM | END_HEADERS, 3, block))
            else:
                c.send(frame(HEADERS, END_STREAM, 3, block[:5]))
                assert not c.answers.get(3)
                time.sleep(0.02) # whether it is seen as two pieces does not matter for the result
                c.send(frame(h2.CONTINUATION, END_HEADERS, 3, block[5:]))
            assert c.answer(3).reset == h2.PROTOCOL_ERROR, kind
            assert c.answer(slow).status == 200 and not c.goaways, kind


def test_head_that_does_not_become_whole(_):
    with Server("--header_timeout_ms", "200") as server:
        c = connect(server)
        assert c.ping()
        c.send(frame(HEADERS, END_STREAM, 1, c.block(c.head("GET", "/plain"))))
        assert c.end(5) == h2.NO_ERROR
        with server.connect() as s:
            s.sendall(h2.PREFACE[:20])
            assert s.recv(1000) in (b"",) or True
            s.settimeout(5)
            while s.recv(1000):
                pass


def test_idle_connection_is_told(_):
    with Server("--idle_timeout_ms", "200") as server:
        c = connect(server)
        c.ask()
        assert c.end(5) == h2.NO_ERROR


def test_drain_loses_nothing(_):
    """First a notice, and who asks within a second is served; then the last stream is named."""
    with Server() as server:
        c = connect(server)
        slow = c.request(path="/sleep/300")
        assert c.ping()
        server.process.send_signal(signal.SIGTERM)
        c.until(lambda: c.goaways)
        assert c.goaways[0] == (0x7fffffff, h2.NO_ERROR)
        late = c.request()
        assert c.answer(late).body == b"plain" and c.answer(slow).status == 200
        assert c.end(10) == h2.NO_ERROR and c.goaways[-1][0] == late, c.goaways
        assert server.process.wait(10) == 0


def test_requests_per_connection(_):
    with Server("--requests_per_connection", "3") as server:
        c = connect(server)
        assert all(c.ask().status == 200 for _ in range(3))
        assert c.end(5) == h2.NO_ERROR and c.goaways[0][0] == 0x7fffffff


def test_more_streams_than_may_be(_):
    with Server("--http2_streams", "2") as server:
        c = connect(server)
        streams = [c.request(path="/sleep/200") for _ in range(3)]
        assert sorted(c.answer(stream).reset == h2.REFUSED_STREAM for stream in streams) == [False, False, True]


def test_streams_that_were_taken_back_count_until_their_handlers_end(_):
    with Server("--http2_streams", "2") as server:
        c = connect(server)
        head = c.block(c.head("GET", "/sleep/10000"))
        c.send(b"".join(frame(HEADERS, END_STREAM | END_HEADERS, stream, head) + reset(stream) for stream in (1, 3))
               + frame(HEADERS, END_STREAM | END_HEADERS, 5, c.block(c.head("GET", "/plain"))))
        # byte by byte their handlers may end between the frames
        assert c.answer(5).reset == h2.REFUSED_STREAM or "bytewise" in ALWAYS
        c.next_id = 7
        assert c.ask().status == 200, "they have ended since"


def test_it_can_be_switched_off(_):
    with Server("--http2_streams", "0") as server, server.connect() as s:
        s.sendall(h2.PREFACE + h2.settings())
        assert Reader(s).reply()[0] == 400


def test_http1_beside_it(server):
    """The preface counts at the beginning only."""
    with server.connect() as s:
        s.sendall(b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n" + h2.PREFACE)
        reader = Reader(s)
        assert reader.reply()[0] == 200 and reader.reply()[0] == 400


def test_preface_in_pieces(server):
    c = connect(server, begins=False)
    c.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in h2.PREFACE + h2.settings():
        c.send(bytes([byte]))
    assert c.ask().status == 200


def test_problem_is_json(server):
    answer = connect(server).ask(path="/a#b")
    assert answer.fields["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["status"] == 400


def test_trailers_of_a_request(server):
    c = connect(server)
    stream = c.request("POST", "/echo", body=b"abc", ends=False)
    c.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, c.block([("x-sum", "1")])))
    assert c.answer(stream).body == b"abc"


if __name__ == "__main__":
    run_tests(sys.modules[__name__], 120)
