"""An API server with bad manners: passes requests on to the one whose kubeconfig is named, and gets in their way at random.

    faulty_proxy.py KUBECONFIG SEED FILE

Listens on a free loopback port without TLS and writes a kubeconfig for itself to FILE. It speaks only JSON, refuses
initial events on watches, ends watches early and in the middle of a line, and answers 409, 410, 429 and 503; now and then
a write succeeds and its answer is lost. A line per fault goes to standard output.
"""

import base64
import http.client
import http.server
import json
import random
import re
import ssl
import sys
import tempfile
import threading
import time
from urllib.parse import parse_qs, urlsplit

FAULTS = {"conflict": 0.08, "busy": 0.05, "unavailable": 0.03, "lost": 0.03, "expired": 0.06}
# How long a watch may last, in seconds. Clients wait longer after each failure, so shorter watches are seldom watched.
WATCH = (0.5, 5)


def field(text, name):
    return re.search(rf"^\s*{name}:\s*(\S+)", text, re.M).group(1).strip('"')


class Upstream:
    def __init__(self, kubeconfig):
        text = open(kubeconfig).read()
        self.address = urlsplit(field(text, "server")).netloc
        self.context = ssl.create_default_context(cadata=base64.b64decode(field(text, "certificate-authority-data")).decode())
        with tempfile.NamedTemporaryFile("w") as file:
            for name in ("client-certificate-data", "client-key-data"):
                file.write(base64.b64decode(field(text, name)).decode())
            file.flush()
            self.context.load_cert_chain(file.name)

    def connect(self):
        return http.client.HTTPSConnection(self.address, context=self.context, timeout=60)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    dice, dice_lock = random.Random(), threading.Lock()
    upstream = None
    connection_upstream = None

    def log_message(self, *_):
        pass

    def roll(self, fault):
        with self.dice_lock:
            hit = self.dice.random() < FAULTS[fault]
        if hit:
            sys.stdout.write(f"{fault} {self.command} {self.path}\n")
            sys.stdout.flush()
        return hit

    def between(self, low, high):
        with self.dice_lock:
            return self.dice.uniform(low, high)

    def refuse(self, code, reason, message, headers=()):
        body = json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
                           "reason": reason, "message": message}).encode()
        self.send_response(code)
        for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = parse_qs(urlsplit(self.path).query)
        is_write = self.command != "GET"
        is_watch = "watch" in query
        if "sendInitialEvents" in query:
            return self.refuse(422, "Invalid", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch")
        if self.roll("busy"):
            return self.refuse(429, "TooManyRequests", "wait", [("Retry-After", "1")])
        if self.roll("unavailable"):
            return self.refuse(503, "ServiceUnavailable", "not now")
        if self.command in ("PUT", "PATCH") and self.roll("conflict"):
            return self.refuse(409, "Conflict", "the object has been modified")
        if (is_watch or "continue" in query) and self.roll("expired"):
            return self.refuse(410, "Expired", "too old resource version")
        is_lost = is_write and self.roll("lost")
        upstream = self.upstream.connect() if is_watch else self.kept()
        headers = {"Accept": self.accept()}
        for name in ("Content-Type", "User-Agent"):
            if self.headers.get(name):
                headers[name] = self.headers[name]
        try:
            upstream.request(self.command, self.path, body or None, headers)
            answer = upstream.getresponse()
            if is_lost:
                answer.read()
                self.close_connection = True
            elif is_watch and answer.status == 200:
                self.watch(upstream, answer)
            else:
                self.send(answer)
        finally:
            if is_watch:
                upstream.close()

    def kept(self):
        """One connection for all that one client's connection asks for, so that few are made."""
        if self.connection_upstream is None:
            self.connection_upstream = self.upstream.connect()
        return self.connection_upstream

    def finish(self):
        super().finish()
        if self.connection_upstream is not None:
            self.connection_upstream.close()

    def accept(self):
        wanted = self.headers.get("Accept", "")
        # Discovery has no plain form that clients could do with.
        return wanted if "apidiscovery" in wanted or "PartialObjectMetadata" in wanted else "application/json"

    def send(self, answer):
        body = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def watch(self, upstream, answer):
        """Until a random moment; often in the middle of a line."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        end = time.monotonic() + self.between(*WATCH)
        while time.monotonic() < end:
            upstream.sock.settimeout(max(0.05, end - time.monotonic()))
            try:
                part = answer.read1(65536)
            except TimeoutError:
                break
            if not part:
                break
            if time.monotonic() > end:
                part = part[: len(part) // 2]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Clients that go away, and upstream's end."""


def main():
    kubeconfig, seed, file = sys.argv[1:]
    Handler.upstream = Upstream(kubeconfig)
    Handler.dice = random.Random(int(seed))
    server = Server(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    with open(file, "w") as out:
        json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "c",
                   "clusters": [{"name": "c", "cluster": {"server": address}}],
                   "users": [{"name": "u", "user": {}}],
                   "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}, out)
    server.serve_forever()


main()
