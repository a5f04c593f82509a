import IPTables
import IPVS
import NetTypes
import ProxyCore

/// What is looked at from time to time for changes that others make, and when.
struct Watch: ~Copyable {
    /// At most a hundredth of the time goes into reading the lists of virtual servers and addresses.
    private static let idleFactor = 100
    /// Of each look, for destinations.
    static let budget: Duration = .milliseconds(5)

    private var fingerprint: TableFingerprint
    private var rules: [Int] = []
    /// Ours.
    private var servers: [VirtualServer.Key: VirtualServer] = [:]
    private var nextList = ContinuousClock.now
    /// Virtual servers that the last look found wrong, when nothing else was.
    var damaged: Set<VirtualServer.Key> = []
    /// Service ports whose destinations this round has still to look at.
    private var round: [ServicePortName] = []

    init(_ programs: IPTablesPrograms) throws { fingerprint = try TableFingerprint(programs) }

    // MARK: What is right

    mutating func rememberRules() throws { rules = try fingerprint.read(RuleText.watched) }

    mutating func restart(_ servers: [VirtualServer.Key: VirtualServer]) {
        self.servers = servers
        damaged = []
        round = []
    }

    mutating func note(_ operations: [IPVSOperation]) {
        for operation in operations {
            switch operation {
            case .addServer(let server), .editServer(let server): servers[server.key] = server
            case .deleteServer(let key): servers[key] = nil
            case .addDestination, .editDestination, .deleteDestination: break
            }
        }
    }

    // MARK: Looking

    mutating func rulesAreThere() throws -> Bool { try fingerprint.read(RuleText.watched) == rules }

    /// True also when it is not time to look. `list` returns the virtual servers; nil when something else that takes as
    /// long to read is wrong.
    mutating func listsAreRight(_ list: () throws -> [VirtualServer]?) throws -> Bool {
        let start = ContinuousClock.now
        guard start >= nextList else { return true }
        guard let found = try list() else { return false }
        damaged = Set(servers.keys)
        for server in found where servers[server.key] == server { damaged.remove(server.key) }
        let end = ContinuousClock.now
        nextList = end + (end - start) * Self.idleFactor
        return damaged.isEmpty
    }

    /// The next service port to look at; nil once in each round.
    mutating func next(_ ports: Dictionary<ServicePortName, ServicePort>.Keys) -> ServicePortName? {
        guard let name = round.popLast() else {
            round = Array(ports)
            return nil
        }
        return name
    }
}
