"""WebSockets on the side that accepts (RFC 6455), with a channel number before each message (`v4` and `v5.channel.k8s.io`)."""

import asyncio
import base64
import hashlib
import struct


def accept(key):
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return base64.b64encode(digest).decode()


class Channel:
    def __init__(self, session, number):
        self.session, self.number = session, number
        self.incoming = asyncio.Queue(maxsize=16)

    async def read(self):
        """The next bytes; None at the end."""
        return await self.incoming.get()

    async def write(self, data):
        for start in range(0, len(data), 32768):
            await self.session.send(2, bytes([self.number]) + data[start : start + 32768])

    async def close(self):
        pass


class Session:
    def __init__(self, reader, writer, count):
        self.reader, self.writer = reader, writer
        self.channels = [Channel(self, number) for number in range(count)]

    async def send(self, opcode, data):
        size = len(data)
        length = bytes([size]) if size < 126 else struct.pack(">BH", 126, size) if size < 1 << 16 else struct.pack(">BQ", 127, size)
        self.writer.write(bytes([0x80 | opcode]) + length + data)
        await self.writer.drain()

    async def frame(self):
        first, second = await self.reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", await self.reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", await self.reader.readexactly(8))
        assert second & 0x80, "a client's frame is masked"
        mask = await self.reader.readexactly(4)
        data = await self.reader.readexactly(length)
        key = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
        return first & 0x0F, (int.from_bytes(data, "big") ^ key).to_bytes(length, "big")

    async def run(self):
        message = b""
        try:
            while True:
                opcode, data = await self.frame()
                if opcode == 8:
                    await self.send(8, data[:2])
                    return
                if opcode == 9:
                    await self.send(10, data)
                elif opcode in (0, 1, 2):
                    await self.arrived(data)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for channel in self.channels:
                if not channel.incoming.full():
                    channel.incoming.put_nowait(None)

    async def arrived(self, message):
        if not message:
            return
        # v5: channel 255 closes the channel that it names.
        number, data = message[0], message[1:]
        if number == 255 and data and data[0] < len(self.channels):
            await self.channels[data[0]].incoming.put(None)
        elif number < len(self.channels) and data:
            await self.channels[number].incoming.put(data)
