import IPSet
import IPTables
import NetTypes

/// Tries every match and target that the mode uses in a chain that is not reached, and every type of set.
struct FeatureProbe {
    let programs: IPTablesPrograms

    private static let chain = "KUBE-PROBE"

    private var rules: [(feature: String, rule: String)] {
        let mask = CIDR(host: .unspecified(programs.family)).mask
        return [
            ("comments (xt_comment)", "-m comment --comment \"a probe\" -j RETURN"),
            ("conntrack states (xt_conntrack)", "-m conntrack --ctstate DNAT -j RETURN"),
            ("random balancing (xt_statistic)", "-m statistic --mode random --probability 0.50000000000 -j RETURN"),
            ("session affinity (xt_recent)", "-m recent --rcheck --name KUBE-PROBE --mask \(mask) --rsource -j RETURN"),
            ("balancing by hash (xt_bpf)", "-m bpf --bytecode \"1,6 0 0 1\" -j RETURN"),
            ("local sources (xt_addrtype)", "-m addrtype --src-type LOCAL -j RETURN"),
            ("marks (xt_mark)", "-j MARK --set-xmark 0x1/0x1"),
            (
                "translation (xt_nat)",
                "-p tcp -j DNAT --to-destination \(CIDR(host: .unspecified(programs.family)).mask)"
            ),
        ]
    }

    func missing(_ sets: inout IPSetSocket) -> [String] {
        var missing: [String] = []
        let name = programs.family == .ipv4 ? "KUBE-IPT-PROBE" : "KUBE-IPT6-PROBE"
        for kind in Set(SetName.allCases.map { $0.spec(programs.family).kind }).sorted(by: { $0.rawValue < $1.rawValue }
        ) {
            do {
                try sets.create(SetSpec(name, kind, programs.family))
                try sets.destroy(name)
            } catch {
                missing.append("The kernel has no \(kind.rawValue) sets: load the ip_set modules (\(error)).")
            }
        }
        for item in rules + (missing.isEmpty ? [matchRule(name, &sets)] : []) {
            if let reason = refusal(item.rule) {
                missing.append("The kernel lacks \(item.feature), load the module or use another mode: \(reason).")
            }
        }
        try? sets.destroySoon(name)
        return missing
    }

    private func matchRule(_ name: String, _ sets: inout IPSetSocket) -> (feature: String, rule: String) {
        try? sets.create(SetSpec(name, .hashIP, programs.family))
        return ("matching of sets (xt_set)", "-m set --match-set \(name) dst -j RETURN")
    }

    private func refusal(_ rule: String) -> String? {
        var make = TableChange(table: "nat")
        make.chains = [Self.chain: [rule]]
        var remove = TableChange(table: "nat")
        remove.deletedChains = [Self.chain]
        do {
            try programs.restore([make])
            try programs.restore([remove])
            return nil
        } catch {
            return "\(error)"
        }
    }
}
