import ArgumentParser
import Glibc
import KubeClient
import Logging
import NetTypes
import NodeProxy
import ServiceLifecycle
import Telemetry

struct ProxyRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Program this node's kernel, and keep it right (the default).",
        discussion: """
            SIGTERM and SIGINT end the daemon; the rules stay, and the next start takes them over. A changed --config file
            is applied without a restart.

            \(ProxyOptions.examples)
            """)

    @OptionGroup var options: ProxyOptions

    func run() async throws {
        let loaded = try options.load()
        if let path = options.input.writeConfigTo { return try LabFiles.write(loaded.configuration.yaml, to: path) }
        guard geteuid() == 0 else {
            throw CommandFailure("apus proxy writes packet rules and needs root (CAP_NET_ADMIN): run it with sudo")
        }
        if options.input.cleanup == true {
            tellOfRunningProxy(loaded.configuration)
            return try ProxyCleanup.run(tableName: options.tableName, loaded.configuration)
        }
        let logSettings = LogSettings()
        loaded.configuration.logging.apply(to: logSettings)
        let format = LogFormat(loaded.configuration.logging.format == "json" ? .json : .text)
        let logger = Logger(label: "proxy") { _ in LineLogHandler(format: format, settings: logSettings) }
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let daemon = try ProxyDaemon(
            ProxyDaemon.Options(
                configuration: loaded.configuration, flags: options.given, input: options.source,
                tableName: options.tableName, nodeName: loaded.configuration.nodeName(host: Host.name), logger: logger,
                logSettings: logSettings, cores: max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))))
        if options.input.initOnly == true { return daemon.applyConntrackSettings() }
        var services: [any Service] = [daemon]
        if let file = options.input.config {
            services.append(
                ConfigurationWatch(file: file, daemon: daemon, first: loaded.configuration, logger: logger) {
                    [options] in
                    try options.load().configuration
                })
        }
        let group = ServiceGroup(
            configuration: .init(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    /// Beside a cleanup, which it undoes.
    private func tellOfRunningProxy(_ configuration: KubeProxyConfiguration) {
        let address = configuration.metricsBindAddress
        guard (try? DaemonQuestion.ask("/proxyMode", at: address, within: 2)) != nil else { return }
        StandardError.write("a proxy runs here (\(address) answers) and will write its rules again: stop it first\n")
    }
}

/// This machine's name.
enum Host {
    static var name: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension ProxyOptions {
    var tableName: String { proxying.nftablesTable ?? "kube-proxy" }

    /// Where Services and EndpointSlices come from.
    var source: ProxyDaemon.Input { input.manifests.map { .manifests(directory: $0) } ?? .kubernetes(access) }

    /// The way to the API server: the kubeconfig, `--master`, or the pod's service account.
    var access: APIAccess {
        let master = input.master
        return APIAccess(environment: Environment.all) { try Self.connection($0, master: master) }
    }

    private static func connection(
        _ configuration: KubeProxyConfiguration, master: String?
    ) throws -> ServerConnection {
        let file = configuration.clientConnection.kubeconfig
        if !file.isEmpty { return try Kubeconfig(contentsOf: file).connection(master: master) }
        if let master {
            guard let server = ServerAddress(parsing: master) else {
                throw ValidationError("--master '\(master)' is not an address; write https://10.0.0.1:6443")
            }
            return ServerConnection(server: server)
        }
        return try InClusterConfig.connection(
            host: Environment.all["KUBERNETES_SERVICE_HOST"], port: Environment.all["KUBERNETES_SERVICE_PORT"])
    }
}
