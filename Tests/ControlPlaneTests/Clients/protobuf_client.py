"""Bodies as typed client-go sends them (Kubernetes' protobuf) against the API server whose kubeconfig is named.

Core and meta messages are upstream's own, as the package k8s-proto generated them; the others are described here. Both the
encoder and the decoder are Google's. Ends with an error where the server is not as upstream.
"""

import base64
import struct
import sys
import tempfile
import threading
import time

import urllib3
import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from k8s.io.api.core.v1 import generated_pb2 as core
from k8s.io.apimachinery.pkg.apis.meta.v1 import generated_pb2 as meta
from k8s.io.apimachinery.pkg.runtime import generated_pb2 as runtime

PROTOBUF = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
META = ".k8s.io.apimachinery.pkg.apis.meta.v1."
CORE = ".k8s.io.api.core.v1."

# name: [(field, number, type, repeated)]
DESCRIBED = {
    "Deployment": [("metadata", 1, META + "ObjectMeta"), ("spec", 2, "DeploymentSpec"), ("status", 3, "DeploymentStatus")],
    "DeploymentSpec": [
        ("replicas", 1, "int32"), ("selector", 2, META + "LabelSelector"), ("template", 3, CORE + "PodTemplateSpec"),
        ("minReadySeconds", 5, "int32"), ("revisionHistoryLimit", 6, "int32"), ("progressDeadlineSeconds", 9, "int32"),
    ],
    "DeploymentStatus": [("observedGeneration", 1, "int64"), ("replicas", 2, "int32")],
    "Lease": [("metadata", 1, META + "ObjectMeta"), ("spec", 2, "LeaseSpec")],
    "LeaseSpec": [
        ("holderIdentity", 1, "string"), ("leaseDurationSeconds", 2, "int32"), ("acquireTime", 3, META + "MicroTime"),
        ("renewTime", 4, META + "MicroTime"), ("leaseTransitions", 5, "int32"),
    ],
    "EndpointSlice": [
        ("metadata", 1, META + "ObjectMeta"), ("endpoints", 2, "Endpoint", True), ("ports", 3, "EndpointPort", True),
        ("addressType", 4, "string"),
    ],
    "EndpointSliceList": [("metadata", 1, META + "ListMeta"), ("items", 2, "EndpointSlice", True)],
    "Endpoint": [
        ("addresses", 1, "string", True), ("conditions", 2, "EndpointConditions"), ("hostname", 3, "string"),
        ("nodeName", 6, "string"), ("zone", 7, "string"),
    ],
    "EndpointConditions": [("ready", 1, "bool"), ("serving", 2, "bool"), ("terminating", 3, "bool")],
    "EndpointPort": [("name", 1, "string"), ("protocol", 2, "string"), ("port", 3, "int32"), ("appProtocol", 4, "string")],
    "Eviction": [("metadata", 1, META + "ObjectMeta"), ("deleteOptions", 2, META + "DeleteOptions")],
    "TokenRequest": [("metadata", 1, META + "ObjectMeta"), ("spec", 2, "TokenRequestSpec"), ("status", 3, "TokenRequestStatus")],
    "TokenRequestSpec": [("audiences", 1, "string", True), ("expirationSeconds", 4, "int64")],
    "TokenRequestStatus": [("token", 1, "string"), ("expirationTimestamp", 2, META + "Time")],
}


def described():
    """Classes of the messages above."""
    field = descriptor_pb2.FieldDescriptorProto
    scalars = {"int32": field.TYPE_INT32, "int64": field.TYPE_INT64, "bool": field.TYPE_BOOL, "string": field.TYPE_STRING}
    file = descriptor_pb2.FileDescriptorProto(
        name="described.proto", package="described", syntax="proto2",
        dependency=[core.DESCRIPTOR.name, meta.DESCRIPTOR.name])
    for name, fields in DESCRIBED.items():
        message = file.message_type.add(name=name)
        for title, number, kind, *repeated in fields:
            added = message.field.add(
                name=title, number=number, label=field.LABEL_REPEATED if repeated else field.LABEL_OPTIONAL)
            if kind in scalars:
                added.type = scalars[kind]
            else:
                added.type = field.TYPE_MESSAGE
                added.type_name = kind if kind.startswith(".") else ".described." + kind
    pool = descriptor_pool.Default()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return {name: factory.GetPrototype(pool.FindMessageTypeByName("described." + name)) for name in DESCRIBED}


TYPES = described()


def envelope(api_version, kind, message):
    unknown = runtime.Unknown(
        typeMeta=runtime.TypeMeta(apiVersion=api_version, kind=kind), raw=message.SerializeToString(),
        contentEncoding="", contentType="")
    return MAGIC + unknown.SerializeToString()


def opened(data, into=None):
    assert data[:4] == MAGIC, data[:40]
    unknown = runtime.Unknown.FromString(data[4:])
    if into is None:
        return unknown
    message = into()
    message.ParseFromString(unknown.raw)
    return unknown.typeMeta.kind, message


class Server:
    def __init__(self, path):
        with open(path) as file:
            parsed = yaml.safe_load(file)
        cluster, user = parsed["clusters"][0]["cluster"], parsed["users"][0]["user"]
        self.url = cluster["server"]
        self.folder = tempfile.TemporaryDirectory()
        files = {}
        for name, text in [
            ("ca", cluster["certificate-authority-data"]), ("cert", user["client-certificate-data"]),
            ("key", user["client-key-data"]),
        ]:
            files[name] = f"{self.folder.name}/{name}"
            with open(files[name], "wb") as file:
                file.write(base64.b64decode(text))
        self.pool = urllib3.PoolManager(ca_certs=files["ca"], cert_file=files["cert"], key_file=files["key"])

    def ask(self, method, path, body=None, accept=PROTOBUF + ",application/json", content=PROTOBUF, **more):
        headers = {"Accept": accept}
        if body is not None:
            headers["Content-Type"] = content
        return self.pool.request(method, self.url + path, body=body, headers=headers, retries=False, **more)

    def create(self, path, api_version, kind, message, into, code=201):
        answer = self.ask("POST", path, envelope(api_version, kind, message))
        assert answer.status == code, (answer.status, answer.data)
        assert answer.headers["Content-Type"] == PROTOBUF, answer.headers
        return opened(answer.data, into)[1]


def named(name, **more):
    return meta.ObjectMeta(name=name, **more)


def services(server):
    path = "/api/v1/namespaces/default/services"
    port = core.ServicePort(name="http", protocol="TCP", port=80)
    port.targetPort.type, port.targetPort.strVal = 1, "web"
    sent = core.Service(metadata=named("web", labels={"app": "web"}), spec=core.ServiceSpec(
        ports=[port], selector={"app": "web"}, type="NodePort", sessionAffinity="None"))
    made = server.create(path, "v1", "Service", sent, core.Service)
    assert made.metadata.uid and made.metadata.resourceVersion, made
    assert made.spec.clusterIP and made.spec.ports[0].nodePort >= 30000, made
    assert made.spec.ports[0].targetPort.strVal == "web" and made.metadata.labels["app"] == "web", made
    made.metadata.labels["more"] = "x"
    answer = server.ask("PUT", path + "/web", envelope("v1", "Service", made))
    assert answer.status == 200, answer.data
    put = opened(answer.data, core.Service)[1]
    assert put.metadata.labels["more"] == "x" and put.spec.clusterIP == made.spec.clusterIP, put
    answer = server.ask("PUT", path + "/web", envelope("v1", "Service", made))
    status = opened(answer.data, meta.Status)[1]
    assert (answer.status, status.reason, status.code) == (409, "Conflict", 409), status
    kind, listed = opened(server.ask("GET", path).data, core.ServiceList)
    assert kind == "ServiceList" and {i.metadata.name for i in listed.items} == {"kubernetes", "web"}, listed
    bad = core.Service(metadata=named("bad"), spec=core.ServiceSpec(ports=[core.ServicePort(port=70000)]))
    answer = server.ask("POST", path, envelope("v1", "Service", bad))
    status = opened(answer.data, meta.Status)[1]
    assert answer.status == 422 and status.details.causes[0].field == "spec.ports[0].port", status
    # JSON is answered to those who want it, and taken from those who send it.
    answer = server.ask("GET", path + "/web", accept="application/json")
    assert answer.headers["Content-Type"] == "application/json" and b'"nodePort"' in answer.data


def pods(server):
    path = "/api/v1/namespaces/default/pods"
    account = core.ServiceAccount(metadata=named("default"))
    server.create("/api/v1/namespaces/default/serviceaccounts", "v1", "ServiceAccount", account, core.ServiceAccount)
    container = core.Container(name="c", image="i:1", command=["a", "b"])
    container.resources.requests["cpu"].string = "100m"
    container.resources.limits["memory"].string = "64Mi"
    container.livenessProbe.handler.httpGet.path = "/live"
    container.livenessProbe.handler.httpGet.port.intVal = 8080
    container.env.add(name="A", value="1")
    container.env.add(name="NODE").valueFrom.fieldRef.fieldPath = "spec.nodeName"
    sent = core.Pod(metadata=named("p"), spec=core.PodSpec(containers=[container], nodeSelector={"a": "b"}))
    made = server.create(path, "v1", "Pod", sent, core.Pod)
    assert made.spec.containers[0].resources.requests["cpu"].string == "100m", made
    assert made.spec.containers[0].livenessProbe.handler.httpGet.port.intVal == 8080, made
    assert made.spec.containers[0].livenessProbe.periodSeconds == 10 and made.spec.restartPolicy == "Always", made
    assert made.status.phase == "Pending" and made.status.qosClass == "Burstable", made.status
    # The kubelet's status.
    made.status.phase = "Running"
    made.status.podIP = "10.0.0.7"
    made.status.startTime.seconds = 1700000000
    made.status.conditions.add(type="Ready", status="True").lastTransitionTime.seconds = 1700000001
    answer = server.ask("PUT", path + "/p/status", envelope("v1", "Pod", made))
    status = opened(answer.data, core.Pod)[1].status
    assert answer.status == 200 and status.podIP == "10.0.0.7" and status.startTime.seconds == 1700000000, answer.data
    bound = core.Binding(metadata=named("p"), target=core.ObjectReference(kind="Node", name="n1"))
    answer = server.ask("POST", path + "/p/binding", envelope("v1", "Binding", bound))
    assert answer.status == 201 and opened(answer.data, meta.Status)[1].status == "Success", answer.data
    assert opened(server.ask("GET", path + "/p").data, core.Pod)[1].spec.nodeName == "n1"
    options = meta.DeleteOptions(gracePeriodSeconds=0)
    options.preconditions.uid = "another"
    answer = server.ask("DELETE", path + "/p", envelope("v1", "DeleteOptions", options))
    assert answer.status == 409, answer.data
    eviction = TYPES["Eviction"](metadata=named("p"))
    eviction.deleteOptions.gracePeriodSeconds = 0
    answer = server.ask("POST", path + "/p/eviction", envelope("policy/v1", "Eviction", eviction))
    assert answer.status == 201, answer.data
    assert server.ask("GET", path + "/p").status == 404


def described_kinds(server):
    deployment = TYPES["Deployment"](metadata=named("d"))
    deployment.spec.replicas = 0
    deployment.spec.selector.matchLabels["app"] = "d"
    deployment.spec.template.metadata.labels["app"] = "d"
    deployment.spec.template.spec.containers.add(name="c", image="i")
    made = server.create("/apis/apps/v1/namespaces/default/deployments", "apps/v1", "Deployment", deployment, TYPES["Deployment"])
    assert made.spec.HasField("replicas") and made.spec.replicas == 0 and made.metadata.generation == 1, made
    assert made.spec.revisionHistoryLimit == 10 and made.spec.template.spec.dnsPolicy == "ClusterFirst", made

    lease = TYPES["Lease"](metadata=named("l"))
    lease.spec.holderIdentity, lease.spec.leaseDurationSeconds = "me", 15
    lease.spec.renewTime.seconds, lease.spec.renewTime.nanos = 1700000000, 123456000
    path = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
    made = server.create(path, "coordination.k8s.io/v1", "Lease", lease, TYPES["Lease"])
    assert (made.spec.renewTime.seconds, made.spec.renewTime.nanos) == (1700000000, 123456000), made
    assert b'"2023-11-14T22:13:20.123456Z"' in server.ask("GET", path + "/l", accept="application/json").data

    endpoints = TYPES["EndpointSlice"](
        metadata=named("s", labels={"kubernetes.io/service-name": "web"}), addressType="IPv4")
    endpoints.endpoints.add(addresses=["10.1.0.1"], nodeName="n1").conditions.ready = False
    endpoints.endpoints.add(addresses=["10.1.0.2"], zone="z")
    endpoints.ports.add(name="http", port=8080)
    made = server.create(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", "discovery.k8s.io/v1", "EndpointSlice", endpoints,
        TYPES["EndpointSlice"])
    assert [e.conditions.HasField("ready") for e in made.endpoints] == [True, False], made
    assert made.ports[0].protocol == "TCP" and made.endpoints[1].zone == "z", made

    event = core.Event(
        metadata=named("e"), involvedObject=core.ObjectReference(kind="Pod", namespace="default", name="p"),
        reason="Started", message="µ", type="Normal", count=3, source=core.EventSource(component="kubelet"))
    event.firstTimestamp.seconds = 1700000000
    made = server.create("/api/v1/namespaces/default/events", "v1", "Event", event, core.Event)
    assert made.message == "µ" and made.count == 3 and made.firstTimestamp.seconds == 1700000000, made

    secret = core.Secret(metadata=named("s"), data={"a": bytes(range(256))})
    made = server.create("/api/v1/namespaces/default/secrets", "v1", "Secret", secret, core.Secret)
    assert made.data["a"] == bytes(range(256)) and made.type == "Opaque", made

    request = TYPES["TokenRequest"]()
    request.spec.audiences.append("x")
    request.spec.expirationSeconds = 900
    made = server.create(
        "/api/v1/namespaces/default/serviceaccounts/default/token", "authentication.k8s.io/v1", "TokenRequest", request,
        TYPES["TokenRequest"])
    assert made.status.token.count(".") == 2 and made.status.expirationTimestamp.seconds > time.time(), made


def frames(stream):
    """The events of a watch: each behind its length, and only the object in an envelope."""
    data = b""
    for piece in stream.stream(1 << 16):
        data += piece
        while len(data) >= 4 and len(data) >= 4 + struct.unpack(">I", data[:4])[0]:
            length = struct.unpack(">I", data[:4])[0]
            event = meta.WatchEvent()
            event.ParseFromString(data[4:4 + length])
            data = data[4 + length:]
            yield event.type, opened(event.object.raw)


def informer(server):
    """What client-go's reflector asks: everything there is, a bookmark, and the changes."""
    path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
    stream = server.ask(
        "GET", path + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        "&timeoutSeconds=10", accept=PROTOBUF + ";stream=watch," + PROTOBUF, preload_content=False)
    assert stream.headers["Content-Type"] == PROTOBUF + ";stream=watch", stream.headers
    seen = []

    def follow():
        for kind, unknown in frames(stream):
            into = TYPES["EndpointSlice"]()
            into.ParseFromString(unknown.raw)
            seen.append((kind, into.metadata.name, dict(into.metadata.annotations)))
            assert unknown.typeMeta.kind == "EndpointSlice", unknown.typeMeta
            if kind == "DELETED":
                return

    thread = threading.Thread(target=follow)
    thread.start()
    deadline = time.time() + 10
    while len(seen) < 2 and time.time() < deadline:
        time.sleep(0.02)
    assert [kind for kind, *_ in seen] == ["ADDED", "BOOKMARK"], seen
    assert seen[1][2] == {"k8s.io/initial-events-end": "true"}, seen
    one = TYPES["EndpointSlice"](metadata=named("t"), addressType="IPv6")
    server.create(path, "discovery.k8s.io/v1", "EndpointSlice", one, TYPES["EndpointSlice"])
    answer = server.ask("DELETE", path + "/t", envelope("v1", "DeleteOptions", meta.DeleteOptions()))
    assert answer.status == 200, answer.data
    thread.join(15)
    stream.release_conn()
    assert [event[:2] for event in seen[2:]] == [("ADDED", "t"), ("DELETED", "t")], seen


def refusals(server):
    path = "/api/v1/namespaces/default/services"
    for body in [b"", b"k8s\x00", b"k8s\x00\xff\xff\xff", b"nothing", envelope("v1", "Service", core.Service())[:-1] + b"\xff\xff"]:
        answer = server.ask("POST", path, body)
        assert answer.status in (400, 422), (body, answer.status, answer.data)
    answer = server.ask("POST", path, envelope("v1", "Pod", core.Pod(metadata=named("x"))))
    assert answer.status == 400 and b"Pod in version" in answer.data or b"does not match" in answer.data, answer.data


def main():
    server = Server(sys.argv[1])
    for step in [services, pods, described_kinds, informer, refusals]:
        step(server)
    print("ok")


main()
