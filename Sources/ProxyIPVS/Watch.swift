import IPTables
import IPVS
import NetTypes
import ProxyCore

/// What is looked at from time to time for changes that others make, and when.
struct Watch: ~Copyable {
    /// At most a hundredth of the time goes into reading the lists of virtual servers and addresses, but they are read
    /// every ten seconds, however long it took once.
    private static let idleFactor = 100
    private static let longestIdle: Duration = .seconds(10)
    /// Of each look, for destinations.
    static let budget: Duration = .milliseconds(5)

    private var fingerprint: TableFingerprint
    private var rules: [Int] = []
    /// Ours.
    private var servers: [VirtualServer.Key: VirtualServer] = [:]
    /// How many entries each set has.
    private var entries: [KubeSet: Int] = [:]
    private var nextList = ContinuousClock.now
    /// Virtual servers that the last look found wrong, when nothing else was.
    var damaged: Set<VirtualServer.Key> = []
    /// Sets that the last look found wrong, when nothing else was.
    var damagedSets: Set<KubeSet> = []
    /// Service ports whose destinations this round has still to look at.
    private var round: [ServicePortName] = []

    init(_ programs: IPTablesPrograms) throws { fingerprint = try TableFingerprint(programs) }

    // MARK: What is right

    mutating func rememberRules() throws { rules = try fingerprint.read(RuleText.watched) }

    mutating func restart(_ servers: [VirtualServer.Key: VirtualServer], entries: [KubeSet: Int]) {
        self.servers = servers
        self.entries = entries
        damaged = []
        damagedSets = []
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

    /// An entry whose mark changes is both.
    mutating func note(added: [SetMember], deleted: [SetMember]) {
        for member in added { entries[member.set, default: 0] += 1 }
        for member in deleted { entries[member.set, default: 0] -= 1 }
    }

    // MARK: Looking

    /// An entry that took another's place shows only in a synchronisation.
    mutating func setsAreRight(_ counts: [KubeSet: Int]) -> Bool {
        damagedSets = Set(counts.keys.filter { $0 != .settings && counts[$0] != entries[$0, default: 0] })
        return damagedSets.isEmpty
    }

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
        nextList = end + min((end - start) * Self.idleFactor, Self.longestIdle)
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
