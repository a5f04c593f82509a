import Glibc
import KubeAPI
import Namespaces
import Processes
import Threads

/// Runs the plugins of a network in order (CNI specification, section 3). Each plugin has a time limit, after which it is
/// killed; a failure is one sentence. Operations on one container are the caller's to keep apart.
public struct NetworkRunner: Sendable {
    public struct Options: Sendable {
        /// Where plugins are, first come first.
        public var pluginDirectories = ["/opt/cni/bin", "/usr/lib/cni"]
        /// Where results are kept until DEL.
        public var cacheDirectory = "/run/apus/cni/results"
        /// Of one plugin.
        public var timeLimit: Duration = .seconds(30)
        /// What plugins find in their environment beside CNI's own: `NAME=value`.
        public var environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]

        public init() {}
    }

    public let list: NetworkConfigList
    private let options: Options
    private let cache: ResultCache
    /// A descriptor of the network namespace that is the plugins' host; nil is this process' own.
    private let host: HostNamespace?

    public init(_ list: NetworkConfigList, options: Options = Options(), host: HostNamespace? = nil) {
        self.list = list
        self.options = options
        self.host = host
        cache = ResultCache(directory: options.cacheDirectory)
    }

    // MARK: Verbs

    /// Connects the container. When a plugin fails, what the others made is taken back.
    public func add(_ attachment: Attachment) async throws -> NetworkResult {
        var result: JSONValue?
        do {
            for plugin in list.plugins { result = try await run(.add, plugin, attachment, previous: result) ?? result }
            let final = result ?? ["cniVersion": .string("\(list.version)")]
            let parsed = try NetworkResult(final)
            try cache.save(entry(attachment, result: final))
            return parsed
        } catch {
            // The first failure says more than what happens on the way back.
            try? await delete(attachment, previous: result)
            throw error
        }
    }

    /// Throws when a plugin no longer finds what it made.
    public func check(_ attachment: Attachment) async throws {
        guard !list.disableCheck else { return }
        guard list.version.hasCheck else { return }
        guard let entry = cache.load(list.name, attachment.containerID, attachment.interface) else {
            throw CNIFailure(
                CNIFailure.Code.unknownContainer,
                "container \(attachment.containerID) was never connected to the network \(list.name)")
        }
        for plugin in list.plugins { _ = try await run(.check, plugin, attachment, previous: entry.result) }
    }

    /// Disconnects it, in reverse order. Every plugin has its turn; the first failure is thrown after that, and the kept
    /// result stays for the next try.
    public func delete(_ attachment: Attachment) async throws {
        let entry = cache.load(list.name, attachment.containerID, attachment.interface)
        var whole = attachment
        // Whoever asks again may know less than who asked first.
        if whole.capabilities.isEmpty { whole.capabilities = entry?.capabilities ?? [:] }
        try await delete(whole, previous: entry?.result)
        cache.remove(list.name, attachment.containerID, attachment.interface)
    }

    private func delete(_ attachment: Attachment, previous: JSONValue?) async throws {
        var failure: (any Error)?
        for plugin in list.plugins.reversed() {
            do {
                _ = try await run(.delete, plugin, attachment, previous: list.version.hasCheck ? previous : nil)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Takes back what no attachment of `valid` (by container and interface) needs.
    public func collectGarbage(valid: [Attachment]) async throws {
        guard !list.disableGC else { return }
        let kept = Set(valid.map { [$0.containerID, $0.interface] })
        var failure: (any Error)?
        for entry in cache.entries()
        where entry.network == list.name && !kept.contains([entry.containerID, entry.interface]) {
            var attachment = entry.attachment
            // Its namespace is gone, or another's by now.
            attachment.namespacePath = ""
            do { try await delete(attachment) } catch { failure = failure ?? error }
        }
        if list.version.hasGarbageCollection {
            for plugin in list.plugins {
                do { _ = try await run(.garbageCollect, plugin, nil, valid: valid) } catch {
                    failure = failure ?? error
                }
            }
        }
        if let failure { throw failure }
    }

    /// Throws what keeps the network from connecting containers: a plugin that is missing, or that says so (1.1).
    public func status() async throws {
        for plugin in list.plugins {
            _ = try executable(of: plugin)
            if list.version.hasGarbageCollection { _ = try await run(.status, plugin, nil) }
        }
    }

    /// The versions of the specification that a plugin speaks.
    public func versions(of plugin: NetworkConfigList.Plugin) async throws -> [CNIVersion] {
        let answer = try await run(.version, plugin, nil)
        return answer?["supportedVersions"]?.array?.compactMap { $0.string.flatMap(CNIVersion.init) } ?? []
    }

    /// What ADD answered, while it is kept.
    public func cachedResult(_ attachment: Attachment) throws(CNIFailure) -> NetworkResult? {
        guard let entry = cache.load(list.name, attachment.containerID, attachment.interface) else { return nil }
        return try NetworkResult(entry.result)
    }

    /// The networks that the container is connected to, as they were configured then.
    public static func networks(of attachment: Attachment, options: Options) -> [NetworkConfigList] {
        ResultCache(directory: options.cacheDirectory).entries().filter {
            $0.containerID == attachment.containerID && $0.interface == attachment.interface
        }.compactMap {
            try? NetworkConfigList(JSONWriter.bytes($0.config), place: "the kept configuration of \($0.network)")
        }
    }

    private func entry(_ attachment: Attachment, result: JSONValue) -> ResultCache.Entry {
        ResultCache.Entry(
            containerID: attachment.containerID, interface: attachment.interface, network: list.name,
            namespacePath: attachment.namespacePath,
            config: [
                "cniVersion": .string("\(list.version)"), "name": .string(list.name),
                "plugins": .array(list.plugins.map(\.config)),
            ], result: result,
            arguments: attachment.arguments, capabilities: attachment.capabilities)
    }

    // MARK: Plugins

    private func executable(of plugin: NetworkConfigList.Plugin) throws(CNIFailure) -> String {
        for directory in options.pluginDirectories {
            let path = "\(directory)/\(plugin.type)"
            if access(path, X_OK) == 0 { return path }
        }
        throw CNIFailure(
            CNIFailure.Code.invalidNetworkConfig,
            "the network \(list.name) needs the plugin \(plugin.type), which is not in "
                + options.pluginDirectories.joined(separator: " or "))
    }

    /// Runs one plugin; its answer, or nil when it says nothing.
    private func run(
        _ command: CNICommand, _ plugin: NetworkConfigList.Plugin, _ attachment: Attachment?,
        previous: JSONValue? = nil, valid: [Attachment] = []
    ) async throws -> JSONValue? {
        let program = try executable(of: plugin)
        let invocation = PluginInvocation(
            command, plugin, of: list, attachment, previous: previous, valid: valid, path: options.pluginDirectories)
        let finished = try await OwnThread.wait { [options, host] in
            try host?.enter()
            return try FinishedProcess.run(
                ProgramStart(program, environment: invocation.environment + options.environment),
                input: JSONWriter.bytes(invocation.input), limit: options.timeLimit)
        }
        return try PluginAnswer.read(finished, invocation, timeLimit: options.timeLimit)
    }
}

/// The network namespace whose interfaces and rules plugins change. The owner keeps it open.
public final class HostNamespace: Sendable {
    private let namespace: NetworkNamespace

    public init(_ namespace: consuming NetworkNamespace) { self.namespace = namespace }

    /// Moves the calling thread there for good.
    public func enter() throws(NamespaceError) { try namespace.enter() }
}
