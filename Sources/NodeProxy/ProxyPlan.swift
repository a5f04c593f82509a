import KubeAPI
import NetTypes
import Nftables
import ProxyCore
import ProxyIPTables
import ProxyIPVS
import ProxyNftables
import ProxyUserspace

/// What the proxy would program for the objects there are, without touching the kernel.
public struct ProxyPlan: Sendable {
    private let state: ProxyState
    private let tableName: String
    private let mode: ProxyMode
    public let advice: [Advice]

    /// `localAddresses` stand in for the node's interfaces.
    public init(
        _ snapshot: ProxySnapshot, settings: ProxySettings, mode: ProxyMode = .nftables,
        tableName: String = "kube-proxy",
        localAddresses: [ProxyInput.LocalAddress] = []
    ) {
        var trackers = Trackers(settings: settings)
        trackers.stage(.localAddresses(localAddresses))
        for input in snapshot.inputs { trackers.stage(input) }
        let delta = trackers.settle()
        state = trackers.state
        advice = delta.advice
        self.tableName = tableName
        self.mode = mode
    }

    private var transactions: [Transaction] {
        IPFamily.allCases.map {
            mode == .userspace
                ? UserspaceBackend.program(state.servicePorts, node: state.node, family: $0)
                : NftablesBackend.program(state.servicePorts, node: state.node, family: $0, tableName: tableName)
        }
    }

    /// An nft script that `nft -f` accepts.
    public var nft: String { transactions.map(\.description).joined() }

    /// What the iptables mode would feed to `ipset restore` and to `iptables-restore --noflush`, for both families.
    public var iptables: String {
        IPFamily.allCases.map { family in
            let program = IPTablesBackend.program(state.servicePorts, node: state.node, family: family)
            let prefix = family == .ipv4 ? "" : "6"
            return "# ipset restore\n\(program.ipset)# ip\(prefix)tables-restore --noflush\n\(program.iptables)"
        }.joined()
    }

    /// What the ipvs mode makes for each service port, as ipset(8), ipvsadm(8) and ip(8) would be told.
    public var ipvs: String {
        state.servicePorts.sorted { $0.name < $1.name }.map { IPVSBackend.program($0, node: state.node) }.joined()
    }

    /// How much there is to program, in the mode's own terms.
    private var size: [String] {
        switch mode {
        case .nftables, .userspace, .auto: transactions.map { "\($0.table): \($0.operations.count) operations" }
        case .iptables: ["iptables and ipset: \(iptables.split(separator: "\n").count) lines"]
        case .ipvs: ["ipvs and ipset: \(ipvs.split(separator: "\n").count) lines"]
        }
    }

    /// The service ports and where they lead, for people.
    public var summary: String {
        let ports = state.servicePorts.sorted { $0.name < $1.name }
        var rows = [["SERVICE PORT", "PROTO", "FRONTENDS", "ENDPOINTS", "BALANCE", "AFFINITY"]]
        for port in ports {
            let frontends = port.frontends.map { frontend in
                frontend.address.ip.map { "\(AddressPort($0, frontend.port))" } ?? "node port \(frontend.port)"
            }
            let endpoints = port.clusterEndpoints.endpoints.prefix(3).map { "\($0)" }
            let more = port.clusterEndpoints.count > 3 ? ["and \(port.clusterEndpoints.count - 3) more"] : []
            rows.append([
                "\(port.name)", "\(port.name.proto)", frontends.joined(separator: ", "),
                port.clusterEndpoints.isEmpty ? "none" : (endpoints + more).joined(separator: ", "),
                port.balance.rawValue, port.affinityTimeout.map { "ClientIP \($0) s" } ?? "none",
            ])
        }
        return Columns.text(rows) + "\n" + size.joined(separator: "\n") + "\n"
    }

    /// Every service port, and the mode's program, as JSON.
    public var json: String {
        let ports = state.servicePorts.sorted { $0.name < $1.name }.map(Self.json)
        return JSONWriter.text(
            .object(JSONObject([.init("servicePorts", .array(ports))] + programMembers)), .pretty)
    }

    private var programMembers: [JSONObject.Member] {
        func lines(_ text: String) -> JSONValue { .array(text.split(separator: "\n").map { .string(String($0)) }) }
        switch mode {
        case .nftables, .userspace, .auto: return [.init("tables", .array(transactions.map(Self.json)))]
        case .iptables: return [.init("iptables", lines(iptables))]
        case .ipvs: return [.init("ipvs", lines(ipvs))]
        }
    }

    private static func json(_ transaction: Transaction) -> JSONValue {
        let operations = transaction.operations.map { operation -> JSONValue in
            .string(Transaction(transaction.table, [operation]).description(knowing: transaction.sets))
        }
        return ["table": .string("\(transaction.table)"), "operations": .array(operations)]
    }

    private static func json(_ port: ServicePort) -> JSONValue {
        let frontends = port.frontends.map { frontend -> JSONValue in
            .string(frontend.address.ip.map { "\(AddressPort($0, frontend.port))" } ?? "nodePort:\(frontend.port)")
        }
        return [
            "service": .string("\(port.name.service)"), "port": .string(port.name.port),
            "protocol": .string("\(port.name.proto)"),
            "family": .string(port.name.family == .ipv4 ? "IPv4" : "IPv6"),
            "frontends": .array(frontends),
            "endpoints": .array(port.clusterEndpoints.endpoints.map { .string("\($0)") }),
            "localEndpoints": .array(port.localEndpoints.endpoints.map { .string("\($0)") }),
            "balance": .string(port.balance.rawValue),
        ]
    }

    public func explain(_ query: ExplainQuery) -> FullExplanation {
        let desired = state.explain(query)
        guard let (port, _) = state.servicePort(at: query.destination, query.proto) else {
            return FullExplanation(desired: desired)
        }
        do {
            let programs = try ModeFactory(tableName: tableName).programs(mode == .auto ? .nftables : mode)
            let kernel = try programs.first { $0.family == port.name.family }?.audit(
                port, source: query.source, node: state.node)
            return FullExplanation(desired: desired, kernel: kernel)
        } catch { return FullExplanation(desired: desired, kernelFailure: "\(error)") }
    }
}

extension Transaction {
    /// The sets it makes.
    var sets: [SetSpec] {
        operations.compactMap { if case .addSet(let spec) = $0 { spec } else { nil } }
    }
}

/// Rows as aligned columns, two spaces apart.
enum Columns {
    static func text(_ rows: [[String]]) -> String {
        let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }
}
