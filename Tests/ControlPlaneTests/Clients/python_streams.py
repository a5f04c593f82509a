"""Streams of the Python client from PyPI to pod `p`, whose agent is node_agent.py; ends with an error where they are not as upstream."""

import socket
import ssl
import sys

from kubernetes import client, config
from kubernetes.client.rest import ApiException
from kubernetes.stream import portforward, stream


def runs(core):
    def exec_(*command, **more):
        options = {"stderr": True, "stdin": False, "stdout": True, "tty": False, "container": "main", **more}
        return stream(core.connect_get_namespaced_pod_exec, "p", "default", command=list(command), **options)

    assert exec_("echo", "out") == "out\n"
    shell = exec_("sh", "-c", "read line; echo got $line; echo err >&2; exit 4", stdin=True, _preload_content=False)
    shell.write_stdin("hello\n")
    shell.run_forever(timeout=30)
    assert shell.read_stdout() == "got hello\n" and shell.read_stderr() == "err\n"
    assert shell.returncode == 4, shell.returncode
    attached = stream(
        core.connect_get_namespaced_pod_attach, "p", "default", container="main", stdin=True, stdout=True, stderr=False,
        tty=False, _preload_content=False,
    )
    attached.write_stdin("abc")
    text = ""
    while "ABC" not in text:
        attached.update(timeout=30)
        text += attached.read_stdout()
    assert text == "attached\nABC", text
    attached.close()
    try:
        exec_("refused")
        raise AssertionError("the agent's refusal was not told")
    except ApiException as error:
        assert error.status in (0, 500) and "500" in str(error), error


def forwards(core, port):
    forward = portforward(core.connect_get_namespaced_pod_portforward, "p", "default", ports=str(port))
    raw = forward.socket(port)
    raw.settimeout(30)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # The socket is one end of a pair that the client moves bytes from.
    left, right = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(left, right, server_hostname="localhost")

    def through(step):
        while True:
            try:
                result = step()
                if out := right.read():
                    raw.sendall(out)
                return result
            except ssl.SSLWantReadError:
                if out := right.read():
                    raw.sendall(out)
                left.write(raw.recv(65536))

    through(tls.do_handshake)
    through(lambda: tls.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    assert through(lambda: tls.read(65536)).startswith(b"HTTP/1.1 200 OK")
    assert forward.error(port) is None
    raw.close()


config.load_kube_config(sys.argv[1])
core = client.CoreV1Api()
assert core.read_namespaced_pod_log("p", "default", container="main", tail_lines=1) == "line 5\n"
runs(core)
forwards(core, int(sys.argv[2]))
print("ok")
