import Glibc
import NetTypes

extension NftablesSession {
    /// What a kube-proxy table needs of the kernel and the kernel does not have: a sentence for each, none when all is
    /// well. Tries everything in transactions that are taken back.
    public mutating func probe(_ family: IPFamily) throws(NftablesError) -> [String] {
        var missing: [String] = []
        let table = TableID(family, "apus-probe")
        for feature in ProbedFeature.all {
            do { try check(Transaction(table, [.addTable(comment: "")] + feature.operations)) } catch {
                if error.code == EPERM { throw error }
                missing.append("the kernel cannot \(feature.purpose): enable \(feature.remedy) (\(error))")
                // Nothing else can be there.
                if feature.operations.isEmpty { return missing }
            }
        }
        return missing
    }
}

/// Something that a kernel may lack.
struct ProbedFeature {
    /// Completes "the kernel cannot".
    let purpose: String
    /// The kernel's option, or its version.
    let remedy: String
    /// What needs it, in a new table.
    let operations: [Operation]

    private static let key: [Selector] = [.destinationAddress, .l4proto, .destinationPort]
    private static let chain = "probe"

    /// The first has no operations beside the table itself.
    static let all: [ProbedFeature] = [
        .init(purpose: "hold nftables tables", remedy: "CONFIG_NF_TABLES", operations: []),
        .init(
            purpose: "filter in base chains", remedy: "CONFIG_NF_TABLES_IPV4 and CONFIG_NF_TABLES_IPV6",
            operations: [.addChain(Chain("base", hook: .init(.filter, .forward, priority: 0)))]),
        .init(
            purpose: "translate addresses in base chains", remedy: "CONFIG_NFT_NAT",
            operations: [.addChain(Chain("base", hook: .init(.nat, .prerouting, priority: 0)))]),
        .init(
            purpose: "look up an address, protocol and port in one map", remedy: "Linux 5.6 or newer",
            operations: rules(.verdictMap(key, map: "m"), sets: [SetSpec("m", key: key, data: .verdict)])),
        .init(
            purpose: "choose endpoints at random", remedy: "CONFIG_NFT_NUMGEN and CONFIG_NFT_NAT",
            operations: balance(.random(modulus: 2))),
        .init(
            purpose: "choose endpoints by a hash of the source", remedy: "CONFIG_NFT_HASH and CONFIG_NFT_NAT",
            operations: balance(.hash([.sourceAddress], modulus: 2, seed: 1))),
        .init(
            purpose: "tell local addresses from others", remedy: "CONFIG_NFT_FIB_IPV4 and CONFIG_NFT_FIB_IPV6",
            operations: rules(.destinationIsLocal)),
        .init(purpose: "see connections", remedy: "CONFIG_NFT_CT", operations: rules(.connectionIsNew)),
        .init(purpose: "masquerade", remedy: "CONFIG_NFT_MASQ", operations: rules(.masquerade)),
        .init(purpose: "reject packets", remedy: "CONFIG_NFT_REJECT", operations: rules(.reject)),
        .init(
            purpose: "remember clients for session affinity", remedy: "Linux 5.6 or newer",
            operations: rules(
                .remember(
                    map: "m", key: [.sourceAddress], data: [.destinationAddress, .destinationPort], timeoutSeconds: 1),
                sets: [
                    SetSpec(
                        "m", key: [.sourceAddress], data: .selectors([.destinationAddress, .destinationPort]),
                        isDynamic: true)
                ])),
    ]

    private static func rules(_ statement: Statement, sets: [SetSpec] = []) -> [Operation] {
        sets.map { .addSet($0) } + [.addChain(Chain(chain)), .addRules(chain: chain, [Rule(statement)])]
    }

    private static func balance(_ slot: Selector) -> [Operation] {
        rules(
            .dnat(key + [slot], map: "m"),
            sets: [SetSpec("m", key: key + [slot], data: .selectors([.destinationAddress, .destinationPort]))])
    }
}
