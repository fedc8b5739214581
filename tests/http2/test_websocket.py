#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""WebSocket over a stream of HTTP/2 (RFC 8441). usage: test_websocket.py CORACLE_ARENA"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile

import http2_client as h2
from http2_client import END_HEADERS, HEADERS, Http2, frame, wait_until
from tap import Tap

TIMEOUT = 20
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Arena:
    """Where its sockets are: a unix socket, so that nobody has to choose a port."""

    def __init__(self, program, folder):
        with open(f"{folder}/dataset.json", "w", encoding="utf-8") as file:
            file.write("[]")
        self.path = f"{folder}/socket"
        self.process = subprocess.Popen([program, "--http", f"unix:{self.path}", "--data", folder], stderr=subprocess.DEVNULL)
        wait_until(lambda: os.path.exists(self.path) or self.process.poll() is not None)

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(TIMEOUT)
        s.connect(self.path)
        return Http2(s)


def masked(opcode, payload, final=True):
    mask = b"\1\2\3\4"
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else bytes([0x80 | 126]) + len(payload).to_bytes(2, "big")
    return bytes([opcode | (0x80 if final else 0)]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


class WebSocket:
    def __init__(self, c, protocol="websocket", path="/ws", version="13", fields=()):
        self.c, self.stream, self.at = c, c.next_id, 0
        c.next_id += 2
        c.windows[self.stream] = 65535
        head = [(":method", "CONNECT"), (":protocol", protocol), (":scheme", "http"), (":authority", "a"), (":path", path),
                ("sec-websocket-version", version), *fields]
        c.send(frame(HEADERS, END_HEADERS, self.stream, c.block(head)))
        self.answer = c.answers.setdefault(self.stream, h2.Answer())
        c.until(lambda: self.answer.fields or self.answer.reset is not None)

    def send(self, *frame_of, **kind):
        self.c.data(self.stream, masked(*frame_of, **kind), ends=False)

    def take(self, n):
        self.c.until(lambda: len(self.answer.body) >= self.at + n or self.answer.ended or self.answer.reset is not None)
        data = self.answer.body[self.at:self.at + n]
        self.at += n
        return data

    def receive(self):
        head = self.take(2)
        n = head[1]
        if n == 126:
            n = int.from_bytes(self.take(2), "big")
        return head[0] & 15, self.take(n)


def test_messages_come_back(arena):
    ws = WebSocket(arena.connect())
    assert ws.answer.status == 200 and "sec-websocket-accept" not in ws.answer.fields, ws.answer.fields
    for opcode, payload in ((TEXT, b"hello"), (BINARY, bytes(200)), (TEXT, "\u00e9".encode() * 3000)):
        ws.send(opcode, payload)
        assert ws.receive() == (opcode, payload)
    ws.send(TEXT, b"in ", final=False)
    ws.send(0, b"fragments")
    assert ws.receive() == (TEXT, b"in fragments")
    ws.send(PING, b"p")
    assert ws.receive() == (PONG, b"p")


def test_it_closes_its_stream_and_nothing_else(arena):
    c = arena.connect()
    first, second = WebSocket(c), WebSocket(c)
    first.send(CLOSE, b"\x03\xe8")
    assert first.receive() == (CLOSE, b"\x03\xe8")
    assert c.answer(first.stream).ended
    second.send(TEXT, b"here")
    assert second.receive() == (TEXT, b"here")
    assert c.ask(path="/pipeline").body == b"ok"


def test_what_breaks_the_rules_is_told(arena):
    ws = WebSocket(arena.connect())
    ws.send(TEXT, b"\xff\xff")
    opcode, payload = ws.receive()
    assert opcode == CLOSE and payload[:2] == b"\x03\xef", "1007: it is not UTF-8"


def test_handshakes_that_are_refused(arena):
    c = arena.connect()
    assert WebSocket(c, protocol="other").answer.status == 426
    assert WebSocket(c, path="/none").answer.status == 404
    assert WebSocket(c, version="8").answer.status == 426
    assert WebSocket(c, fields=[("origin", "http://evil.example")]).answer.status == 403
    problem = c.ask(path="/ws")
    assert problem.status == 426 and json.loads(problem.body)["status"] == 426


def test_a_drain_says_goodbye(arena):
    c = arena.connect()
    ws = WebSocket(c)
    arena.process.send_signal(signal.SIGTERM)
    opcode, payload = ws.receive()
    assert opcode == CLOSE and payload[:2] == b"\x03\xe9", "1001"
    ws.send(CLOSE, b"\x03\xe9")
    assert c.answer(ws.stream).ended
    assert c.end(TIMEOUT) == h2.NO_ERROR
    c.s.close()
    assert arena.process.wait(TIMEOUT) == 0


def main():
    tap = Tap()
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            arena = Arena(sys.argv[1], folder)
            try:
                test(arena)
                problems = []
            except Exception as error:
                problems = [f"{type(error).__name__}: {error}"]
            finally:
                arena.process.kill()
                arena.process.wait()
            tap.check(name[len("test_"):].replace("_", " "), problems)
    tap.done()


if __name__ == "__main__":
    main()
