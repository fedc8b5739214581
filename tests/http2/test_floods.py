#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients of HTTP/2 that only cost time: each is sent away within a second, and hard work is not taken for it.
usage: test_floods.py PROBE_SERVER"""
import itertools
import os
import select
import signal
import struct
import sys
import threading
import time

import http2_client as h2
from http2_client import (CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, HEADERS, PADDED, PING, PRIORITY,
                          PRIORITY_UPDATE, PROTOCOL_ERROR, RST_STREAM, SETTINGS, WINDOW_UPDATE, connect, frame)
from probe import Log
from test_conformance import block, data, head, headers, literal, number, post, rst, setting, window

LIGHT = "COR_TEST_LIGHT" in os.environ
WITHIN_S = 5 if LIGHT else 1
IDLE = 0.1  # of a CPU, behind a flood
REST_S = 0.5  # in which to see it
GROWTH_KB = 500000 if LIGHT else 16000  # a sanitizer keeps what was freed
SLOWEST = "/sleep/60000"


class Neighbour(threading.Thread):
    """Asks all the while over its own connection."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.answers, self.worst_s, self.ends, self.rests, self.problem = server, 0, 0, False, False, None

    def run(self):
        try:
            c = connect(self.server)
            while not self.ends:
                began = time.monotonic()
                answer = c.ask()
                assert answer.status == 200 and answer.body == b"plain", answer.__dict__
                self.worst_s = max(self.worst_s, time.monotonic() - began)
                self.answers += 1
                c.answers.clear()
                c.frames.clear()
                while self.rests:
                    time.sleep(0.01)
                time.sleep(0.01)
        except Exception as problem: # told by the test
            self.problem = problem

    def is_served(self):
        before = self.answers
        h2.wait_until(lambda: self.answers > before or self.problem)

    def __enter__(self):
        self.start()
        self.is_served()
        return self

    def __exit__(self, *_):
        self.is_served()
        self.ends = True
        self.join()


def cpu_s(server):
    with open(f"/proc/{server.process.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kb(server):
    with open(f"/proc/{server.process.pid}/status") as file:
        return int(next(line for line in file if line.startswith("VmRSS:")).split()[1])


def overwhelm(c, pieces, reads=True):
    """Send them one after the other until the server has enough. Returns how long that took."""
    began = time.monotonic()
    c.s.setblocking(False)
    rest = b""
    while time.monotonic() < began + 10:
        poll = select.poll()
        poll.register(c.s, select.POLLOUT | (select.POLLIN if reads else 0))
        events = dict(poll.poll(100)).get(c.s.fileno(), 0)
        try:
            if reads and events & select.POLLIN:
                piece = c.s.recv(262144)
                c.buffer += piece
                if not piece:
                    break
            if events & select.POLLOUT:
                rest = rest or next(pieces)
                rest = rest[c.s.send(rest):]
        except BlockingIOError:
            pass
        except OSError:
            break
        if events & (select.POLLERR | select.POLLHUP):
            break
    took = time.monotonic() - began
    c.s.setblocking(True)
    c.s.settimeout(5)
    c.end(5)
    return took


def streams(begin=1):
    return itertools.count(begin, 2)


def on_each_stream(*frames):
    """Each frame is a function of the stream."""
    return (b"".join(each(stream) for each in frames) for stream in streams())


def again_and_again(piece):
    return itertools.repeat(piece * 50)


def opened(*first):
    """What begins with frames that are sent once."""
    def follow(rest):
        return itertools.chain([b"".join(first)], rest)
    return follow


def sleeper(stream):
    return headers(head(path=SLOWEST), stream)


def bomb(stream):
    """A header block of 16 KiB that says 12 MiB: the first fills the table, the others name what is in it."""
    first = head() + literal("x", "y" * 4000, 0x40)
    return headers(first + b"\xbe" * (16384 - len(first)), stream)


UNDERWAY = post(path=SLOWEST)
CALM, RULES = (ENHANCE_YOUR_CALM, h2.INTERNAL_ERROR), (PROTOCOL_ERROR, h2.STREAM_CLOSED, ENHANCE_YOUR_CALM)
DRIBBLE = h2.settings(INITIAL_WINDOW_SIZE=0) + headers(head(path="/big/1000000"))
FLOODS = {  # what is sent, and with which errors it may end
    "rapid reset (CVE-2023-44487)": (on_each_stream(sleeper, rst), CALM),
    "rapid reset of requests that are answered at once": (on_each_stream(headers_of := lambda n: headers(stream=n), rst), CALM),
    "resets that are provoked by a window above the most (CVE-2025-8671)": (on_each_stream(
        sleeper, lambda n: window(0x7fffffff, n)), CALM),
    "resets that are provoked by an increment of 0": (on_each_stream(sleeper, lambda n: window(0, n)), CALM + RULES),
    "resets that are provoked by a wrong content-length": (on_each_stream(
        lambda n: post(("content-length", "1"), stream=n, path=SLOWEST), lambda n: data(b"ab", n)), CALM),
    "resets that are provoked by malformed heads": (on_each_stream(lambda n: headers(head(path="none"), n)), CALM),
    "HEADERS without fields": (on_each_stream(lambda n: headers(b"", n)), CALM),
    "CONTINUATION without octets": (opened(headers(flags=END_STREAM))(again_and_again(frame(CONTINUATION, 0, 1))), CALM + RULES),
    "CONTINUATION with many": (opened(headers(flags=END_STREAM))(again_and_again(frame(CONTINUATION, 0, 1, literal(
        "x", "y" * 8000) * 2))), CALM + RULES),
    "SETTINGS": (again_and_again(setting(4, 65535)), CALM),
    "SETTINGS without any": (again_and_again(frame(SETTINGS)), CALM),
    "acknowledgements of SETTINGS": (again_and_again(frame(SETTINGS, h2.ACK)), CALM + RULES),
    "PING": (again_and_again(frame(PING, 0, 0, bytes(8))), CALM),
    "acknowledgements of PING": (again_and_again(frame(PING, h2.ACK, 0, bytes(8))), CALM),
    "DATA without octets": (opened(UNDERWAY)(again_and_again(frame(DATA, 0, 1))), CALM),
    "DATA of padding": (opened(UNDERWAY)(again_and_again(frame(DATA, PADDED, 1, b"\xff" + bytes(255)))), CALM),
    "DATA for a stream that was reset": (opened(headers(head("POST", "none"), flags=END_HEADERS))(again_and_again(
        frame(DATA, 0, 1))), CALM),
    "PRIORITY": (again_and_again(frame(PRIORITY, 0, 1, bytes([0, 0, 0, 0, 1]))), CALM),
    "PRIORITY_UPDATE": (again_and_again(frame(PRIORITY_UPDATE, 0, 0, b"\0\0\0\x01u=1")), CALM),
    "frames of an unknown type": (again_and_again(frame(0xbe, 0, 0, b"?")), CALM),
    "RST_STREAM of streams that are closed": (opened(headers())(again_and_again(rst())), CALM),
    "WINDOW_UPDATE by 1": (again_and_again(window(1)), CALM),
    "a window that grows by 1 (data dribble, CVE-2019-9511)": (opened(DRIBBLE)(again_and_again(window(1, 1))), CALM),
    "settings that open the window by 1 (CVE-2019-9517)": (opened(DRIBBLE)(
        setting(4, n % 2) + window(1, 1) for n in itertools.count()), CALM),
    "GOAWAY": (again_and_again(frame(h2.GOAWAY, 0, 0, bytes(8))), CALM + (h2.NO_ERROR,)),
    "header fields without an end": (on_each_stream(bomb), CALM),
    "more streams than there may be": (on_each_stream(sleeper), CALM + RULES),
}


def play(log, name):
    """What is wrong, or None."""
    pieces, codes = FLOODS[name]
    server = log.server
    before_kb = resident_kb(server)
    with Neighbour(server) as neighbour:
        c = connect(server)
        took = overwhelm(c, pieces)
    code = c.goaways[-1][1] if c.goaways else None
    begun = cpu_s(server)
    time.sleep(REST_S)
    busy = (cpu_s(server) - begun) / REST_S
    grown_kb = resident_kb(server) - before_kb
    print(f"# {name}: {took * 1000:.0f} ms, GOAWAY {code}, then {busy * 100:.0f}% CPU, {grown_kb} KB more")
    if neighbour.problem:
        return f"the neighbour: {neighbour.problem!r}"
    if took > WITHIN_S:
        return f"it takes {took:.2f} s"
    if code is not None and code not in codes:
        return f"GOAWAY {code}, not one of {codes}"
    return f"{busy * 100:.0f}% CPU afterwards" if busy > IDLE else f"{grown_kb} KB" if grown_kb > GROWTH_KB else None


# --- a client that takes nothing ---


def asks_and_reads_nothing(_):
    """It is held to a memory that does not grow, and to no time of the CPU."""
    for what in (on_each_stream(headers_of), on_each_stream(lambda n: headers(head(path="/big/1000000"), n)),
                 itertools.repeat(frame(PING, 0, 0, bytes(8)) * 5)):
        with Log("--write_timeout_ms", "1500", "--unsent_limit_bytes", "20000000") as log, Neighbour(log.server) as neighbour:
            before_kb, before = resident_kb(log.server), sockets_of(log.server)
            c = connect(log.server, INITIAL_WINDOW_SIZE=1000000)
            c.s.setblocking(False)
            end = time.monotonic() + 1
            rest = b""
            while time.monotonic() < end:
                try:
                    rest = rest or next(what)
                    rest = rest[c.s.send(rest):]
                except BlockingIOError:
                    time.sleep(0.01)
                except OSError:
                    break
            neighbour.is_served()
            neighbour.rests = True
            begun = cpu_s(log.server)
            time.sleep(1)
            busy = cpu_s(log.server) - begun
            neighbour.rests = False
            grown_kb = resident_kb(log.server) - before_kb
            print(f"# a client that reads nothing: {busy * 100:.0f}% CPU, {grown_kb} KB more")
            assert not neighbour.problem and neighbour.answers, neighbour.problem
            assert busy < IDLE, f"{busy * 100:.0f}% CPU"
            assert grown_kb < 150000 or LIGHT, f"{grown_kb} KB"
            h2.wait_until(lambda: sockets_of(log.server) <= before)
            c.s.close()


def sockets_of(server):
    """What the client did not read may be the kernel's: it sees the end behind that."""
    folder = f"/proc/{server.process.pid}/fd"
    return sum(os.readlink(f"{folder}/{each}").startswith("socket:") for each in os.listdir(folder))


def zero_window(_):
    """Answers that wait for a window are cut after --write-timeout-ms, and their memory goes."""
    with Log("--write_timeout_ms", "500") as log:
        c = connect(log.server, holds=True, INITIAL_WINDOW_SIZE=0)
        asked = [c.request(path="/big/100000") for _ in range(100)]
        assert all(c.answer(each).reset == h2.CANCEL for each in asked)
        assert c.ask("HEAD").status == 200, "it may ask again"


# --- what is not a flood ---


def many_requests(log):
    """10,000 on 100 streams, with WINDOW_UPDATE for each DATA, and PRIORITY_UPDATE for each request, as browsers do."""
    c = connect(log.server)
    asked = streams()
    for _ in range(10 if LIGHT else 100):
        batch = [next(asked) for _ in range(100)]
        c.send(b"".join(frame(PRIORITY_UPDATE, 0, 0, struct.pack(">I", each) + b"u=2, i") + headers(stream=each) for each in batch))
        assert all(c.answer(each).body == b"plain" for each in batch), (c.goaways, c.frames[-3:])
        c.answers.clear()
        c.frames.clear()


def pings_of_grpc(log):
    """A call, its few octets, a PING to measure the way, WINDOW_UPDATE for both: again and again."""
    c = connect(log.server)
    for _ in range(100 if LIGHT else 1000):
        stream = c.request("POST", "/echo", [("te", "trailers")], ends=False)
        c.send(frame(DATA, END_STREAM, stream, bytes(20)) + frame(PING, 0, 0, b"measured") + window(20))
        assert c.answer(stream).body == bytes(20), c.goaways


def many_uploads(log):
    """1,000, each in ten frames of a few octets."""
    c = connect(log.server)
    for _ in range(100 if LIGHT else 1000):
        stream = c.request("POST", "/count", ends=False)
        c.send(b"".join(frame(DATA, 0, stream, b"0123456789") for _ in range(10)) + frame(DATA, END_STREAM, stream))
        assert c.answer(stream).body == b"100", (c.answers[stream].__dict__, c.goaways)
        c.windows[0] = 65535


def answers_in_small_pieces(log):
    """Of which each is told to be taken, in two frames."""
    c = connect(log.server)
    answer = c.ask(path="/stream/2000000")
    assert answer.ended and len(answer.body) == 2000000, c.goaways


def a_page_that_is_left(log):
    """100 requests that are taken back at once, as when somebody goes to another page, and again a second later."""
    c = connect(log.server)
    asked = streams()
    for _ in range(2):
        batch = [next(asked) for _ in range(100)]
        c.send(b"".join(sleeper(each) for each in batch))
        assert c.ping(), c.goaways
        c.send(b"".join(rst(each) for each in batch))
        assert c.ping(), c.goaways
        time.sleep(1)
    c.next_id = next(asked)
    assert c.ask().status == 200


def told(log):
    """Each flood is counted, and the first of ten seconds has a line."""
    lines = [line for line in log.lines() if line["message"].startswith("HTTP/2 with 127.0.0.1 ends: ")]
    assert lines and "others that end within 10 s are only counted" in lines[0]["message"], lines


def problem_of(test, log):
    try:
        return test(log)
    except Exception as problem: # a test's failure is the report
        return repr(problem)


def main():
    signal.alarm(250)
    plays = [(name, lambda log, name=name: play(log, name)) for name in FLOODS]
    work = [many_requests, pings_of_grpc, many_uploads, answers_in_small_pieces, a_page_that_is_left, told, asks_and_reads_nothing, zero_window]
    if LIGHT:
        plays = plays[::2]
    tests = plays + [(each.__name__, each) for each in work]
    failed = 0
    print(f"1..{len(tests)}")
    with Log() as log:
        warm = connect(log.server)
        for each in [warm.request(path="/sleep/50") for _ in range(100)]:
            warm.answer(each)
        for number_, (name, test) in enumerate(tests, 1):
            wrong = problem_of(test, log)
            failed += wrong is not None
            print(f"{'ok' if wrong is None else 'not ok'} {number_} - {name}" + (f"\n# {wrong[:1000]}" if wrong else ""), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
