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
        let loaded = try options.loadSupported()
        if let path = options.input.writeConfigTo { return try LabFiles.write(loaded.configuration.yaml, to: path) }
        guard geteuid() == 0 else {
            throw ValidationError("apus proxy writes nftables rules and needs root (CAP_NET_ADMIN): run it with sudo")
        }
        if options.input.cleanup == true { return try ProxyCleanup.run(tableName: options.tableName) }
        let logSettings = LogSettings(verbosity: loaded.configuration.logging.verbosity)
        let format = LogFormat(isJSON: loaded.configuration.logging.format == "json")
        let logger = Logger(label: "proxy") { _ in LineLogHandler(format: format, settings: logSettings) }
        for warning in loaded.warnings { logger.warning("\(warning)") }
        adjustOOMScore(loaded.configuration.oomScoreAdj, logger)
        let daemon = ProxyDaemon(
            ProxyDaemon.Options(
                configuration: loaded.configuration, flags: options.given, input: try input(loaded.configuration),
                tableName: options.tableName, nodeName: loaded.configuration.nodeName(host: Host.name), logger: logger,
                logSettings: logSettings, cores: max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))))
        if options.input.initOnly == true { return daemon.applyConntrackSettings() }
        var services: [any Service] = [daemon]
        if let file = options.input.config {
            services.append(
                ConfigWatch(
                    file: file, options: options, daemon: daemon, first: loaded.configuration, logger: logger))
        }
        let group = ServiceGroup(
            configuration: .init(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    private func input(_ configuration: KubeProxyConfiguration) throws -> ProxyDaemon.Input {
        if let directory = options.input.manifests { return .manifests(directory: directory) }
        return .kubernetes(try connection(configuration), environment: Environment.all)
    }

    private func connection(_ configuration: KubeProxyConfiguration) throws -> ServerConnection {
        let file = configuration.clientConnection.kubeconfig
        if !file.isEmpty { return try Kubeconfig(contentsOf: file).connection(master: options.input.master) }
        if let master = options.input.master {
            guard let server = ServerAddress(parsing: master) else {
                throw ValidationError("--master '\(master)' is not an address; write https://10.0.0.1:6443")
            }
            return ServerConnection(server: server)
        }
        return try InClusterConfig.connection(
            host: Environment.all["KUBERNETES_SERVICE_HOST"], port: Environment.all["KUBERNETES_SERVICE_PORT"])
    }

    private func adjustOOMScore(_ score: Int32, _ logger: Logger) {
        let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        let text = "\(score)\n"
        let written = text.withCString { write(file, $0, text.utf8.count) }
        if file >= 0 { close(file) }
        if written < 0 { logger.warning("cannot set oom_score_adj to \(score): \(String(cString: strerror(errno)))") }
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

    /// As `load`, for a mode that this version has. Without a choice that is nftables: kube-proxy's own default,
    /// iptables, is not there yet.
    func loadSupported() throws -> LoadedConfiguration {
        var loaded = try load()
        let text = input.config.flatMap(LabFiles.read) ?? ""
        let namesMode = proxying.proxyMode != nil || text.hasPrefix("mode:") || text.contains("\nmode:")
        if !namesMode {
            loaded.configuration.mode = ProxyMode.nftables.rawValue
            if proxying.masqueradeAll == true { loaded.configuration.nftables.masqueradeAll = true }
        }
        guard [.nftables, .auto].contains(loaded.configuration.proxyMode) else {
            throw ValidationError(
                "mode \(loaded.configuration.mode) is not in this version of apus; the modes there are: nftables, auto")
        }
        return loaded
    }
}

/// Applies a configuration file again when it changes; a broken one is reported and the last good one stays.
struct ConfigWatch: Service {
    let file: String
    let options: ProxyOptions
    let daemon: ProxyDaemon
    let first: KubeProxyConfiguration
    let logger: Logger

    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await watch() }
    }

    private func watch() async throws {
        var current = first
        var text = LabFiles.read(file)
        while true {
            try await Task.sleep(for: .seconds(1))
            guard let new = LabFiles.read(file), new != text else { continue }
            text = new
            do {
                let loaded = try options.loadSupported()
                daemon.reload(loaded.configuration, from: current)
                current = loaded.configuration
            } catch {
                logger.error(
                    "the configuration file cannot be used; the last good one stays", metadata: ["error": "\(error)"])
            }
        }
    }
}
