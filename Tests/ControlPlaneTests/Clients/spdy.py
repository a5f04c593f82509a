"""SPDY/3.1 on the side that accepts (draft-mbelshe-httpbis-spdy-00 with version 3), as kubelets speak it: no flow control."""

import asyncio
import struct
import zlib

WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow"
    " authorization cache-control connection content-base content-encoding content-language content-length"
    " content-location content-md5 content-range content-type date etag expect expires from host if-match"
    " if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma"
    " proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade"
    " user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie"
    " keep-alive origin"
)
TAIL = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
    "404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


def sized(text):
    return struct.pack(">I", len(text)) + text


DICTIONARY = b"".join(sized(word.replace("_", " ").encode()) for word in WORDS.split(" ")) + TAIL.encode()
assert zlib.adler32(DICTIONARY) == 0xE3C6A7C2, "the dictionary of header blocks is not SPDY's"

SYN_STREAM, SYN_REPLY, RST_STREAM, SETTINGS, PING, GOAWAY, HEADERS, WINDOW_UPDATE = 1, 2, 3, 4, 6, 7, 8, 9
FIN = 1


class Stream:
    def __init__(self, session, number, headers):
        self.session, self.number, self.headers = session, number, headers
        self.incoming = asyncio.Queue(maxsize=16)

    async def read(self):
        """The next bytes; None at the end."""
        return await self.incoming.get()

    async def write(self, data):
        for start in range(0, len(data), 65536):
            piece = data[start : start + 65536]
            await self.session.send(struct.pack(">II", self.number, len(piece)) + piece)

    async def close(self):
        await self.session.send(struct.pack(">II", self.number, FIN << 24))


class Session:
    """The streams that a client opens come out of `opened`, in their order; then None."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.inflate, self.deflate = zlib.decompressobj(zdict=DICTIONARY), zlib.compressobj(zdict=DICTIONARY)
        self.streams = {}
        self.opened = asyncio.Queue()

    async def send(self, frame):
        self.writer.write(frame)
        await self.writer.drain()

    async def control(self, kind, payload, flags=0):
        await self.send(struct.pack(">HHI", 0x8003, kind, flags << 24 | len(payload)) + payload)

    async def run(self):
        try:
            while True:
                first, second = struct.unpack(">II", await self.reader.readexactly(8))
                flags, payload = second >> 24, await self.reader.readexactly(second & 0xFFFFFF)
                if first >> 31:
                    await self.controlled(first & 0xFFFF, flags, payload)
                elif first in self.streams:
                    await self.arrived(self.streams[first], payload, flags)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for stream in self.streams.values():
                if not stream.incoming.full():
                    stream.incoming.put_nowait(None)
            self.opened.put_nowait(None)

    async def arrived(self, stream, payload, flags):
        if payload:
            await stream.incoming.put(payload)
        if flags & FIN:
            await stream.incoming.put(None)

    async def controlled(self, kind, flags, payload):
        if kind == SYN_STREAM:
            number = struct.unpack(">I", payload[:4])[0] & 0x7FFFFFFF
            stream = self.streams[number] = Stream(self, number, self.block(payload[10:]))
            empty = self.deflate.compress(struct.pack(">I", 0)) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
            await self.control(SYN_REPLY, struct.pack(">I", number) + empty)
            self.opened.put_nowait(stream)
            if flags & FIN:
                await stream.incoming.put(None)
        elif kind == PING:
            await self.control(PING, payload)
        elif kind == HEADERS:
            self.block(payload[4:])
        elif kind == RST_STREAM:
            stream = self.streams.get(struct.unpack(">I", payload[:4])[0])
            if stream:
                await stream.incoming.put(None)

    def block(self, payload):
        plain = self.inflate.decompress(payload)
        headers, position = {}, 4
        for _ in range(struct.unpack(">I", plain[:4])[0]):
            pair = []
            for _ in range(2):
                (length,) = struct.unpack(">I", plain[position : position + 4])
                pair.append(plain[position + 4 : position + 4 + length].decode())
                position += 4 + length
            headers[pair[0].lower()] = pair[1]
        return headers
