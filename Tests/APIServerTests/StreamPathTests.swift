import KubeAPI
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

struct StreamPathTests {
    static let pod = """
        {"metadata":{"name":"p","namespace":"ns"},"spec":{"nodeName":"n","containers":[{"name":"c"}]}}
        """
    static let twoContainers = """
        {"metadata":{"name":"p","namespace":"ns"},"spec":{"containers":[{"name":"a"},{"name":"b"}],
         "initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}
        """

    @Test func execSaysWhatTheAgentUnderstands() throws {
        let path = try NodeAgentPath.path(
            .exec, pod: Sample.json(Self.pod),
            query: [
                ("command", "sh"), ("command", "-c"), ("command", "echo a&b"), ("stdin", "true"), ("stdout", "1"),
                ("stderr", "false"), ("tty", "true"), ("container", "c"),
            ])
        #expect(path == "/exec/ns/p/c?command=sh&command=-c&command=echo%20a%26b&input=1&output=1&tty=1")
    }

    @Test func otherVerbs() throws {
        let pod = try Sample.json(Self.pod)
        #expect(try NodeAgentPath.path(.attach, pod: pod, query: [("stdout", "true")]) == "/attach/ns/p/c?output=1")
        #expect(
            try NodeAgentPath.path(.portForward, pod: pod, query: [("ports", "80")]) == "/portForward/ns/p?ports=80")
        #expect(
            try NodeAgentPath.path(.log, pod: pod, query: [("follow", "true"), ("container", "c"), ("tailLines", "5")])
                == "/containerLogs/ns/p/c?follow=true&tailLines=5")
    }

    @Test(arguments: [
        ([("tailLines", "-3")], 422, "tailLines: Invalid value: -3: must be greater than or equal to 0"),
        ([("limitBytes", "0")], 422, "limitBytes: Invalid value: 0: must be greater than 0"),
        ([("sinceSeconds", "0")], 422, "sinceSeconds: Invalid value: 0: must be greater than 0"),
        (
            [("sinceSeconds", "1"), ("sinceTime", "2026-01-01T00:00:00Z")], 422,
            "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        ),
        (
            [("stream", "Foo")], 422,
            #"stream: Unsupported value: "Foo": supported values: "All", "Stderr", "Stdout""#
        ),
        (
            [("stream", "Stderr"), ("tailLines", "2")], 422,
            "Forbidden: `tailLines` and specific `stream` are mutually exclusive for now"
        ),
        ([("tailLines", "x")], 400, #"strconv.ParseInt: parsing "x": invalid syntax"#),
    ])
    func optionsOfLogsAreCheckedBeforeTheAgentIsAsked(
        options: [(String, String)], code: Int, message: String
    ) throws {
        let full = code == 422 ? #"PodLogOptions "p" is invalid: \#(message)"# : message
        let status = #expect(throws: Status.self) {
            try NodeAgentPath.path(
                .log, pod: Sample.json(Self.pod), query: options.map { (name: $0.0, value: $0.1) })
        }
        #expect(status?.code == code)
        #expect(status?.message == full)
    }

    @Test(arguments: [
        ("", "a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i]"),
        ("x", "container x is not valid for pod p"), ("e", ""), ("i", ""), ("b", ""),
    ])
    func containers(asked: String, message: String) throws {
        do {
            let found = try NodeAgentPath.container(asked, of: Sample.json(Self.twoContainers))
            #expect(message.isEmpty && found == asked)
        } catch let status as Status {
            #expect(status.message == message && status.code == 400)
        }
    }

    @Test func whereTheAgentListens() throws {
        let node = try Sample.json(
            """
            {"status":{"addresses":[{"type":"Hostname","address":"n"},{"type":"InternalIP","address":"192.0.2.1"}],
             "daemonEndpoints":{"kubeletEndpoint":{"Port":10255}}}}
            """)
        #expect(try NodeAgentLocation(node: node) == NodeAgentLocation(host: "192.0.2.1", port: 10255))
        let bare: JSONValue = ["status": ["addresses": [["type": "InternalIP", "address": "2001:db8::1"]]]]
        #expect(try NodeAgentLocation(node: bare) == NodeAgentLocation(host: "2001:db8::1", port: 10250))
        #expect(throws: Status.self) { try NodeAgentLocation(node: ["status": [:]]) }
    }

    @Test(arguments: [
        ("web", false, "web", ""), ("web:http", false, "web", "http"), ("https:web:443", true, "web", "443"),
        (":web:80", false, "web", "80"),
    ])
    func proxyNames(text: String, isSecure: Bool, name: String, port: String) throws {
        let parsed = try #require(ProxyName(text))
        #expect(parsed.isSecure == isSecure && parsed.name == name && parsed.port == port)
    }

    @Test(arguments: ["", ":80", "ftp:web:21", "a:b:c:d"]) func wrongProxyNames(text: String) {
        #expect(ProxyName(text) == nil)
    }

    @Test func proxyTargets() throws {
        let pod = try Sample.json(
            """
            {"status":{"podIP":"10.0.0.5"},"spec":{"containers":[{"ports":[{"name":"http","containerPort":8080},
             {"name":"admin","containerPort":9000}]}]}}
            """)
        func port(_ name: String) throws -> Int { try #require(ProxyName(name)).target(pod: pod).port }
        #expect(try port("p") == 8080 && port("p:admin") == 9000 && port("p:1234") == 1234)
        #expect(throws: Status.self) { try port("p:unknown") }
        let loopback: JSONValue = ["status": ["podIP": "127.0.0.1"]]
        #expect(throws: Status.self) { try #require(ProxyName("p:80")).target(pod: loopback) }

        let service = try Sample.json(#"{"spec":{"ports":[{"name":"http","port":80},{"name":"https","port":443}]}}"#)
        let slices = [
            try Sample.json(
                """
                {"ports":[{"name":"http","port":8080},{"name":"https","port":8443}],"endpoints":[
                 {"addresses":["10.0.0.1"],"conditions":{"ready":true}},{"addresses":["10.0.0.2"],"conditions":{"ready":false}},
                 {"addresses":["10.0.0.3"]}]}
                """)
        ]
        func target(_ name: String, _ choice: Int) throws -> NodeAgentLocation {
            try #require(ProxyName(name)).target(service: service, slices: slices, choice: choice)
        }
        #expect(try target("web", 0) == .init(host: "10.0.0.1", port: 8080))
        #expect(try target("web", 1) == .init(host: "10.0.0.3", port: 8080))
        #expect(try target("https:web:https", Int.min).port == 8443 && target("web:443", 2).port == 8443)
        let none = #expect(throws: Status.self) {
            try #require(ProxyName("web")).target(service: service, slices: [], choice: 0)
        }
        #expect(none?.code == 503 && none?.message == #"no endpoints available for service "web""#)
    }

    @Test(arguments: [
        ("/api/v1/namespaces/ns/pods/p/proxy/a%20b/c/?x=1", true, "/a%20b/c/"),
        ("/api/v1/nodes/n/proxy/metrics", false, "/metrics"),
        ("/api/v1/nodes/n/proxy", false, "/"), ("/api/v1/namespaces/ns/services/s/proxy/", true, "/"),
    ])
    func pathsBehindProxies(uri: String, isNamespaced: Bool, path: String) {
        #expect(StreamEndpoint.path(behindProxyOf: uri, isNamespaced: isNamespaced) == path)
    }

    @Test func headsAreReadInAnyPieces() {
        let text =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\nA:b\r\n\r\nrest"
        for size in [1, 2, 3, 7, 1000] {
            var reader = ResponseHeadReader()
            var found: HTTPResponseHead?
            var behind = ""
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                var piece = ByteBuffer(bytes: bytes.prefix(size))
                bytes = bytes.dropFirst(size)
                if found != nil {
                    behind += String(buffer: piece)
                } else if case .head(let head, let rest) = reader.read(&piece) {
                    found = head
                    behind += String(buffer: rest)
                }
            }
            #expect(found?.status == .switchingProtocols && found?.headers["upgrade"] == ["SPDY/3.1"])
            #expect(found?.headers["a"] == ["b"] && behind == "rest")
        }
    }

    @Test(arguments: [
        "SSH-2.0-x\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nÄ: x\r\n\r\n", "HTTP/1.1 200 OK\r\na b: x\r\n\r\n", "HTTP/1.1 200 OK\r\na: \u{1}\r\n\r\n",
        String(repeating: "a", count: 70_000),
    ])
    func whatIsNoHeadIsRefused(text: String) {
        var reader = ResponseHeadReader()
        var bytes = ByteBuffer(string: text)
        guard case .malformed = reader.read(&bytes) else {
            Issue.record("\(text.prefix(20))")
            return
        }
    }

    @Test func whatIsForTheServerAloneIsNotPassedOn() {
        let request = StreamRequest(
            method: "GET",
            headers: [
                "Authorization": "Bearer x", "Impersonate-User": "u", "Connection": "Upgrade", "Upgrade": "websocket",
                "Sec-WebSocket-Protocol": "v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.c2VjcmV0",
                "Sec-WebSocket-Key": "k", "X-Own": "1", "Transfer-Encoding": "chunked",
            ])
        let headers = request.forwardedHeaders
        #expect(headers["sec-websocket-protocol"] == ["v5.channel.k8s.io"])
        #expect(
            headers["x-own"] == ["1"] && headers["sec-websocket-key"] == ["k"] && headers["upgrade"] == ["websocket"])
        for name in ["authorization", "impersonate-user", "transfer-encoding", "host"] {
            #expect(!headers.contains(name: name))
        }
    }

    /// RFC 6455, section 1.3.
    @Test func theAnswerToAKey() {
        #expect(WebSocketTunnel.accept(key: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
