import Nftables

/// What others changed in a table since it was last right.
struct ForeignChanges {
    private(set) var elements: [Layout.SetName: Set<RegisterBytes>] = [:]
    private(set) var chains: Set<String> = []
    /// More than elements and chains, or too many of them to look at each.
    private(set) var isWide = false
    private var count = 0

    private static let most = 4096

    var isEmpty: Bool { !isWide && chains.isEmpty && elements.isEmpty }

    mutating func add(_ changes: Set<NftablesMonitor.Change>, to table: TableID) {
        for change in changes { add(change, to: table) }
        if count > Self.most { isWide = true }
    }

    private mutating func add(_ change: NftablesMonitor.Change, to table: TableID) {
        switch change {
        case .element(table, let set, let key):
            // Other sets are those that clients fill.
            guard let name = Layout.SetName(rawValue: set) else { return }
            elements[name, default: []].insert(key)
            count += 1
        case .chain(table, let chain):
            chains.insert(chain)
            count += 1
        case .table(table), .unknown: isWide = true
        case .element, .chain, .table: break
        }
    }
}
