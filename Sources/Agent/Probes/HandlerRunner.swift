import AgentCore
import AsyncHTTPClient
import ContainerRuntime
import Glibc
import KubeAPI
import NIOCore
import NIOPosix
import NIOSSL
import Threads

/// Does what probes and hooks say: exec, httpGet, tcpSocket, grpc, sleep. Each returns why it failed, nil when it did not.
struct HandlerRunner: Sendable {
    let runtime: any ContainerRuntime
    let pod: PodDeclaration
    let container: ContainerDeclaration
    let containerID: String
    /// Where the pod is reached when the handler names no host.
    let address: String
    let timeout: Duration

    func run(_ handler: JSONValue) async -> String? {
        if let exec = handler["exec"] { return await execute(exec["command"]?.array?.compactMap(\.string) ?? []) }
        if let http = handler["httpGet"] { return await get(http) }
        if let tcp = handler["tcpSocket"] {
            guard let port = port(tcp["port"]) else { return "the port is not one of the container's" }
            return await connect(host: tcp["host"]?.string ?? address, port: port)
        }
        if let grpc = handler["grpc"] {
            guard let port = port(grpc["port"]) else { return "the port is not one of the container's" }
            return await GRPCHealth(
                host: address, port: port, service: grpc["service"]?.string ?? "", timeout: timeout
            ).check()
        }
        if let seconds = handler["sleep"]?["seconds"]?.integer {
            try? await Task.sleep(for: min(.seconds(seconds), timeout))
            return nil
        }
        return "the handler is of a kind that this node does not know"
    }

    /// A number, or the name of one of the container's ports.
    private func port(_ json: JSONValue?) -> Int? {
        if let number = json?.integer { return (1...65535).contains(number) ? Int(number) : nil }
        guard let name = json?.string else { return nil }
        if let number = Int(name) { return (1...65535).contains(number) ? number : nil }
        let ports = container.json["ports"]?.array ?? []
        return ports.first { $0["name"]?.string == name }?["containerPort"]?.integer.flatMap(Int.init(exactly:))
    }

    // MARK: - exec

    private func execute(_ arguments: [String]) async -> String? {
        do {
            let session = try await runtime.execute(
                ExecRequest(containerID: containerID, arguments: arguments))
            let watchdog = Task {
                try await Task.sleep(for: timeout)
                session.process?.kill()
                session.close()
            }
            defer { watchdog.cancel() }
            var output: [UInt8] = []
            while let piece = try await session.receive() {
                switch piece {
                case .stdout(let bytes), .stderr(let bytes): if output.count < 1024 { output += bytes }
                case .exit(let code):
                    let text = String(decoding: output.prefix(1024), as: UTF8.self)
                    return code == 0 ? nil : text.isEmpty ? "command ended with exit status \(code)" : text
                }
            }
            return "command timed out after \(timeout)"
        } catch {
            return "\(error)"
        }
    }

    // MARK: - httpGet

    private func get(_ http: JSONValue) async -> String? {
        guard let port = port(http["port"]) else { return "the port is not one of the container's" }
        let scheme = (http["scheme"]?.string ?? "HTTP").lowercased()
        let host = http["host"]?.string ?? address
        let path = http["path"]?.string ?? "/"
        let shown = host.contains(":") ? "[\(host)]" : host
        var request = HTTPClientRequest(url: "\(scheme)://\(shown):\(port)\(path.hasPrefix("/") ? "" : "/")\(path)")
        request.headers.add(name: "User-Agent", value: "kube-probe/1.36")
        request.headers.add(name: "Accept", value: "*/*")
        for header in http["httpHeaders"]?.array ?? [] {
            request.headers.replaceOrAdd(name: header["name"]?.string ?? "", value: header["value"]?.string ?? "")
        }
        do {
            let response = try await ProbeClient.shared.execute(
                request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
            let code = response.status.code
            // Whatever it says, it need not be read to its end.
            return (200..<400).contains(code) ? nil : "HTTP probe failed with statuscode: \(code)"
        } catch {
            return "Get \"\(request.url)\": \(error)"
        }
    }

    // MARK: - tcpSocket

    private func connect(host: String, port: Int) async -> String? {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.nanoseconds(Int64(timeout / .nanoseconds(1))))
                .connect(host: host, port: port).get()
            try? await channel.close()
            return nil
        } catch {
            return "dial tcp \(host):\(port): \(error)"
        }
    }
}

/// One client for all probes: certificates do not matter, redirects are an answer, no connection is kept.
enum ProbeClient {
    static let shared: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        configuration.tlsConfiguration = tls
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = .milliseconds(1)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }()
}

extension PodRunner {
    func run(hook: JSONValue, _ pod: PodDeclaration, _ name: String, _ id: String, seconds: Int64) async -> String? {
        await runner(pod, name, id, seconds)?.run(hook)
    }

    func run(probe: ProbeDeclaration, _ pod: PodDeclaration, _ name: String, _ id: String) async -> String? {
        await runner(pod, name, id, probe.timeout)?.run(probe.json)
    }

    private func runner(_ pod: PodDeclaration, _ name: String, _ id: String, _ seconds: Int64) -> HandlerRunner? {
        pod[container: name].map {
            HandlerRunner(
                runtime: context.runtime, pod: pod, container: $0, containerID: id,
                address: addresses.first ?? "127.0.0.1", timeout: .seconds(min(max(1, seconds), 1_000_000)))
        }
    }
}
