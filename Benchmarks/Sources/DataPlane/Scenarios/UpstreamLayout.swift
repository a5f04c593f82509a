import Bench
import NetTypes

/// The ruleset that kube-proxy's nftables mode writes for a cluster: a chain per Service that picks with an anonymous
/// map, and a chain per endpoint that translates.
struct UpstreamLayout {
    let cluster: SampleCluster

    /// For `nft -f`; one transaction.
    var text: String {
        var text = Self.skeleton
        text.reserveCapacity(cluster.services * (600 + 450 * cluster.endpointsPerService))
        for service in 0..<cluster.services { appendChains(service, to: &text) }
        text += "}\n"
        appendElements(to: &text)
        return text
    }

    private static let skeleton = """
        table ip kube-proxy {
        comment "rules for kube-proxy"
        map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
        set cluster-ips { type ipv4_addr; }
        chain mark-for-masquerade { meta mark set mark or 0x4000; }
        chain masquerading {
        mark and 0x4000 == 0 return
        mark set mark xor 0x4000
        masquerade fully-random
        }
        chain services { ip daddr . meta l4proto . th dport vmap @service-ips; }
        chain nat-prerouting { type nat hook prerouting priority -100; jump services; }
        chain nat-output { type nat hook output priority -100; jump services; }
        chain nat-postrouting { type nat hook postrouting priority 100; jump masquerading; }

        """

    private func appendChains(_ service: Int, to text: inout String) {
        let chains = (0..<cluster.endpointsPerService).map { index -> String in
            let address = cluster.endpoint(service, index)
            let number = service * cluster.endpointsPerService + index
            return
                "endpoint-\(letters(number))-\(cluster.name(service))/tcp/http__\(address)/\(SampleCluster.targetPort)"
        }
        for (index, chain) in chains.enumerated() {
            let address = cluster.endpoint(service, index)
            text += """
                chain \(chain) {
                ip saddr \(address) jump mark-for-masquerade
                meta l4proto tcp dnat to \(address):\(SampleCluster.targetPort)
                }

                """
        }
        let choices = chains.enumerated().map { "\($0) : goto \($1)" }.joined(separator: ", ")
        text += """
            chain \(serviceChain(service)) {
            ip daddr \(cluster.clusterIP(service)) tcp dport 80 ip saddr != 10.128.0.0/9 jump mark-for-masquerade
            numgen random mod \(chains.count) vmap { \(choices) }
            }

            """
    }

    private func appendElements(to text: inout String) {
        let services = 0..<cluster.services
        let addresses = services.map { "\(cluster.clusterIP($0))" }
        text += "add element ip kube-proxy cluster-ips { \(addresses.joined(separator: ", ")) }\n"
        let verdicts = services.map {
            "\(cluster.clusterIP($0)) . tcp . 80 comment \"\(cluster.name($0)):http\" : goto \(serviceChain($0))"
        }
        text += "add element ip kube-proxy service-ips { \(verdicts.joined(separator: ", ")) }\n"
    }

    private func serviceChain(_ service: Int) -> String {
        "service-\(letters(service))-\(cluster.name(service))/tcp/http"
    }

    /// Eight letters, as the hash in a chain's name.
    private func letters(_ number: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var rest = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 >> 24
        return String(
            (0..<8).map { _ in
                defer { rest >>= 5 }
                return alphabet[Int(rest & 31)]
            })
    }
}
