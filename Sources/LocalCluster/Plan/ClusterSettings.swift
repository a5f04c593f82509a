import Foundation

/// What a cluster shall be: the file `cluster.json` in its folder, which the keeper follows.
public struct ClusterSettings: Codable, Sendable, Equatable {
    public struct Node: Codable, Sendable, Equatable {
        public var number: Int
        /// Its processes do not run.
        public var isStopped = false
        /// Its link is down.
        public var isCut = false

        public init(_ number: Int) { self.number = number }
    }

    public var proxyMode: String
    /// On 127.0.0.1 of the machine.
    public var port: UInt16
    public var nodes: [Node]

    public init(nodes count: Int, proxyMode: String, port: UInt16) {
        self.proxyMode = proxyMode
        self.port = port
        nodes = (0..<max(0, count)).map { Node($0 + 1) }
    }

    public static func read(_ layout: ClusterLayout) throws -> ClusterSettings? {
        guard let data = FileManager.default.contents(atPath: layout.settings) else { return nil }
        do {
            return try JSONDecoder().decode(ClusterSettings.self, from: data)
        } catch {
            throw ClusterFailure("\(layout.settings) is not understood; move it away to begin with a new cluster")
        }
    }

    public func write(_ layout: ClusterLayout) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            try encoder.encode(self).write(to: URL(filePath: layout.settings), options: .atomic)
        } catch {
            throw ClusterFailure("cannot write \(layout.settings): \(error.localizedDescription)")
        }
    }

    /// One more, with the first number that is free.
    public mutating func addNode() throws -> Int {
        let taken = Set(nodes.map(\.number))
        guard let number = (1...ClusterLayout.mostNodes).first(where: { !taken.contains($0) }) else {
            throw ClusterFailure("there are \(ClusterLayout.mostNodes) nodes; a local cluster has no room for more")
        }
        nodes.append(Node(number))
        return number
    }

    public mutating func change(_ number: Int, _ change: (inout Node) -> Void) throws {
        guard let index = nodes.firstIndex(where: { $0.number == number }) else {
            let known = nodes.map { "\($0.number)" }.joined(separator: ", ")
            throw ClusterFailure("there is no node \(number); there are \(known)")
        }
        change(&nodes[index])
    }
}

/// What went wrong, in a sentence for people.
public struct ClusterFailure: Error, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
