#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pipelines of all kinds of requests, cut anywhere: each gets its own answer, in order. usage: test_pipelines.py PROBE_SERVER"""
import contextlib
import os
import random
import socket
import sys
import tempfile
import threading
import time

from probe import Reader, Server, run_tests

LIGHT = "COR_TEST_LIGHT" in os.environ
CLIENTS = 6
HOSTS = [b"a", b"ab", b"A", b"a.example:80", b"a.example:8080", b"[::1]", b"x" * 54, b"x" * 55, b"x" * 60]


def head(dice, method, path, *fields, version=b"1.1"):
    lines = [dice.choice([b"Host: ", b"host:", b"HOST:\t"]) + dice.choice(HOSTS) + dice.choice([b"", b"", b" "]), *fields]
    lines += [b"X-%d: %s" % (i, b"v" * dice.randrange(200)) for i in range(dice.choice([0, 0, 1, 20]))]
    dice.shuffle(lines)
    return b"%s %s HTTP/%s\r\n%s\r\n\r\n" % (method, path, version, b"\r\n".join(lines))


def chunked(dice, body):
    out, at = b"", 0
    while at < len(body):
        size = dice.choice([1, 7, 100, 5000, 20000])
        piece = body[at:at + size]
        out += b"%x%s\r\n%s\r\n" % (len(piece), dice.choice([b"", b";x=y"]), piece)
        at += size
    return out + b"0\r\n" + dice.choice([b"", b"T: v\r\n"]) + b"\r\n"


def plain(dice):
    return head(dice, b"GET", b"/plain" + dice.choice([b"", b"?a=b"])), False, b"plain"


def plain_head(dice):
    return head(dice, b"HEAD", b"/plain"), True, b""


def missing(dice):
    return head(dice, b"GET", b"/nothing/%d" % dice.randrange(1000)), False, b"no such path"


def old(dice):
    return head(dice, b"GET", b"/plain", b"Connection: keep-alive", version=b"1.0"), False, b"plain"


def slept(dice):
    return head(dice, b"GET", b"/sleep/%d" % dice.randrange(3)), False, b"slept"


def big(dice):
    size = dice.choice([0, 1, 999, 1000, 70000, 300000])
    return head(dice, b"GET", b"/big/%d" % size), False, b"b" * size


def stream(dice):
    size = dice.choice([0, 1, 1000, 16384, 100000])
    return head(dice, b"GET", b"/stream/%d" % size), False, b"s" * size


def with_body(dice):
    size = dice.choice([0, 1, 63, 64, 2048, 16384, 70000, 150000])
    body = dice.randbytes(size)
    path, answer = dice.choice([(b"/echo", body), (b"/count", b"%d" % size), (b"/late/1", body), (b"/doze/1", b"%d" % size)])
    if dice.random() < 0.5:
        return head(dice, b"POST", path, b"Content-Length: %d" % size) + body, False, answer
    return head(dice, b"POST", path, b"Transfer-Encoding: chunked") + chunked(dice, body), False, answer


KINDS = [plain] * 6 + [plain_head, missing, old, slept, big, stream] + [with_body] * 4


def send(s, dice, data):
    at = 0
    with contextlib.suppress(OSError):  # the reader reports why
        while at < len(data):
            size = dice.choice([1, 20, 300, 4096, 65536, 1 << 20])
            s.sendall(data[at:at + size])
            at += size
            if dice.random() < 0.2:
                time.sleep(0.001)
        if dice.random() < 0.5:
            s.shutdown(socket.SHUT_WR)


def converse(server, seed, requests):
    dice = random.Random(seed)
    asked = [dice.choice(KINDS)(dice) for _ in range(requests)]
    with server.connect(unix=seed % 2 == 1) as s:
        sender = threading.Thread(target=send, args=(s, dice, b"".join(request for request, _, _ in asked)), daemon=True)
        sender.start()
        reader = Reader(s)
        for number, (request, head_only, wanted) in enumerate(asked):
            _, fields, body = reader.reply(head_only)
            assert body == wanted, f"seed {seed}, request {number}: {request[:60]}: {body[:60]} for {wanted[:60]}"
            assert fields.get("connection") != "close", f"seed {seed}, request {number} of {requests}: {request[:60]}"
        sender.join()


def test_each_request_has_its_own_answer(_):
    failures = []

    def client(first):
        try:
            for seed in range(first, first + CLIENTS * (4 if LIGHT else 20), CLIENTS):
                converse(server, seed, 120)
        except Exception as failure:  # for the main thread
            failures.append(f"{type(failure).__name__}: {failure}")

    with tempfile.TemporaryDirectory() as folder, Server("--threads", "2", unix=f"{folder}/s") as server:
        clients = [threading.Thread(target=client, args=(i,)) for i in range(CLIENTS)]
        for each in clients:
            each.start()
        for each in clients:
            each.join()
    assert not failures, failures


run_tests(sys.modules[__name__], 200)
