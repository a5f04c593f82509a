import AgentCore
import ContainerRuntime
import KubeAPI
import KubeClient
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Threads

/// What the node's API serves.
struct AgentRoutes: Sendable {
    let options: AgentOptions
    let services: AgentServices
    let registry: PodRegistry

    func answer(_ method: HTTPMethod, _ path: AgentPath, _ writer: AgentResponseWriter) async throws {
        switch path.parts.first {
        case "healthz", "livez", "readyz": try await writer.whole(.ok, Array("ok".utf8), "text/plain; charset=utf-8")
        case "pods", "runningpods": try await writer.json(await podList())
        case "containerLogs" where path.parts.count == 4: try await logs(path, writer)
        case "stats" where path.parts == ["stats", "summary"]: try await writer.json(await NodeStats(self).summary())
        case "metrics": try await metrics(path, writer)
        case "configz": try await writer.json(configuration)
        case "run" where path.parts.count == 4 || path.parts.count == 5: try await run(method, path, writer)
        case "exec", "attach":
            try await writer.text(
                .badRequest, "use a WebSocket or SPDY/3.1 with the subprotocol v5.channel.k8s.io or v4.channel.k8s.io")
        default: try await writer.text(.notFound, "404 page not found")
        }
    }

    private func metrics(_ path: AgentPath, _ writer: AgentResponseWriter) async throws {
        let text: String
        switch path.parts.dropFirst() {
        case []: text = await NodeMetrics(self).own()
        case ["resource"]: text = await NodeMetrics(self).resource
        case ["cadvisor"]: text = await NodeMetrics(self).cadvisor
        case ["probes"]: text = registry.context?.probes.metrics ?? ""
        default: return try await writer.text(.notFound, "404 page not found")
        }
        try await writer.whole(.ok, Array(text.utf8), MetricsText.mediaType)
    }

    private func podList() async -> JSONValue {
        var items: [JSONValue] = []
        for runner in await registry.all {
            var json = await runner.declaration.object.json
            json[path: "status"] = await runner.status
            items.append(json)
        }
        return ["apiVersion": "v1", "kind": "PodList", "metadata": [:], "items": .array(items)]
    }

    /// In the words of kubelet's configuration.
    private var configuration: JSONValue {
        [
            "kubeletconfig": [
                "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
                "port": .integer(Int64(options.port)), "maxPods": .integer(Int64(options.maximumPods)),
                "clusterDNS": .array(options.clusterDNS.map { .string($0) }),
                "clusterDomain": .string(options.clusterDomain), "cgroupRoot": .string(options.cgroupRoot),
                "containerLogMaxSize": .string("\(options.logLimit)"),
                "containerLogMaxFiles": .integer(Int64(options.logFiles)),
                "staticPodPath": .string(options.manifests ?? ""),
            ]
        ]
    }

    // MARK: - Logs

    private func logs(_ path: AgentPath, _ writer: AgentResponseWriter) async throws {
        let key = NamespacedName(namespace: path.parts[1], name: path.parts[2])
        let name = path.parts[3]
        let query: LogQuery
        do throws(LogQuery.Refusal) {
            query = try LogQuery(path, now: WallClock.now())
        } catch {
            return try await writer.text(.unprocessableEntity, error.description)
        }
        guard let place = await logPlace(key, name, previous: path.isSet("previous")) else {
            return try await writer.text(
                .badRequest, await missingLog(of: name, key, previous: path.isSet("previous")))
        }
        try await writer.begin(.ok, "text/plain")
        let stream = LogStream(place.path, query)
        while true {
            let bytes = await stream.next()
            try await writer.body(bytes)
            if stream.isFinished { break }
            guard bytes.isEmpty else { continue }
            guard query.follows, writer.isOpen else { break }
            // What was written between the last look and the end is shown too.
            let isRunning = await isRunning(place.id)
            let hasMore = await stream.hasMore()
            guard isRunning || hasMore else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        try await writer.end()
    }

    private func missingLog(of name: String, _ key: NamespacedName, previous: Bool) async -> String {
        let container = "container \"\(name)\" in pod \"\(key.name)\""
        guard !previous else { return "previous terminated \(container) not found" }
        guard let waiting = await registry.runner(key)?.shownStatus(of: name)?["state"]?["waiting"]?["reason"]?.string
        else { return "\(container) not found" }
        return "\(container) is waiting to start: \(waiting)"
    }

    private func isRunning(_ id: String?) async -> Bool {
        guard let id, let inventory = try? await services.runtime.inventory() else { return false }
        return inventory.containers.contains { $0.id == id && $0.end == nil }
    }

    /// The file of a container's last life, or of the one before it.
    private func logPlace(
        _ key: NamespacedName, _ container: String, previous: Bool
    ) async -> (path: String, id: String?)? {
        let folder: String
        let inventory = try? await services.runtime.inventory()
        if let runner = await registry.runner(key) {
            // While it waits to be started again, the last life is the previous one.
            if previous, let last = await runner.shownStatus(of: container)?["lastState"]?["terminated"],
                let id = last["containerID"]?.string,
                let record = inventory?.containers.first(where: { id.hasSuffix("//\($0.id)") })
            {
                return (record.logPath, record.id)
            }
            folder = "\(runner.paths.logs)/\(container)"
        } else {
            // Of a pod that has ended: its folder is named after it.
            let prefix = "\(key.namespace)_\(key.name)_"
            guard let name = Files.names(in: options.logFolder).first(where: { $0.hasPrefix(prefix) }) else {
                return nil
            }
            folder = "\(options.logFolder)/\(name)/\(container)"
        }
        let attempts = Files.names(in: folder).compactMap { name -> Int? in
            name.hasSuffix(".log") ? Int(name.dropLast(4)) : nil
        }.sorted()
        guard let attempt = previous ? attempts.dropLast().last : attempts.last else { return nil }
        let path = "\(folder)/\(attempt).log"
        return (path, inventory?.containers.first { $0.logPath == path }?.id)
    }

    // MARK: - Sessions

    /// exec and attach, once the connection speaks WebSocket.
    func serve(_ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, _ path: AgentPath) async {
        let outcome: ChannelSession.Opening
        do {
            outcome = .session(try await open(path))
        } catch {
            outcome = .failure("\(error)")
        }
        try? await channel.executeThenClose { inbound, outbound in
            await ChannelSession(outbound, path).run(outcome, inbound)
        }
    }

    /// `/exec/NAMESPACE/POD/CONTAINER`, or with the pod's uid before the container.
    func open(_ path: AgentPath) async throws -> ContainerSession {
        guard path.parts.count == 4 || path.parts.count == 5, let name = path.parts.last else {
            throw ConfigurationFailure("the path names no container")
        }
        let key = NamespacedName(namespace: path.parts[1], name: path.parts[2])
        guard let runner = await registry.runner(key), let id = await runner.runningContainer(name) else {
            throw ConfigurationFailure("container not found (\"\(name)\")")
        }
        switch path.parts[0] {
        case "attach": return try await services.runtime.attach(id)
        case "run":
            let words = (path.first("cmd") ?? "").split(separator: " ").map(String.init)
            return try await services.runtime.execute(ExecRequest(containerID: id, arguments: words))
        default:
            return try await services.runtime.execute(
                ExecRequest(
                    containerID: id, arguments: path.all("command"), hasTerminal: path.isSet("tty"),
                    hasStdin: path.isSet("input")))
        }
    }

    /// `POST /run/NAMESPACE/POD/CONTAINER?cmd=…`: a command without a shell, what it writes as the answer.
    private func run(_ method: HTTPMethod, _ path: AgentPath, _ writer: AgentResponseWriter) async throws {
        guard method == .POST else { return try await writer.text(.methodNotAllowed, "Method Not Allowed") }
        var text: [UInt8] = []
        var code: Int32 = 0
        do {
            let session = try await open(path)
            try await withTaskCancellationHandler {
                while let piece = try await session.receive() {
                    switch piece {
                    case .stdout(let bytes), .stderr(let bytes): text += bytes
                    case .exit(let status): code = status
                    }
                    if text.count > Self.longestAnswer { session.process?.kill() }
                }
            } onCancel: {
                session.process?.kill()
            }
            session.close()
        } catch {
            return try await writer.text(.internalServerError, "\(error)")
        }
        guard code == 0 else {
            let output = String(decoding: text, as: UTF8.self)
            return try await writer.text(.internalServerError, "command ended with \(code): \(output)")
        }
        try await writer.whole(.ok, text, "text/plain; charset=utf-8")
    }

    /// Bytes of what a command run so may write.
    private static let longestAnswer = 16 << 20
}

extension AgentRoutes {
    /// port-forward, exec and attach, once the connection speaks SPDY.
    func serve(_ channel: SPDYConnection.Transport, _ path: AgentPath) async {
        guard path.parts.first == "portForward" else {
            return await CommandSession.serve(channel, path) { try await open(path) }
        }
        await forward(channel, path)
    }

    /// `/portForward/NAMESPACE/POD`
    private func forward(_ channel: SPDYConnection.Transport, _ path: AgentPath) async {
        let key = NamespacedName(
            namespace: path.parts.count > 2 ? path.parts[1] : "", name: path.parts.count > 2 ? path.parts[2] : "")
        let runner = await registry.runner(key)
        await PortForwardSession.serve(channel) { port in
            guard let runner else { throw ConfigurationFailure("the pod \(key) does not run here") }
            return try await PodDial.connect(try await runner.ownSandboxes().first, port: port)
        }
    }
}

extension PodRunner {
    /// What the pod's status says of a container.
    func shownStatus(of container: String) -> JSONValue? {
        PodStatus.fields.values.lazy.compactMap { self.status[$0]?.array }.joined().first {
            $0["name"]?.string == container
        }
    }

    /// The id of a container's life that runs.
    func runningContainer(_ name: String) async -> String? {
        try? await context.runtime.inventory().containers.first {
            $0.end == nil && $0.labels[ContainerLabels.uid] == uid && $0.labels[ContainerLabels.container] == name
        }?.id
    }
}
