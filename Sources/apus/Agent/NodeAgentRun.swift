import Agent
import ArgumentParser
import ContainerRuntime
import Glibc
import Images
import KubeClient
import Logging
import NodeJoin
import NodeServices
import PodNetwork
import ServiceLifecycle
import Telemetry
import Threads

/// A node with containers, until SIGTERM; its pods go on without it.
struct NodeAgentRun {
    let flags: NodeAgentFlags
    let kubeconfig: String?
    let labels: [String: String]
    let logger: Logger

    func run() async throws {
        guard geteuid() == 0 else {
            throw ValidationError("containers need namespaces, mounts and cgroups: run it as root")
        }
        let monitor = try Self.monitor()
        let connection = try kubeconfig.map { try Kubeconfig(contentsOf: $0).connection() }
        let client = connection.map { AgentCommand.client($0, logger) }
        let peers = try flags.network.networkKubeconfig.map {
            AgentCommand.client(try Kubeconfig(contentsOf: $0).connection(), logger)
        }
        let outcome: Result<Void, any Error>
        do {
            let options = try flags.options(labels: labels, authority: connection?.authorityText ?? "")
            outcome = .success(try await serve(options, monitor, client, peers ?? client))
        } catch {
            outcome = .failure(error)
        }
        for client in [client, peers] { try? await client?.shutdown() }
        try outcome.get()
    }

    private func serve(
        _ options: AgentOptions, _ monitor: String, _ client: KubeClient?, _ peers: KubeClient?
    ) async throws {
        let network =
            flags.network.network == .apus
            ? NodeNetwork(
                flags: flags.network, nodeName: options.nodeName, client: client, peers: peers, logger: logger) : nil
        try await network?.prepare()
        let agent = try NodeAgent(options, services: try await services(monitor, client))
        let renewal = certificateRenewal(of: options.nodeName, client)
        let work = TaskService(logger: logger) {
            try await withThrowingDiscardingTaskGroup { group in
                if let network { group.addTask { await network.run { await agent.networkChanged() } } }
                if let renewal { group.addTask { await renewal.run() } }
                group.addTask { try await agent.run() }
            }
        }
        var running: [any ServiceLifecycle.Service] = [work, MemoryRelease()]
        if let health = try await HealthListener.open(
            host: flags.healthzBindAddress, port: flags.healthzPort, MetricsRegistry(),
            origin: "--healthz-bind-address and --healthz-port", logger: logger, isReady: { agent.isReady })
        {
            running.append(health)
        }
        let group = ServiceGroup(
            configuration: .init(
                services: running, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    /// Of a client certificate that is with its key in one file, as 'apus join' and kubelets have it; one in other places
    /// is renewed by who made it.
    private func certificateRenewal(of node: String, _ client: KubeClient?) -> CertificateRenewal? {
        guard let client, let certificate = client.connection.clientCertificate,
            case .file(let path) = certificate.chain,
            certificate.key == certificate.chain
        else { return nil }
        return CertificateRenewal(node: node, path: path, client: client, logger: logger) { Clock.seconds() }
    }

    private func services(_ monitor: String, _ client: KubeClient?) async throws -> AgentServices {
        let runtime = flags.runtimeOptions(monitor: monitor, environment: Environment.all)
        let (directory, registry) = (flags.imageDir, flags.registry)
        let connecting: (any PodNetworking)? =
            flags.network.network == .none
            ? nil
            : CNIPodNetworking(
                directory: flags.network.cniConfDir,
                options: flags.network.runnerOptions(environment: Environment.all))
        return try await OwnThread.wait { [logger] in
            AgentServices(
                runtime: try RuncRuntime(runtime), images: try ImageStore(directory: directory, registry: registry),
                network: connecting, client: client, logger: logger)
        }
    }

    /// The program `apus-monitor`: beside this one, or in PATH.
    private static func monitor() throws -> String {
        let name = "apus-monitor"
        let own = LabPlace.program
        let folders =
            [String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])]
            + (Environment.all["PATH"] ?? "").split(separator: ":").map(String.init)
        let paths = folders.map { $0 + "/" + name }
        guard let path = paths.first(where: { access($0, X_OK) == 0 }) else {
            throw ValidationError(
                "there is no \(name) beside \(own) nor in PATH: build it with 'swift build --product \(name)'")
        }
        return path
    }
}
