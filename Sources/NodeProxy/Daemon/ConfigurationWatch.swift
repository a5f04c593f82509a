import Logging
import Manifests
import ServiceLifecycle

/// Applies a configuration file again when it changes; a broken one is reported and the last good one stays.
public struct ConfigurationWatch: Service {
    private let file: String
    private let daemon: ProxyDaemon
    private let first: KubeProxyConfiguration
    private let logger: Logger
    private let load: @Sendable () throws -> KubeProxyConfiguration

    /// `load` reads the file, with the flags beside it; `first` is what it gave at the start.
    public init(
        file: String, daemon: ProxyDaemon, first: KubeProxyConfiguration, logger: Logger,
        load: @escaping @Sendable () throws -> KubeProxyConfiguration
    ) {
        self.file = file
        self.daemon = daemon
        self.first = first
        self.logger = logger
        self.load = load
    }

    public func run() async throws {
        let watch: FileWatch
        do {
            watch = try FileWatch(path: file)
        } catch {
            logger.error("changes of the configuration file will not be noticed", metadata: ["error": "\(error)"])
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown { await follow(watch) }
    }

    private func follow(_ watch: FileWatch) async {
        var current = first
        apply(&current)
        for await _ in watch.signals {
            watch.rearm()
            apply(&current)
        }
    }

    private func apply(_ current: inout KubeProxyConfiguration) {
        do {
            let new = try load()
            daemon.reload(new, from: current)
            current = new
        } catch {
            logger.error(
                "the configuration file cannot be used; the last good one stays", metadata: ["error": "\(error)"])
        }
    }
}
