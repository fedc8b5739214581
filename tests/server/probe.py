# SPDX-License-Identifier: MIT
"""The probe server as a process, and its clients on bare sockets: what the tests of the server share."""
import concurrent.futures
import inspect
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

PROBE = os.path.abspath(sys.argv[1])
ALWAYS = sys.argv[2:]  # arguments for every server
RECORDS = None  # over TLS: what of clients goes into one
if ALWAYS[:2] == ["--filter", "tls"]:
    import pki
    from tls_relay import Relay
    RECORDS = {"whole": None, "bytes": 1}[ALWAYS[3]]
    PKI = tempfile.TemporaryDirectory()
    CERTIFICATE, _ = pki.make_pair(PKI.name, "localhost", "localhost")
    os.rename(CERTIFICATE, f"{PKI.name}/certificate.pem")
    os.rename(f"{PKI.name}/localhost.key", f"{PKI.name}/key.pem")
    ALWAYS = ["--tls", PKI.name]
IS_SECURE = ALWAYS[:1] == ["--tls"]
TIMEOUT = 20
GET = b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"


class Server:
    """A probe server on a free loopback port and, if asked, a unix socket."""

    def __init__(self, *arguments, unix=None, ipv6=False, before=None, directory=None, stderr=None):
        addresses = ["127.0.0.1:0"] + ([f"unix:{unix}"] if unix else []) + (["[::1]:0"] if ipv6 else [])
        self.process = subprocess.Popen([PROBE, *ALWAYS, *arguments, *addresses], stdout=subprocess.PIPE, stderr=stderr,
                                        preexec_fn=before, cwd=directory)
        ports = [int(self.process.stdout.readline().split()[1]) for _ in addresses]
        self.port = ports[0]
        self.port6 = ports[-1]
        self.unix = unix
        self.listeners = len(addresses)
        self.relays = {}  # by the kind of connection
        self.making_relays = threading.Lock()
        self.clients = []  # sockets that are closed before it is told to end

    def connect(self, unix=False, ipv6=False):
        if not IS_SECURE:
            return self.connect_directly(unix, ipv6)
        kind = (unix, ipv6)
        with self.making_relays:
            if kind not in self.relays:
                self.relays[kind] = Relay(f"{PKI.name}/certificate.pem", lambda: self.connect_directly(*kind), RECORDS)
        s = socket.create_connection(("127.0.0.1", self.relays[kind].port), TIMEOUT)
        assert self.relays[kind].connected.acquire(timeout=TIMEOUT), "the relay does not go on"
        return s

    def connect_directly(self, unix, ipv6):
        if unix:
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(TIMEOUT)
            s.connect(self.unix)
            return s
        return socket.create_connection(("::1", self.port6) if ipv6 else ("127.0.0.1", self.port), TIMEOUT)

    def cuts(self):
        """Why relays cut connections."""
        return {kind: relay.cuts for kind, relay in self.relays.items()}

    @staticmethod
    def await_cut(s):
        """Wait until the server has ended the connection, whatever is still unread."""
        poll = select.poll()
        poll.register(s, select.POLLRDHUP)
        assert poll.poll(TIMEOUT * 1000), "the connection is still there"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.close()
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process.stdout.close()
            for relay in self.relays.values():
                relay.close()
        assert code == 0, f"the server ended with {code}"


class Log:
    """A server that writes its log to a file."""

    def __init__(self, *arguments, unix=None):
        self.file = tempfile.TemporaryFile()
        self.server = Server("--log", "on", *arguments, unix=unix, stderr=self.file)

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *problem):
        self.server.__exit__(*problem)
        self.file.close()

    def lines(self):
        size = os.fstat(self.file.fileno()).st_size
        text = os.pread(self.file.fileno(), size, 0).decode()
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]  # the last may be incomplete

    def access(self, count=1):
        """The first `count` access lines, as soon as they are written."""
        end = time.monotonic() + TIMEOUT
        while len(found := [line for line in self.lines() if line["message"] == "access"]) < count:
            assert time.monotonic() < end, self.lines()
        return found[:count]


def read_to_end(s):
    return ending(s)[0]


def ending(s):
    """Read what still comes, and how it ends: "end" or "reset"."""
    data = b""
    while True:
        try:
            piece = s.recv(65536)
        except ConnectionResetError:
            return data, "reset"
        if not piece:
            return data, "end"
        data += piece


class Reader:
    """Reads replies one by one from a socket, by their framing."""

    def __init__(self, s, data=b""):
        self.s, self.data = s, bytearray(data)

    def more(self):
        piece = self.s.recv(65536)
        if not piece:
            raise EOFError(f"after {bytes(self.data[:200])}")
        self.data += piece

    def take(self, n, skipped=0):
        """The next n bytes; those behind them are skipped."""
        part = bytes(self.data[:n])
        del self.data[:n + skipped]
        return part

    def until(self, mark):
        while (end := self.data.find(mark)) < 0:
            self.more()
        return self.take(end, len(mark))

    def exactly(self, n):
        while len(self.data) < n:
            self.more()
        return self.take(n)

    def reply(self, head_only=False):
        lines = self.until(b"\r\n\r\n").split(b"\r\n")
        status = int(lines[0].split()[1])
        fields = {k.lower().decode(): v.strip().decode() for k, v in (line.split(b":", 1) for line in lines[1:])}
        if head_only or status in (100, 204, 304):
            return status, fields, b""
        if fields.get("transfer-encoding") == "chunked":
            body = b""
            while True:
                size = int(self.until(b"\r\n"), 16)
                body += self.exactly(size)
                assert self.exactly(2) == b"\r\n"
                if size == 0:
                    return status, fields, body
        if "content-length" in fields:
            return status, fields, self.exactly(int(fields["content-length"]))
        return status, fields, self.data + read_to_end(self.s)


def ask(server, request, **kind):
    """Send one request, return (status, fields, body)."""
    with server.connect(**kind) as s:
        s.sendall(request)
        return Reader(s).reply()


def hold(server, ms):
    """The reader of a client whose request holds the thread from now on, for `ms`. Its reply may have begun before that."""
    s = server.connect()
    s.sendall(b"GET /hold/%d HTTP/1.1\r\nHost: a\r\n\r\n" % ms)
    assert server.process.stdout.readline() == b"held\n"
    return Reader(s)


def without_filter(test):
    """Marks a test of what no filter sees, such as clients that are never accepted: it need not run over each of them."""
    test.without_filter = True
    return test


def without_tls(test):
    """Marks a test that looks at its own socket, which a relay would be behind."""
    test.without_tls = True
    return test


def waits(test):
    """Marks a test that mostly waits for time to pass: it runs while others run, and has its own server."""
    test.waits = True
    return test


def is_due(member):
    if not inspect.isfunction(member) or not member.__name__.startswith("test_"):
        return False
    if IS_SECURE and hasattr(member, "without_tls"):
        return False
    return "--filter" not in sys.argv or not hasattr(member, "without_filter")


def problem_of(test, server=None):
    """What went wrong, or None. Without a server the test gets a new one."""
    try:
        if server:
            test(server)
        else:
            with Server() as own:
                test(own)
        return None
    except Exception as problem:  # a test's failure is the report
        return problem


def outcomes(tests):
    """(name, problem) of each test; those that wait come last."""
    waiting = [(name, test) for name, test in tests if hasattr(test, "waits")]
    with concurrent.futures.ThreadPoolExecutor(len(waiting) or 1) as pool:
        begun = [(name, pool.submit(problem_of, test)) for name, test in waiting]
        with Server() as server:
            for name, test in tests:
                if not hasattr(test, "waits"):
                    yield name, problem_of(test, server)
        for name, work in begun:
            yield name, work.result()


def run_tests(module, patience_s):
    """Run each test_* function of the module with one server of default settings; an exception is a failure."""
    tests = sorted(inspect.getmembers(module, is_due))
    signal.alarm(patience_s)
    print(f"1..{len(tests)}")
    failed = 0
    for number, (name, problem) in enumerate(outcomes(tests), 1):
        if problem:
            failed += 1
            print(f"not ok {number} - {name}\n# {type(problem).__name__}: {str(problem)[:2000]}", flush=True)
        else:
            print(f"ok {number} - {name}", flush=True)
    sys.exit(1 if failed else 0)
