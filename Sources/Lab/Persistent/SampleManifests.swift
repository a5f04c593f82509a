import NetTypes

/// Services, EndpointSlices and the Node of a lab as YAML, one of each sort a proxy distinguishes.
///
/// Backend 1 runs on the lab's node and the others elsewhere, so that policy Local has something to tell apart.
public struct SampleManifests: Sendable {
    /// A Service for the lab's backends. Its node port, if it has one, makes it a NodePort Service.
    struct Sample {
        let name: String
        let shows: String
        /// Last part of its cluster IPs.
        let host: UInt8
        var nodePort: UInt16?
        var protocols: [TransportProtocol] = [.tcp]
        /// Further lines of metadata, then of the spec, without indentation.
        var annotations: [String] = []
        var spec: [String] = []
    }

    static let samples = [
        Sample(name: "echo", shows: "a cluster IP per family, TCP and UDP", host: 10, protocols: [.tcp, .udp]),
        Sample(name: "echo-node-port", shows: "a port on every node", host: 11, nodePort: 30080),
        Sample(
            name: "echo-sticky", shows: "a client keeps its backend for ten minutes", host: 12,
            spec: ["sessionAffinity: ClientIP", "sessionAffinityConfig: {clientIP: {timeoutSeconds: 600}}"]),
        Sample(
            name: "echo-local", shows: "outside traffic stays on the node and keeps its source address", host: 13,
            nodePort: 30081, spec: ["externalTrafficPolicy: Local"]),
        Sample(
            name: "echo-maglev", shows: "consistent hashing of source addresses", host: 14,
            annotations: ["apus.dev/balance: maglev"]),
    ]

    private let topology: LabTopology

    public init(_ topology: LabTopology) { self.topology = topology }

    /// A multi-document YAML text.
    public var yaml: String {
        ([node] + Self.samples.map(service) + Self.samples.flatMap(slices)).joined(separator: "---\n")
    }

    private var node: String {
        """
        apiVersion: v1
        kind: Node
        metadata:
          name: \(topology.nodeNamespace)
        spec:
          podCIDRs: [\(LabPlan.nodePodCIDRs.map { "\"\($0)\"" }.joined(separator: ", "))]
        status:
          addresses:
        \(topology.plan.nodeAddresses.map { "  - {type: InternalIP, address: \"\($0)\"}" }.joined(separator: "\n"))

        """
    }

    private func service(_ sample: Sample) -> String {
        let addresses = [
            IPAddress(10, 96, 0, sample.host), IPAddress(high: 0xfd00_0096_0000_0000, low: UInt64(sample.host)),
        ]
        let ports = sample.protocols.map { proto in
            let nodePort = sample.nodePort.map { ", nodePort: \($0)" } ?? ""
            return "  - {name: \(proto), protocol: \(name(proto)), port: 80, targetPort: \(target)\(nodePort)}"
        }
        let annotations = sample.annotations.isEmpty ? [] : ["  annotations:"] + sample.annotations.map { "    \($0)" }
        let lines =
            ["# \(sample.shows)", "apiVersion: v1", "kind: Service", "metadata:", "  name: \(sample.name)"]
            + ["  namespace: default"] + annotations + ["spec:"]
            + ["  type: \(sample.nodePort == nil ? "ClusterIP" : "NodePort")", "  selector: {app: echo}"]
            + ["  clusterIP: \(addresses[0])"]
            + ["  clusterIPs: [\(addresses.map { "\"\($0)\"" }.joined(separator: ", "))]"]
            + ["  ipFamilies: [IPv4, IPv6]", "  ipFamilyPolicy: RequireDualStack"]
            + sample.spec.map { "  \($0)" } + ["  ports:"] + ports
        return lines.joined(separator: "\n") + "\n"
    }

    private func slices(_ sample: Sample) -> [String] {
        IPFamily.allCases.map { family in
            let type = family == .ipv4 ? "IPv4" : "IPv6"
            let endpoints = topology.plan.pods.enumerated().flatMap { index, pod in
                pod.addresses.filter { $0.family == family }.map { address in
                    let node = index == 0 ? topology.nodeNamespace : "\(topology.prefix)-elsewhere"
                    return "- {addresses: [\"\(address)\"], conditions: {ready: true}, nodeName: \(node)}"
                }
            }
            let ports = sample.protocols.map { "- {name: \($0), protocol: \(name($0)), port: \(target)}" }
            let lines =
                ["apiVersion: discovery.k8s.io/v1", "kind: EndpointSlice", "metadata:"]
                + ["  name: \(sample.name)-\(type.lowercased())", "  namespace: default"]
                + ["  labels: {kubernetes.io/service-name: \(sample.name)}", "addressType: \(type)"]
                + ["endpoints:"] + endpoints + ["ports:"] + ports
            return lines.joined(separator: "\n") + "\n"
        }
    }

    private var target: UInt16 { topology.ports.first ?? 8080 }

    private func name(_ proto: TransportProtocol) -> String { "\(proto)".uppercased() }
}
