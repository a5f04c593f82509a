import Glibc
import Namespaces
import NetTypes

/// A lab that outlives the command that makes it: a node, backends and a client outside as named network namespaces.
///
/// Every backend runs an echo server as a process of its own. Addresses are those of `LabPlan`.
public struct LabTopology: Sendable {
    /// The program that serves a backend until it is killed.
    public struct EchoCommand: Sendable {
        public let program: String
        public let arguments: @Sendable (_ name: String, _ ports: [UInt16]) -> [String]

        public init(program: String, arguments: @escaping @Sendable (_ name: String, _ ports: [UInt16]) -> [String]) {
            self.program = program
            self.arguments = arguments
        }
    }

    /// Namespaces are named `PREFIX-node`, `PREFIX-client` and `PREFIX-backend-1`, ...
    public let prefix: String
    public let backends: Int
    /// What the backends listen on, TCP and UDP.
    public let ports: [UInt16]
    /// Where processes are remembered.
    public let stateDirectory: String
    public let plan: LabPlan

    public init(
        prefix: String = "apus-lab", backends: Int = 3, ports: [UInt16] = [8080],
        stateDirectory: String = "/run/apus/lab"
    ) {
        self.prefix = prefix
        self.backends = backends
        self.ports = ports
        self.stateDirectory = stateDirectory
        plan = LabPlan(localPods: backends, localName: "backend")
    }

    public var nodeNamespace: String { "\(prefix)-node" }
    public var clientNamespace: String { "\(prefix)-client" }
    public func backendNamespace(_ number: Int) -> String { "\(prefix)-backend-\(number)" }

    /// Makes everything, or nothing. Returns when every backend answers.
    public func create(echo: EchoCommand) throws {
        guard try namespaces().isEmpty else { throw LabTopologyError.exists(prefix) }
        do {
            try SmallFile.makeDirectory(stateDirectory)
            let node = Place(nodeNamespace, try NamedNamespace.create(nodeNamespace))
            let client = Place(clientNamespace, try NamedNamespace.create(clientNamespace))
            let pods = try (1...max(1, backends)).prefix(backends).map {
                Place(backendNamespace($0), try NamedNamespace.create(backendNamespace($0)))
            }
            try LabWiring(plan: plan, node: node, client: client, pods: pods).connect()
            for (pod, place) in zip(plan.pods, pods) { try start(echo, pod.name, in: place) }
            try waitForBackends(from: node)
        } catch {
            _ = try? destroy()
            throw error
        }
    }

    /// Removes every trace of a lab with this prefix, complete or not; says what it removed.
    @discardableResult
    public func destroy() throws -> [String] {
        var removed: [String] = []
        for name in try recordedNames() {
            if let record = record(of: name) {
                try record.end()
                removed.append("process \(record.pid)")
            }
            unlink(recordPath(name))
        }
        for name in try namespaces() {
            try NamedNamespace.delete(name)
            removed.append("namespace \(name)")
        }
        rmdir(stateDirectory)
        return removed
    }

    /// The namespaces of this lab, sorted; a lab with a longer prefix does not count.
    public func namespaces() throws -> [String] {
        try NamedNamespace.list(prefix: prefix + "-").filter(isMember)
    }

    private func isMember(_ name: String) -> Bool {
        guard name.hasPrefix(prefix + "-") else { return false }
        let rest = name.dropFirst(prefix.count + 1)
        if rest == "node" || rest == "client" { return true }
        return rest.hasPrefix("backend-") && Int(rest.dropFirst(8)) != nil
    }

    // MARK: Processes

    /// The command is on disk before the process exists, so that a crash in between leaves nothing unknown.
    private func start(_ echo: EchoCommand, _ name: String, in place: Place) throws {
        let arguments = echo.arguments(name, ports)
        let command = [echo.program] + arguments
        let path = recordPath(place.name)
        try SmallFile.write(path, command.joined(separator: "\0"))
        let pid = try place.namespace.spawn(echo.program, arguments, log: logPath(place.name))
        guard let record = ProcessRecord(running: pid, command: command) else {
            throw LabTopologyError.silent(name, log: logPath(place.name))
        }
        try SmallFile.write(path, record.text)
    }

    func record(of namespace: String) -> ProcessRecord? {
        guard let bytes = SmallFile.read(recordPath(namespace)) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        if let record = ProcessRecord(text: text) { return record }
        let command = text.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        var status = stat()
        guard let handle = try? NetworkNamespace.named(namespace), fstat(handle.descriptor, &status) == 0,
            let pid = ProcessRecord.find(command: command, inNamespace: UInt64(status.st_ino)).first
        else { return nil }
        return ProcessRecord(running: pid, command: command)
    }

    private func recordPath(_ namespace: String) -> String { "\(stateDirectory)/\(namespace).process" }
    private func logPath(_ namespace: String) -> String { "\(stateDirectory)/\(namespace).log" }

    /// Namespaces with something on disk; logs and half-written records are removed on the way.
    private func recordedNames() throws -> [String] {
        guard let stream = opendir(stateDirectory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let file = entry.fileName
            guard let dot = file.lastIndex(of: "."), isMember(String(file[..<dot])) else { continue }
            switch file[dot...] {
            case ".process": names.append(String(file[..<dot]))
            case ".log", ".process-new": unlink("\(stateDirectory)/\(file)")
            default: break
            }
        }
        return names.sorted()
    }

    private func waitForBackends(from node: Place) throws {
        guard let port = ports.first else { return }
        var silent = plan.pods
        for _ in 0..<50 {
            let outcomes = try node.namespace.run {
                ProbeRunner.run(silent.map { Probe(.tcp, AddressPort($0.addresses[0], port)) })
            }
            silent = zip(silent, outcomes).filter { $1.backend == nil }.map(\.0)
            if silent.isEmpty { return }
            usleep(100_000)
        }
        throw LabTopologyError.silent(silent[0].name, log: logPath("\(prefix)-\(silent[0].name)"))
    }
}

public enum LabTopologyError: Error, Equatable, CustomStringConvertible {
    case exists(String)
    case missing(String)
    case silent(String, log: String)

    public var description: String {
        switch self {
        case .exists(let prefix): "a lab named \(prefix) exists already: destroy it first"
        case .missing(let prefix): "there is no lab named \(prefix)"
        case .silent(let name, let log): "\(name) does not answer; its output is in \(log)"
        }
    }
}
