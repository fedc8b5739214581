# SPDX-License-Identifier: MIT
"""A client of HTTP/2 that sends and sees frames as they are (RFC 9113); header blocks by Python's hpack."""
import socket
import struct
import time

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
PRIORITY_UPDATE = 0x10
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITIZED = 0x1, 0x1, 0x4, 0x8, 0x20
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR = range(7)
REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM = range(7, 12)
MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE = 3, 4, 5


def frame(kind, flags=0, stream=0, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def settings(**values):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", globals()[name], value) for name, value in values.items()))


class Frame:
    def __init__(self, kind, flags, stream, payload):
        self.kind, self.flags, self.stream, self.payload = kind, flags, stream, payload

    def __repr__(self):
        return f"<{self.kind} flags={self.flags:#x} stream={self.stream} {self.payload[:60]!r}>"


class Answer:
    """What came on a stream."""

    def __init__(self):
        self.fields, self.body, self.trailers, self.interim = None, b"", None, []
        self.ended, self.reset = False, None

    @property
    def status(self):
        return int(self.fields[":status"])


class Http2:
    """A connection whose preface and settings have been sent, if `begins`. Windows are kept open unless `holds`."""

    def __init__(self, s, begins=True, holds=False, **values):
        self.s, self.holds, self.buffer = s, holds, b""
        self.frames = []  # all that came
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.answers, self.settings, self.goaways, self.pongs = {}, None, [], []
        self.windows = {0: 65535}  # of the server, for bodies; a stream's when it has begun
        self.acks = 0
        self.next_id = 1
        if begins:
            self.send(PREFACE + settings(**values))

    def send(self, data):
        self.s.sendall(data)

    def block(self, fields):
        return self.encoder.encode(fields)

    def head(self, method, path, fields=(), authority="a", scheme="http"):
        return [(":method", method), (":scheme", scheme), (":authority", authority), (":path", path), *fields]

    def request(self, method="GET", path="/plain", fields=(), body=None, ends=True):
        """Send a request whole, or its head alone unless it `ends`. Returns its stream."""
        stream = self.next_id
        self.next_id += 2
        self.windows[stream] = 65535
        flags = END_STREAM if ends and body is None else 0
        block = self.block(self.head(method, path, fields))
        pieces = [block[at:at + 16384] for at in range(0, len(block), 16384)]
        for i, piece in enumerate(pieces):
            last = END_HEADERS if i == len(pieces) - 1 else 0
            self.send(frame(CONTINUATION, last, stream, piece) if i else frame(HEADERS, flags | last, stream, piece))
        if body is not None:
            self.data(stream, body, ends)
        return stream

    def data(self, stream, body, ends=True):
        """Send it as the server's windows let us, until it is all sent or the stream is over."""
        answer = self.answers.setdefault(stream, Answer())
        sent = 0
        while sent < len(body) and not answer.ended and answer.reset is None:
            n = min(16384, len(body) - sent, self.windows[0], self.windows[stream])
            if n == 0:
                if self.read_frame() is None:
                    return
                continue
            self.send(frame(DATA, 0, stream, body[sent:sent + n]))
            sent += n
            self.windows[0] -= n
            self.windows[stream] -= n
        if ends and sent == len(body):
            self.send(frame(DATA, END_STREAM, stream))

    def read_frame(self):
        """The next frame; None at the end."""
        while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
            try:
                piece = self.s.recv(262144)
            except (ConnectionResetError, BrokenPipeError):
                piece = b""
            if not piece:
                return None
            self.buffer += piece
        n = int.from_bytes(self.buffer[:3], "big")
        seen = Frame(self.buffer[3], self.buffer[4], struct.unpack(">I", self.buffer[5:9])[0] & 0x7fffffff, self.buffer[9:9 + n])
        self.buffer = self.buffer[9 + n:]
        self.frames.append(seen)
        self.note(seen)
        return seen

    def note(self, seen):
        answer = self.answers.setdefault(seen.stream, Answer()) if seen.stream else None
        if seen.kind == SETTINGS and not seen.flags & ACK:
            self.settings = dict(struct.iter_unpack(">HI", seen.payload))
            self.send_quietly(frame(SETTINGS, ACK))
        elif seen.kind == SETTINGS:
            self.acks += 1
        elif seen.kind == PING and seen.flags & ACK:
            self.pongs.append(seen.payload)
        elif seen.kind == GOAWAY:
            self.goaways.append(struct.unpack(">II", seen.payload[:8]))
        elif seen.kind == WINDOW_UPDATE:
            self.windows[seen.stream] = self.windows.get(seen.stream, 65535) + struct.unpack(">I", seen.payload)[0]
        elif seen.kind == RST_STREAM:
            answer.reset = struct.unpack(">I", seen.payload)[0]
        elif seen.kind == HEADERS:
            assert seen.flags & END_HEADERS and not seen.flags & (PADDED | PRIORITIZED), seen
            self.note_fields(answer, dict(self.decoder.decode(seen.payload)))
        elif seen.kind == DATA:
            assert not seen.flags & PADDED
            answer.body += seen.payload
            if seen.payload and not self.holds:
                update = struct.pack(">I", len(seen.payload))
                self.send_quietly(frame(WINDOW_UPDATE, 0, 0, update) + frame(WINDOW_UPDATE, 0, seen.stream, update))
        if seen.kind in (DATA, HEADERS) and seen.flags & END_STREAM:
            answer.ended = True

    @staticmethod
    def note_fields(answer, fields):
        if fields.get(":status", "200")[0] == "1" and fields.get(":status") != "101":
            answer.interim.append(fields)
        elif answer.fields is None:
            answer.fields = fields
        else:
            answer.trailers = fields

    def send_quietly(self, data):
        try:
            self.s.sendall(data)
        except OSError:
            pass # the end will be seen

    def until(self, condition):
        """Read until it holds. Returns whether it does, or the connection has ended."""
        while not condition():
            if self.read_frame() is None:
                return condition()
        return True

    def answer(self, stream):
        """The whole answer, or what there is of one that was reset."""
        seen = self.answers.setdefault(stream, Answer())
        self.until(lambda: seen.ended or seen.reset is not None)
        return seen

    def ask(self, *args, **kwargs):
        return self.answer(self.request(*args, **kwargs))

    def ping(self, payload=b"12345678"):
        """All that was sent before it has been seen by the server then. Returns whether it lives."""
        before = len(self.pongs)
        self.send_quietly(frame(PING, 0, 0, payload))
        return self.until(lambda: len(self.pongs) > before)

    def end(self, timeout=20):
        """Read to the end of the connection. Returns the code of the last GOAWAY; None: there was none."""
        self.s.settimeout(timeout)
        while self.read_frame() is not None:
            pass
        return self.goaways[-1][1] if self.goaways else None


def connect(server, **kwargs):
    """A connection by prior knowledge."""
    s = server.connect()
    server.clients.append(s)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Http2(s, **kwargs)


def wait_until(condition, timeout=20):
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it does not come to that"
        time.sleep(0.005)
