import NetTypes
import ProxyCore
import ProxyIPTables
import ProxyNftables

/// Makes the backends of each mode, both families.
struct ModeFactory: ProgramMaker {
    /// The nftables table's.
    let tableName: String

    /// Best first: what `auto` tries.
    let modes: [ProxyMode] = [.nftables, .iptables]

    func programs(_ mode: ProxyMode) throws -> [any FamilyProgram] {
        switch mode {
        case .nftables: try nftables
        case .iptables: try IPFamily.allCases.map { FamilyBackend(try IPTablesBackend(family: $0)) }
        case .ipvs, .userspace, .auto: []
        }
    }

    private var nftables: [any FamilyProgram] {
        get throws {
            var first = try NftablesBackend(family: .ipv4, tableName: tableName)
            var second = try NftablesBackend(family: .ipv6, tableName: tableName)
            // Neither is woken by what the other does.
            first.ignore([second.portID])
            second.ignore([first.portID])
            return [FamilyBackend(first), FamilyBackend(second)]
        }
    }
}
