import Foundation
import Glibc
import Lab
import Logging
import NetTypes
import Namespaces

/// What can be done with a cluster on this machine. Each verb leaves what is right already as it is.
public struct LocalCluster: Sendable {
    public let layout: ClusterLayout
    private let wiring: ClusterWiring

    public init(_ layout: ClusterLayout) {
        self.layout = layout
        wiring = ClusterWiring(layout)
    }

    public var isUp: Bool { layout.keeper != nil }

    /// Folders, certificates, namespaces and links.
    public func prepare(_ settings: ClusterSettings, now: Int64) throws {
        for folder in [layout.dataDirectory, layout.credentials, layout.logs, layout.runDirectory] {
            try makeFolder(folder)
        }
        try settings.write(layout)
        let credentials = try ClusterCredentials(layout, now: now)
        try credentials.writeShared(port: settings.port)
        try wiring.makeControl()
        for node in settings.nodes { try prepareNode(node, credentials) }
    }

    private func prepareNode(_ node: ClusterSettings.Node, _ credentials: ClusterCredentials) throws {
        try makeFolder(layout.nodeFolder(node.number))
        try credentials.writeNode(node.number)
        try wiring.makeNode(node.number)
        try wiring.connect(node.number, !(node.isCut || node.isStopped))
    }

    /// Starts the keeper, which goes on without this process.
    /// - Parameter environment: `NAME=value`, of every process of the cluster.
    public func startKeeper(environment: [String]) throws {
        if isUp { return }
        let arguments = ["keep", "--data-dir", layout.dataDirectory, "--name", layout.name]
        let pid = try NetworkNamespace.current().spawn(
            layout.program, arguments, environment: environment, log: layout.log("keeper"))
        guard let record = ProcessRecord(running: pid, command: [layout.program] + arguments) else {
            throw ClusterFailure("the keeper ended at once; \(layout.log("keeper")) says why")
        }
        try Data(record.text.utf8).write(to: URL(filePath: layout.keeperRecord), options: .atomic)
    }

    // MARK: - Nodes

    public func addNode(now: Int64) throws -> Int {
        var settings = try current()
        let number = try settings.addNode()
        try prepareNode(.init(number), ClusterCredentials(layout, now: now))
        try settings.write(layout)
        return number
    }

    /// As when its power is cut: nothing ends in order.
    public func stopNode(_ number: Int) throws {
        try change(number) { $0.isStopped = true }
        try wiring.connect(number, false)
        Teardown(layout).endNode(number)
    }

    public func startNode(_ number: Int) throws {
        let settings = try change(number) { $0.isStopped = false }
        let isCut = settings.nodes.first { $0.number == number }?.isCut ?? false
        try wiring.connect(number, !isCut)
    }

    /// Takes its link away, or gives it back; its processes go on.
    public func cutNode(_ number: Int, _ isCut: Bool) throws {
        let settings = try change(number) { $0.isCut = isCut }
        let isStopped = settings.nodes.first { $0.number == number }?.isStopped ?? false
        try wiring.connect(number, !isCut && !isStopped)
    }

    @discardableResult
    private func change(_ number: Int, _ change: (inout ClusterSettings.Node) -> Void) throws -> ClusterSettings {
        var settings = try current()
        try settings.change(number, change)
        try settings.write(layout)
        return settings
    }

    public func current() throws -> ClusterSettings {
        guard isUp, let settings = try ClusterSettings.read(layout) else {
            throw ClusterFailure("there is no running cluster in \(layout.dataDirectory); 'apus up' starts one")
        }
        return settings
    }

    // MARK: - Files

    private func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ClusterFailure("cannot make the folder \(path): \(error.localizedDescription)")
        }
    }
}
