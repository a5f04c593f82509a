import Glibc
import KubeAPI
import NIOCore
import Processes
import Synchronization
import TestServers
import TestThreads
import Testing
import Threads

@testable import KubeClient

@Suite(.ownThread, .timeLimit(.minutes(30))) struct KubeClientTests {
    private struct Unexpected: Error { let text: String }

    private static let service = NamespacedName(namespace: "default", name: "a")

    /// Runs `body` with a client for `server`.
    private func with(
        _ server: FakeAPIServer,
        _ configure: (inout ServerConnection, inout KubeClient.Options) throws -> Void = { _, _ in },
        observer: RequestObserver? = nil, _ body: (KubeClient) async throws -> Void
    ) async throws {
        try await server.start()
        var connection = ServerConnection(server: ServerAddress(isTLS: false, host: "127.0.0.1", port: server.port))
        var options = KubeClient.Options()
        try configure(&connection, &options)
        let client = KubeClient(connection, options: options, logger: .quiet, observer: observer)
        do {
            try await body(client)
        } catch {
            Issue.record(error)
        }
        try await client.shutdown()
        await server.stop()
    }

    private func version(_ client: KubeClient) async throws { #expect(try await client.serverVersion() == "v1.36.0") }

    private static func answer(_ exchange: FakeAPIServer.Exchange) async throws {
        try await exchange.reply(200, #"{"gitVersion":"v1.36.0"}"#)
    }

    // MARK: - Requests

    @Test func asksAsAKubernetesClient() async throws {
        let server = FakeAPIServer { request, exchange in
            try await exchange.reply(200, Wire.service("a", version: 7))
        }
        let observations = Recorder<RequestObservation>()
        try await with(server, { $1.userAgent = "apus/test" }, observer: { observations.record($0) }) { client in
            let service: Service = try await client.get(Self.service)
            #expect(service.metadata.resourceVersion == "7")
            let request = try #require(server.requests.first)
            #expect(request.path == "/api/v1/namespaces/default/services/a")
            #expect(request.headers["User-Agent"] == ["apus/test"])
            #expect(request.headers["Accept"] == ["application/json"])
            #expect(request.headers["Host"] == ["127.0.0.1:\(server.port)"])
            let observation = try #require(observations.elements.first)
            #expect(observation.code == "200" && observation.method == "GET" && observation.verb == "get")
            #expect(observation.host == "127.0.0.1:\(server.port)")
        }
    }

    @Test func listsPageByPageAndNamesWhatItCannotRead() async throws {
        let server = FakeAPIServer { request, exchange in
            switch (request.path, request.query["continue"]) {
            case ("/api/v1/services", nil):
                try await exchange.reply(200, Wire.list(["a", "b"], version: 7, continuation: "more"))
            case ("/api/v1/services", "more"):
                let text = Wire.list(["c", "d"], version: 7)
                try await exchange.reply(
                    200, text.split(separator: #""port":80"#, maxSplits: 1).joined(separator: #""port":"x""#))
            default: try await exchange.refuse(404, "NotFound")
            }
        }
        try await with(server) { client in
            let listing = try await client.list(ResourceSelection(.services), as: Service.self)
            #expect(listing.objects.map(\.metadata.name) == ["a", "b", "d"])
            #expect(listing.malformed.map(\.key) == [NamespacedName(namespace: "default", name: "c")])
            #expect(listing.malformed.first?.reason.hasPrefix("spec.ports[0].port") == true)
            let unknown = try await client.list(ResourceSelection(.serviceCIDRs), as: ServiceCIDR.self)
            #expect(unknown.objects.isEmpty && unknown.malformed.isEmpty)
        }
    }

    @Test func turnsAnswersIntoErrors() async throws {
        let server = FakeAPIServer { request, exchange in
            switch request.path {
            case "/404": try await exchange.refuse(404, "NotFound")
            case "/500": try await exchange.reply(500, "not JSON")
            case "/302": try await exchange.reply(302, "", headers: [("Location", "/404")])
            default: try await exchange.drop()
            }
        }
        try await with(server) { client in
            func failure(_ path: String) async -> ClientError? {
                do {
                    _ = try await client.body(of: KubeRequest(.get, path: path))
                    return nil
                } catch {
                    return error
                }
            }
            guard case .status(let status) = await failure("/404") else { throw Unexpected(text: "no status") }
            #expect(status.code == 404 && status.reason == "NotFound" && status.message == "told to fail")
            guard case .status(let plain) = await failure("/500") else { throw Unexpected(text: "no status") }
            #expect(plain.code == 500 && plain.message == "not JSON")
            guard case .status(let redirect) = await failure("/302") else { throw Unexpected(text: "no status") }
            #expect(redirect.code == 302)
            guard case .unreachable = await failure("/drop") else { throw Unexpected(text: "reached") }
        }
    }

    @Test func aServerThatSaysNothingIsGivenUp() async throws {
        let server = FakeAPIServer { request, exchange in
            if request.path == "/half" {
                try await exchange.head()
                try await exchange.write("{")
            }
            try await exchange.hold()
        }
        try await with(server, { $1.requestTimeout = .milliseconds(100) }) { client in
            for path in ["/silent", "/half"] {
                await #expect(throws: ClientError.self) { try await client.body(of: KubeRequest(.get, path: path)) }
            }
        }
    }

    @Test(arguments: [429, 503]) func comesBackWhenTold(code: Int) async throws {
        let count = Mutex(0)
        let server = FakeAPIServer { _, exchange in
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number > 2 { return try await Self.answer(exchange) }
            try await exchange.refuse(code, "TooManyRequests", headers: [("Retry-After", number == 1 ? "1" : "0")])
        }
        try await with(server) { client in
            let start = ContinuousClock.now
            try await version(client)
            #expect(server.requests.count == 3)
            #expect(.now - start >= .seconds(1))
        }
    }

    @Test func manyWatchesLeaveRoomForRequests() async throws {
        let server = FakeAPIServer { request, exchange in
            guard request.isWatch else { return try await Self.answer(exchange) }
            try await exchange.head()
            try await exchange.hold()
        }
        try await with(server) { client in
            let watch = KubeRequest(.watch, path: "/w", parameters: [.init("watch", "1")])
            var answers: [Any] = []
            for _ in 0..<30 { answers.append(try await client.send(watch)) }
            try await version(client)
            #expect(server.connections == answers.count + 1)
        }
    }

    @Test func keepsToItsRate() async throws {
        let server = FakeAPIServer { _, exchange in try await Self.answer(exchange) }
        try await with(
            server,
            {
                $1.qps = 50
                $1.burst = 5
            }
        ) { client in
            let start = ContinuousClock.now
            for _ in 0..<15 { try await version(client) }
            #expect(.now - start >= .milliseconds(190))
        }
    }

    // MARK: - Credentials

    /// The second request would wait for a quarter of an hour.
    @Test func takesUpAnotherRate() async throws {
        let server = FakeAPIServer { _, exchange in try await Self.answer(exchange) }
        try await with(server, { ($1.qps, $1.burst) = (0.001, 1) }) { client in
            try await version(client)
            client.setRate(qps: 0, burst: 1)
            try await version(client)
            #expect(server.requests.count == 2)
        }
    }

    @Test func sendsNameAndPassword() async throws {
        let server = FakeAPIServer { _, exchange in try await Self.answer(exchange) }
        try await with(server, { connection, _ in connection.credential = .basic(username: "u", password: "p") }) {
            client in
            try await version(client)
            #expect(server.requests.first?.token == "Basic dTpw")
        }
    }

    @Test func readsATokenAgainWhenItsFileChanges() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("token", "first\n")
        let server = FakeAPIServer { _, exchange in try await Self.answer(exchange) }
        try await with(server, { connection, _ in connection.credential = .tokenFile(path) }) { client in
            try await version(client)
            try await version(client)
            try folder.write("token", "second\n")
            try await version(client)
            unlink(path)
            try await version(client)
            #expect(server.requests.map(\.token) == ["Bearer first", "Bearer first", "Bearer second", "Bearer second"])
        }
    }

    @Test func aMissingTokenFileIsAnErrorWithItsPath() async throws {
        let server = FakeAPIServer { _, exchange in try await Self.answer(exchange) }
        try await with(server, { connection, _ in connection.credential = .tokenFile("/nonexistent") }) { client in
            let error = await #expect(throws: ClientError.self) { try await client.serverVersion() }
            #expect(error?.description == "no credentials: /nonexistent: No such file or directory")
        }
    }

    /// A plugin that counts its runs and prints `token-<count>`.
    private func plugin(_ folder: TemporaryFolder, expiry: String) throws -> ExecPlugin {
        let script = """
            #!/bin/sh
            n=$(cat '\(folder.path)/count' 2>/dev/null || echo 0); n=$((n+1)); echo $n > '\(folder.path)/count'
            printf '%s' "$KUBERNETES_EXEC_INFO" > '\(folder.path)/info'
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{'
            echo "\\"expirationTimestamp\\":\\"\(expiry)\\",\\"token\\":\\"$PREFIX-$1-$n\\"}}"
            """
        var plugin = ExecPlugin(
            apiVersion: "client.authentication.k8s.io/v1", command: try folder.write("plugin", script, mode: 0o700))
        plugin.arguments = ["x"]
        plugin.environment = [.init(name: "PREFIX", value: "token")]
        plugin.providesClusterInfo = true
        return plugin
    }

    @Test func runsAPluginAgainWhenItsAnswerExpires() async throws {
        let folder = try TemporaryFolder()
        let server = FakeAPIServer { _, exchange in try await Self.answer(exchange) }
        for (expiry, tokens) in [("2999-01-01T00:00:00Z", [1, 1]), ("2000-01-01T00:00:00Z", [2, 3])] {
            let before = server.requests.count
            try await with(
                server,
                { connection, options in
                    connection.credential = .exec(try plugin(folder, expiry: expiry))
                    options.environment = ["PATH": "/usr/bin:/bin"]
                }
            ) { client in
                try await version(client)
                try await version(client)
                #expect(server.requests.dropFirst(before).map(\.token) == tokens.map { "Bearer token-x-\($0)" })
                let info = try JSONParser.parse(try folder.read("info"))
                #expect(info["kind"]?.string == "ExecCredential")
                #expect(info["spec"]?["cluster"]?["server"]?.string == client.connection.server.description)
            }
        }
    }

    @Test func runsAPluginAgainWhenItsTokenIsRefused() async throws {
        let folder = try TemporaryFolder()
        let server = FakeAPIServer { request, exchange in
            if request.token == "Bearer token-x-1" { return try await exchange.refuse(401, "Unauthorized") }
            try await Self.answer(exchange)
        }
        try await with(
            server,
            { connection, options in
                connection.credential = .exec(try plugin(folder, expiry: "2999-01-01T00:00:00Z"))
                options.environment = ["PATH": "/usr/bin:/bin"]
            }
        ) { client in
            try await version(client)
            #expect(server.requests.map(\.token) == ["Bearer token-x-1", "Bearer token-x-2"])
        }
    }

    private func failure(of plugin: ExecPlugin, timeout: Duration = .seconds(20)) async -> ClientError? {
        let connection = ServerConnection(server: ServerAddress(host: "h", port: 1))
        do {
            _ = try await ExecCredential.obtain(
                from: plugin, connection: connection, environment: ["PATH": "/usr/bin:/bin"], timeout: timeout)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("exit 3; echo", "ended with status 3"), ("echo {}", "printed no ExecCredential"),
        ("echo nonsense", "printed no ExecCredential"), ("echo why >&2; exit 1", "ended with status 1: why"),
        ("kill -9 $$", "ended with status 137"),
    ])
    func saysWhatAPluginDidWrong(script: String, message: String) async throws {
        var plugin = ExecPlugin(apiVersion: "client.authentication.k8s.io/v1", command: "sh")
        plugin.arguments = ["-c", script]
        let error = await failure(of: plugin)
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func namesTheHintOfAMissingPluginAndKillsASlowOne() async throws {
        var missing = ExecPlugin(apiVersion: "client.authentication.k8s.io/v1", command: "/nonexistent/plugin")
        missing.installHint = "install it"
        let error = await failure(of: missing)
        #expect(error?.description.hasSuffix("No such file or directory; install it") == true)
        var slow = ExecPlugin(apiVersion: "client.authentication.k8s.io/v1", command: "sleep")
        slow.arguments = ["60"]
        let timeout = await failure(of: slow, timeout: .milliseconds(100))
        #expect(timeout?.description.hasSuffix("sleep did not finish in time and was killed") == true)
    }

    @Test func programsInheritNoDescriptors() async throws {
        let server = FakeAPIServer { _, exchange in try await Self.answer(exchange) }
        try await server.start()
        let listing = ProgramStart("ls", ["/proc/self/fd"], environment: ["PATH=/usr/bin:/bin"])
        let finished = try await OwnThread.wait { try FinishedProcess.run(listing, limit: .seconds(20)) }
        await server.stop()
        // The fourth is the folder that ls reads.
        #expect(finished.text == "0\n1\n2\n3\n")
    }

    // MARK: - TLS

    @Test func checksTheServersCertificate() async throws {
        let pki = try await TestPKI()
        struct Case {
            var certificate = "server"
            var name: String?
            var trusts = true
            var skips = false
            var works: Bool
        }
        for test in [
            Case(works: true), Case(trusts: false, works: false), Case(trusts: false, skips: true, works: true),
            Case(certificate: "named", works: false), Case(certificate: "named", name: "kube.test", works: true),
            Case(certificate: "named", name: "other.test", works: false),
        ] {
            let server = FakeAPIServer(tls: try pki.serverContext(test.certificate)) { _, exchange in
                try await Self.answer(exchange)
            }
            try await with(
                server,
                { connection, _ in
                    connection.server.isTLS = true
                    connection.serverName = test.name
                    connection.authority = test.trusts ? .file(pki.path("ca.crt")) : nil
                    connection.skipsVerification = test.skips
                }
            ) { client in
                let result = try? await client.serverVersion()
                #expect((result != nil) == test.works, "\(test)")
                if test.works { #expect(server.requests.last?.headers["Host"] == ["127.0.0.1:\(server.port)"]) }
            }
        }
    }

    @Test func reachesAServerOverIPv6() async throws {
        let pki = try await TestPKI()
        let server = FakeAPIServer(host: "::1", tls: try pki.serverContext()) { _, exchange in
            try await Self.answer(exchange)
        }
        try await with(
            server,
            { connection, _ in
                connection.server = ServerAddress(host: "::1", port: connection.server.port)
                connection.authority = .file(pki.path("ca.crt"))
            }
        ) { client in try await version(client) }
    }

    @Test func presentsItsCertificateAndTheNewOneWhenTheFilesChange() async throws {
        let pki = try await TestPKI()
        let server = FakeAPIServer(tls: try pki.serverContext(wantsClientCertificate: true)) { _, exchange in
            try await Self.answer(exchange)
        }
        let files = try TemporaryFolder()
        func install(_ name: String) throws {
            for suffix in ["crt", "key"] {
                try files.write(
                    "tls.\(suffix)", String(decoding: try pki.folder.read("\(name).\(suffix)"), as: UTF8.self))
            }
        }
        try install("client")
        try await with(
            server,
            { connection, _ in
                connection.server.isTLS = true
                connection.authority = .file(pki.path("ca.crt"))
                connection.clientCertificate = .init(
                    chain: .file(files.path + "/tls.crt"), key: .file(files.path + "/tls.key"))
            }
        ) { client in
            try await version(client)
            #expect(server.connections == 1)
            try install("client2")
            try await version(client)
            // Another certificate is another connection.
            #expect(server.connections == 2)
            // A file that cannot be read leaves the last good one in use.
            try files.write("tls.crt", "garbage")
            try await version(client)
            #expect(server.connections == 2)
        }
    }

    @Test func aServerThatWantsACertificateRefusesNone() async throws {
        let pki = try await TestPKI()
        let server = FakeAPIServer(tls: try pki.serverContext(wantsClientCertificate: true)) { _, exchange in
            try await Self.answer(exchange)
        }
        try await with(
            server,
            { connection, options in
                connection.server.isTLS = true
                connection.authority = .file(pki.path("ca.crt"))
                options.requestTimeout = .seconds(5)
            }
        ) { client in
            await #expect(throws: ClientError.self) { try await client.serverVersion() }
        }
    }
}
