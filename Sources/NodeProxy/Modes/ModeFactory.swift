import NetTypes
import ProxyCore
import ProxyIPTables
import ProxyIPVS
import ProxyNftables
import ProxyUserspace

/// What the configuration says of the ipvs mode.
public typealias IPVSSettings = IPVSOptions

/// Makes the backends of each mode, both families.
final class ModeFactory: ProgramMaker {
    /// The nftables table's.
    private let tableName: String
    private let ipvs: IPVSSettings
    /// Of the userspace mode. Outlives it: connections that it carries are served to their end after a switch.
    private let engine: UserspaceEngine

    init(
        tableName: String, ipvs: IPVSSettings = IPVSSettings(), userspace: UserspaceEngine = UserspaceEngine()
    ) {
        self.tableName = tableName
        self.ipvs = ipvs
        engine = userspace
    }

    /// Best first: what `auto` tries.
    let modes: [ProxyMode] = [.nftables, .iptables, .ipvs, .userspace]

    func programs(_ mode: ProxyMode) throws -> [any FamilyProgram] {
        switch mode {
        case .nftables: try nftables
        case .iptables: try iptables
        case .ipvs: try IPFamily.allCases.map { FamilyBackend(try IPVSBackend(family: $0, options: ipvs)) }
        case .userspace:
            try IPFamily.allCases.map { FamilyBackend(try UserspaceBackend(family: $0, engine: engine)) }
        case .auto: []
        }
    }

    private var iptables: [any FamilyProgram] {
        get throws {
            let watch = TableWatch()
            return try IPFamily.allCases.map { FamilyBackend(try IPTablesBackend(family: $0, watch: watch)) }
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

extension ProxyMode {
    /// What the mode can do of what Services ask for, beyond what every mode can.
    var abilities: ModeAbilities {
        switch self {
        case .userspace: [.leastConnections, .userspaceTuning]
        case .ipvs: [.leastConnections, .ipvsScheduler, .sctp]
        case .nftables, .iptables, .auto: [.sctp]
        }
    }
}
