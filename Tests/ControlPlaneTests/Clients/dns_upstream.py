"""A name server for tests, on UDP and TCP of one port of the loopback: every name has the address 192.0.2.1 for a minute,
but names that begin with big have so many that only TCP holds them, with missing do not exist, with silent get no
answer, and with slow get it after a second. Each question is written to a file: its transport and its name in lower case."""

import socketserver
import struct
import sys
import threading
import time

port, log = int(sys.argv[1]), sys.argv[2]


def note(transport, name):
    with open(log, "a") as file:
        file.write(f"{transport} {name}\n")


def answer(message, transport):
    end, labels = 12, []
    while message[end]:
        labels.append(message[end + 1 : end + 1 + message[end]].decode().lower())
        end += 1 + message[end]
    question = message[12 : end + 5]
    kind = struct.unpack("!H", message[end + 1 : end + 3])[0]
    note(transport, ".".join(labels))
    if labels[0].startswith("silent"):
        return None
    if labels[0].startswith("slow"):
        time.sleep(1)
    count = 120 if labels[0].startswith("big") else 1
    if labels[0].startswith("missing"):
        soa = b"\0" + struct.pack("!HHIH", 6, 1, 60, 22) + b"\0\0" + struct.pack("!5I", 1, 1, 1, 1, 60)
        return message[:2] + b"\x81\x83" + struct.pack("!4H", 1, 0, 1, 0) + question + soa
    if count > 1 and transport == "udp":
        return message[:2] + b"\x83\x80" + struct.pack("!4H", 1, 0, 0, 0) + question
    records = b"".join(
        b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, number + 1]) for number in range(count)
    )
    if kind != 1:
        records, count = b"", 0
    return message[:2] + b"\x81\x80" + struct.pack("!4H", 1, count, 0, 0) + question + records


class Datagrams(socketserver.BaseRequestHandler):
    def handle(self):
        message, socket = self.request
        reply = answer(message, "udp")
        if reply:
            socket.sendto(reply, self.client_address)


class Streams(socketserver.StreamRequestHandler):
    def handle(self):
        while len(head := self.rfile.read(2)) == 2:
            reply = answer(self.rfile.read(struct.unpack("!H", head)[0]), "tcp")
            if reply:
                self.wfile.write(struct.pack("!H", len(reply)) + reply)


socketserver.ThreadingTCPServer.allow_reuse_address = True
datagrams = socketserver.ThreadingUDPServer(("127.0.0.1", port), Datagrams)
streams = socketserver.ThreadingTCPServer(("127.0.0.1", port), Streams)
streams.daemon_threads = True
# It is there: both can be asked now.
open(log, "a").close()
threading.Thread(target=datagrams.serve_forever, daemon=True).start()
streams.serve_forever()
