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

    /// Its keeper runs, which starts all others.
    public var isKept: Bool { layout.keeper != nil }

    /// Some part of it runs, with its keeper or without.
    public func isRunning() throws -> Bool {
        if isKept { return true }
        guard let settings = try ClusterSettings.read(layout) else { return false }
        return try layout.components(settings).contains { try layout.runningProcess($0) != nil }
    }

    /// Folders, certificates, namespaces and links.
    public func prepare(_ settings: ClusterSettings, now: Int64) throws {
        for folder in [layout.dataDirectory, layout.credentials, layout.logs, layout.runDirectory] {
            try makeFolder(folder)
        }
        try ClusterFolder.record(layout)
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

    /// Gives a running cluster what `wish` says, as far as a running one can have it.
    public func adapt(to wish: ClusterWish, now: Int64) throws -> ClusterSettings {
        try SettingsLock.held(layout) {
            let known = try current()
            let settings = try wish.applied(to: known, isRunning: true)
            let credentials = try ClusterCredentials(layout, now: now)
            for node in settings.nodes where !known.nodes.contains(node) { try prepareNode(node, credentials) }
            if settings != known { try settings.write(layout) }
            return settings
        }
    }

    /// Starts the keeper, which goes on without this process and takes up what runs.
    /// - Parameter environment: `NAME=value`, of every process of the cluster.
    public func startKeeper(environment: [String]) throws {
        if isKept { return }
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
        try SettingsLock.held(layout) {
            var settings = try kept()
            let number = try settings.addNode()
            try prepareNode(.init(number), ClusterCredentials(layout, now: now))
            try settings.write(layout)
            return number
        }
    }

    /// As when its power is cut: nothing ends in order.
    public func stopNode(_ number: Int) throws {
        try SettingsLock.held(layout) {
            var settings = try kept()
            try settings.change(number) { $0.isStopped = true }
            // Before the keeper hears of it and ends the node's processes in order, which could still say so to others.
            try wiring.connect(number, false)
            try settings.write(layout)
        }
        Teardown(layout).endNode(number)
    }

    public func startNode(_ number: Int) throws {
        try change(number) { $0.isStopped = false }
    }

    /// Takes its link away, or gives it back; its processes go on.
    public func cutNode(_ number: Int, _ isCut: Bool) throws {
        try change(number) { $0.isCut = isCut }
    }

    /// Changes a node in the settings, and its link as they then say.
    private func change(_ number: Int, _ change: (inout ClusterSettings.Node) -> Void) throws {
        try SettingsLock.held(layout) {
            var settings = try kept()
            try settings.change(number, change)
            try settings.write(layout)
            for node in settings.nodes where node.number == number {
                try wiring.connect(number, !node.isCut && !node.isStopped)
            }
        }
    }

    public func current() throws -> ClusterSettings {
        guard try isRunning(), let settings = try ClusterSettings.read(layout) else {
            throw ClusterFailure("there is no running cluster in \(layout.dataDirectory); 'apus up' starts one")
        }
        return settings
    }

    /// As `current`, when somebody follows the settings.
    private func kept() throws -> ClusterSettings {
        let settings = try current()
        guard isKept else {
            throw ClusterFailure("the cluster runs without its keeper, which does such things; 'apus up' starts it")
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
