import Namespaces
import NetTypes

/// What of a lab exists.
public struct LabStatus: Sendable, Equatable, CustomStringConvertible {
    public struct Backend: Sendable, Equatable {
        public let name: String
        public let addresses: [IPAddress]
        /// nil when it does not run.
        public let pid: Int32?
        /// It answered just now.
        public let answers: Bool
    }

    public let prefix: String
    /// Those that exist.
    public let namespaces: [String]
    public let backends: [Backend]

    /// Nothing is there at all.
    public var isAbsent: Bool { namespaces.isEmpty }

    public var description: String {
        guard !isAbsent else { return "there is no lab named \(prefix)" }
        let rows = backends.map { backend in
            let process = backend.pid.map { "process \($0)" } ?? "not running"
            let addresses = backend.addresses.map(\.description).joined(separator: " ")
            return "\(backend.name)  \(addresses)  \(process)  \(backend.answers ? "answers" : "silent")"
        }
        return (["namespaces  " + namespaces.joined(separator: " ")] + rows).joined(separator: "\n")
    }
}

extension LabTopology {
    public func status() throws -> LabStatus {
        let names = try namespaces()
        let answers = names.contains(nodeNamespace) ? try answeringBackends() : []
        let rows = plan.pods.map { pod in
            let record = record(of: "\(prefix)-\(pod.name)")
            return LabStatus.Backend(
                name: pod.name, addresses: pod.addresses, pid: record?.isRunning == true ? record?.pid : nil,
                answers: answers.contains(pod.name))
        }
        return LabStatus(prefix: prefix, namespaces: names, backends: rows)
    }

    private func answeringBackends() throws -> Set<String> {
        guard let port = ports.first else { return [] }
        let outcomes = try NetworkNamespace.named(nodeNamespace).run {
            ProbeRunner.run(
                plan.pods.map { Probe(.tcp, AddressPort($0.addresses[0], port), timeout: .seconds(2)) })
        }
        return Set(outcomes.compactMap(\.backend))
    }

    /// Sends `count` requests from the client.
    public func request(_ probe: Probe, count: Int) throws -> RequestSummary {
        guard try namespaces().contains(clientNamespace) else { throw LabTopologyError.missing(prefix) }
        return try NetworkNamespace.named(clientNamespace).run { RequestSummary.request(probe, count: count) }
    }
}
