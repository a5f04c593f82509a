import NetTypes
import Nftables

/// Hears what others do to the tables of iptables-nft. The backends of both families share one: each knows which
/// programs it started, and neither is to take the other's changes for foreign.
public final class TableWatch {
    private var monitor: NftablesMonitor?
    private var heard: [IPFamily: ForeignChanges] = [:]

    public init() {}

    /// Begins to listen, if it does not yet.
    func open() throws {
        if monitor == nil { monitor = try NftablesMonitor(ignoring: []) }
    }

    /// Passes over what the program with this process id does, until nil. A program's netlink socket has its process id
    /// for its number, unless somebody took that; then its changes look foreign, and are found to be right.
    func expect(_ program: Int32?) {
        listen()
        monitor?.ignoreOnly(program.map { [UInt32(bitPattern: $0)] } ?? [])
    }

    /// What others changed in a family's tables since the last `forget`.
    func changes(_ family: IPFamily) -> ForeignChanges {
        listen()
        return heard[family] ?? ForeignChanges()
    }

    func forget(_ family: IPFamily) {
        listen()
        heard[family] = nil
    }

    private func listen() {
        for change in monitor?.drain() ?? [] {
            switch change {
            case .chain(let table, let chain): heard[table.family, default: .init()].add(chain, in: table.name)
            case .table(let table): heard[table.family, default: .init()].widen(table.name)
            case .unknown: for family in IPFamily.allCases { heard[family, default: .init()].isWide = true }
            case .element: break
            }
        }
    }
}

/// What others changed since all was right.
struct ForeignChanges {
    /// Chains that are ours, or that have jumps of ours, by table.
    private(set) var chains: [String: Set<String>] = [:]
    /// Tables of iptables-legacy, which does not tell more.
    var tables: Set<String> = []
    var hasSets = false
    /// More than can be looked at one by one.
    var isWide = false

    private static let most = 32

    var isEmpty: Bool { !isWide && !hasSets && chains.isEmpty && tables.isEmpty }

    mutating func add(_ chain: String, in table: String) {
        guard Skeleton.isOurs(chain, in: table) else { return }
        chains[table, default: []].insert(chain)
        if chains.values.reduce(0, { $0 + $1.count }) > Self.most { isWide = true }
    }

    /// The table itself came or went, or something in it that iptables does not make.
    mutating func widen(_ table: String) {
        if Skeleton.tables.contains(table) { isWide = true }
    }
}
