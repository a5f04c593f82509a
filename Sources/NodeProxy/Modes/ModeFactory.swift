import NetTypes
import ProxyCore
import ProxyNftables

/// Makes the backends of a mode, both families.
struct ModeFactory {
    /// The nftables table's.
    let tableName: String

    func programs(_ mode: ProxyMode) throws -> [any FamilyProgram] {
        switch mode {
        case .nftables, .auto:
            var first = try NftablesBackend(family: .ipv4, tableName: tableName)
            var second = try NftablesBackend(family: .ipv6, tableName: tableName)
            first.ignore([second.portID])
            second.ignore([first.portID])
            return [FamilyBackend(first), FamilyBackend(second)]
        case .iptables, .ipvs, .userspace: return []
        }
    }
}
