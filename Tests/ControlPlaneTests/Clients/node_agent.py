"""A node agent for tests, with the server of a kubelet: TLS, the API server's client certificate demanded, exec and attach
over SPDY/3.1 and WebSockets, port-forward, logs. What it execs runs on this machine.

node_agent.py PKI  takes PKI/apiserver.crt and .key to serve with, PKI/ca.crt to know the API server by; prints its port,
then a line per request. Commands and pods named after a fault show that fault.
"""

import asyncio
import json
import ssl
import sys
from urllib.parse import parse_qs, urlsplit

import spdy
import websocket_channels

CHANNELS = ["stdin", "stdout", "stderr", "error", "resize"]


def success():
    return {"metadata": {}, "status": "Success"}


def exit_status(code):
    causes = [{"reason": "ExitCode", "message": str(code)}]
    message = f"command terminated with non-zero exit code: exit status {code}"
    return {
        "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode", "message": message,
        "details": {"causes": causes},
    }


class Request:
    def __init__(self, head, reader, writer):
        lines = head.decode().split("\r\n")
        self.method, self.uri, _ = lines[0].split(" ")
        self.headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line)]
        self.reader, self.writer = reader, writer
        url = urlsplit(self.uri)
        self.parts = url.path.strip("/").split("/")
        self.query = parse_qs(url.query)

    def all(self, name):
        return [part.strip() for key, value in self.headers if key == name for part in value.split(",")]

    def first(self, name):
        return next(iter(self.all(name)), "")

    def wants(self, flag):
        return self.query.get(flag) == ["1"]

    async def answer(self, code, reason, body, kind="text/plain"):
        self.writer.write(
            f"HTTP/1.1 {code} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        await self.writer.drain()

    async def switch(self, lines):
        head = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade"] + lines
        self.writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        await self.writer.drain()

    def die(self):
        self.writer.transport.abort()


async def exec_streams(request):
    """The session, and its streams by name, over whichever protocol was asked for; None after a refusal."""
    wanted = ["error"] + [
        name for name, flag in (("stdin", "input"), ("stdout", "output"), ("stderr", "error"), ("resize", "tty"))
        if request.wants(flag)
    ]
    if request.first("upgrade").lower() == "websocket":
        known = [name for name in request.all("sec-websocket-protocol") if name in ("v5.channel.k8s.io", "v4.channel.k8s.io")]
        if not known or request.parts[3] == "spdy-only":
            return await request.answer(403, "Forbidden", b"no known subprotocol")
        await request.switch([
            "Upgrade: websocket", f"Sec-WebSocket-Protocol: {known[0]}",
            "Sec-WebSocket-Accept: " + websocket_channels.accept(request.first("sec-websocket-key")),
        ])
        session = websocket_channels.Session(request.reader, request.writer, len(CHANNELS))
        asyncio.create_task(session.run())
        return session, dict(zip(CHANNELS, session.channels))
    known = [name for name in request.all("x-stream-protocol-version") if name == "v4.channel.k8s.io"]
    if not known:
        return await request.answer(403, "Forbidden", b"no known stream protocol")
    await request.switch(["Upgrade: SPDY/3.1", f"X-Stream-Protocol-Version: {known[0]}"])
    session = spdy.Session(request.reader, request.writer)
    asyncio.create_task(session.run())
    streams = {}
    while len(streams) < len(wanted):
        stream = await session.opened.get()
        if stream is None:
            return None
        streams[stream.headers["streamtype"]] = stream
    return session, streams


async def pump(read, write, finish):
    while (data := await read()) is not None and data != b"":
        await write(data)
    await finish()


async def run_command(request, streams, command):
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    has_input = request.wants("input")
    process = await asyncio.create_subprocess_exec(
        *command, stdin=pipe if has_input else null, stdout=pipe, stderr=pipe)

    async def feed(data):
        process.stdin.write(data)
        await process.stdin.drain()

    async def finish_input():
        process.stdin.close()

    async def copy(source, name):
        stream = streams.get(name) if request.wants({"stdout": "output", "stderr": "error"}[name]) else None

        async def discard(data):
            pass

        async def nothing():
            pass

        await pump(
            lambda: source.read(65536), stream.write if stream else discard, stream.close if stream else nothing)

    feeding = asyncio.create_task(pump(streams["stdin"].read, feed, finish_input)) if has_input else None
    try:
        await asyncio.gather(copy(process.stdout, "stdout"), copy(process.stderr, "stderr"))
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
        if feeding:
            feeding.cancel()
    return success() if code == 0 else exit_status(code)


async def attach(request, streams):
    await streams["stdout"].write(b"attached\n")
    if request.wants("input"):
        async def upper(data):
            await streams["stdout"].write(data.upper())

        async def nothing():
            pass

        await pump(streams["stdin"].read, upper, nothing)
    return success()


async def run_streams(request):
    if "refused" in request.query.get("command", []):
        return await request.answer(500, "Internal Server Error", b"this agent refuses\n")
    opened = await exec_streams(request)
    if not opened:
        return
    session, streams = opened
    if "agent-dies" in request.query.get("command", []):
        await streams["stdout"].write(b"last words\n")
        await asyncio.sleep(0.2)
        return request.die()
    if request.parts[0] == "exec":
        status = await run_command(request, streams, request.query["command"])
    else:
        status = await attach(request, streams)
    await streams["error"].write(json.dumps(status).encode())
    for stream in streams.values():
        await stream.close()
    if isinstance(session, websocket_channels.Session):
        await session.send(8, b"\x03\xe8")
    # The client ends the connection.
    await asyncio.wait_for(request.writer.wait_closed(), 10)


async def forward(data, error, port):
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError as reason:
        await error.write(f"cannot connect to port {port}: {reason.strerror}".encode())
        await error.close()
        return await data.close()

    async def send(piece):
        writer.write(piece)
        await writer.drain()

    async def end_output():
        writer.write_eof()

    incoming = asyncio.create_task(pump(data.read, send, end_output))
    try:
        await pump(lambda: reader.read(65536), data.write, data.close)
        await error.close()
    finally:
        incoming.cancel()
        writer.close()


async def forward_ports(request):
    if request.first("upgrade").lower() == "websocket":
        known = [name for name in request.all("sec-websocket-protocol") if name in ("v4.channel.k8s.io", "portforward.k8s.io")]
        ports = [int(port) for text in request.query.get("ports", []) for port in text.split(",")]
        await request.switch([
            "Upgrade: websocket", f"Sec-WebSocket-Protocol: {known[0]}",
            "Sec-WebSocket-Accept: " + websocket_channels.accept(request.first("sec-websocket-key")),
        ])
        session = websocket_channels.Session(request.reader, request.writer, 2 * len(ports))
        for index, port in enumerate(ports):
            data, error = session.channels[2 * index : 2 * index + 2]
            for channel in (data, error):
                await channel.write(port.to_bytes(2, "little"))
            asyncio.create_task(forward(data, error, port))
        return await session.run()
    await request.switch(["Upgrade: SPDY/3.1", f"X-Stream-Protocol-Version: {request.first('x-stream-protocol-version')}"])
    session = spdy.Session(request.reader, request.writer)
    running = asyncio.create_task(session.run())
    pairs = {}
    while (stream := await session.opened.get()) is not None:
        pair = pairs.setdefault(stream.headers["requestid"], {})
        pair[stream.headers["streamtype"]] = stream
        if len(pair) == 2:
            asyncio.create_task(forward(pair["data"], pair["error"], int(stream.headers["port"])))
    await running


async def logs(request):
    lines = [f"line {number}\n" for number in range(1, 6)]
    if tail := request.query.get("tailLines"):
        lines = lines[len(lines) - int(tail[0]) :]
    if request.parts[3] == "refused":
        return await request.answer(400, "Bad Request", b"this agent has no logs of it")
    request.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")

    async def chunk(text):
        request.writer.write(f"{len(text):x}\r\n{text}\r\n".encode())
        await request.writer.drain()

    await chunk("".join(lines))
    if request.query.get("follow") == ["true"]:
        for number in range(6, 9):
            await asyncio.sleep(0.1)
            await chunk(f"line {number}\n")
            if request.parts[3] == "agent-dies":
                return request.die()
    request.writer.write(b"0\r\n\r\n")
    await request.writer.drain()


async def serve(reader, writer):
    try:
        request = Request(await reader.readuntil(b"\r\n\r\n"), reader, writer)
        subject = dict(pair for group in writer.get_extra_info("peercert")["subject"] for pair in group)
        print(subject.get("commonName"), request.method, request.uri, request.first("upgrade"), flush=True)
        if subject.get("commonName") != "kube-apiserver-kubelet-client":
            await request.answer(401, "Unauthorized", b"Unauthorized")
        elif request.parts[0] in ("exec", "attach"):
            await run_streams(request)
        elif request.parts[0] == "portForward":
            await forward_ports(request)
        elif request.parts[0] == "containerLogs":
            await logs(request)
        else:
            length = int(request.first("content-length") or 0)
            body = await reader.readexactly(length)
            await request.answer(200, "OK", f"{request.method} {request.uri} {body.decode()}".strip().encode())
    except (asyncio.IncompleteReadError, ConnectionError, TimeoutError, asyncio.TimeoutError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def main(pki):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=f"{pki}/ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(f"{pki}/apiserver.crt", f"{pki}/apiserver.key")
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(sys.argv[1]))
