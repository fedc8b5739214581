# SPDX-License-Identifier: MIT
"""
Requests at a fixed rate, whether or not they are answered: more than the server can do. Each goes over a
connection that has nothing to do, or over a new one; one that the server has closed is forgotten.
"""
import collections
import selectors
import socket
import time

Answer = collections.namedtuple("Answer", "sent_s took_s status retry_after")


class Client:
    def __init__(self, address):
        self.s = socket.socket(socket.AF_INET)
        self.s.setblocking(False)
        self.s.connect_ex(address)
        self.data = b""
        self.unsent = b""
        self.sent_s = 0.0

    def begin(self, request, now_s):
        self.unsent, self.sent_s = request, now_s
        self.push()

    def push(self):
        try:
            self.unsent = self.unsent[self.s.send(self.unsent):]
        except BlockingIOError:
            pass  # it is not connected yet

    def pull(self):
        """The head of an answer that is here with its body; None: it is not, or (b"") never will be."""
        try:
            piece = self.s.recv(65536)
        except BlockingIOError:
            return None
        except OSError:
            piece = b""
        self.data += piece
        head, mark, body = self.data.partition(b"\r\n\r\n")
        if mark and len(body) >= int(field(head, b"content-length") or 0):
            self.data = b""
            return head
        return None if piece else b""


def field(head, name):
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return None


def run(address, request, phases):
    """`phases` are (seconds, requests a second). Returns (answers, how many requests had none)."""
    selector, idle, answers, lost = selectors.DefaultSelector(), [], [], 0
    busy = set()
    began_s = at_s = time.monotonic()
    due = []
    for seconds, rate in phases:
        due += [at_s + i / rate for i in range(int(seconds * rate))]
        at_s += seconds
    due.reverse()
    end_s = at_s + 10
    while (due or busy) and time.monotonic() < end_s:
        now_s = time.monotonic()
        while due and due[-1] <= now_s:
            client = idle.pop() if idle else Client(address)
            client.begin(request, due.pop())
            busy.add(client)
            selector.register(client.s, selectors.EVENT_READ | (selectors.EVENT_WRITE if client.unsent else 0), client)
        for key, events in selector.select(max(0, due[-1] - time.monotonic()) if due else 0.1):
            client = key.data
            if events & selectors.EVENT_WRITE:
                client.push()
                if not client.unsent:
                    selector.modify(client.s, selectors.EVENT_READ, client)
            head = client.pull() if events & selectors.EVENT_READ else None
            if head is None:
                continue
            selector.unregister(client.s)
            busy.discard(client)
            if not head:
                lost += 1
                client.s.close()
                continue
            answers.append(Answer(client.sent_s - began_s, time.monotonic() - client.sent_s, int(head.split()[1]),
                                  field(head, b"retry-after")))
            if (field(head, b"connection") or b"").lower() == b"close":
                client.s.close()
            else:
                idle.append(client)
    for client in [*busy, *idle]:
        client.s.close()
    return answers, lost + len(busy) + len(due)
