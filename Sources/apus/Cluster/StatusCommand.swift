import ArgumentParser
import Foundation
import LocalCluster

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the cluster of this machine: its parts, nodes, pods and Services.",
        discussion: """
            Examples:
              apus status
              apus status -o json
            """)

    enum Output: String, ExpressibleByArgument, CaseIterable { case text, json }

    @OptionGroup var flags: ClusterFlags
    @Option(name: .shortAndLong, help: "text or json.") var output = Output.text

    func run() async throws {
        let cluster = try flags.cluster("status")
        let settings = try cluster.current()
        let keeper = ClusterStatus.Part(
            name: "keeper", namespace: "", ports: [ClusterLayout.keeperPort], pid: cluster.layout.keeper?.pid)
        let parts = try cluster.layout.components(settings).map { component in
            ClusterStatus.Part(
                name: component.name, namespace: component.namespace, ports: component.ports,
                pid: try cluster.layout.runningProcess(component)?.pid)
        }
        var status = ClusterStatus(settings: settings, parts: [keeper] + parts)
        try await cluster.withAPI { api in
            guard await api.isReady() else { return }
            status.isServing = true
            status.nodes = try await api.nodes()
            status.pods = try await api.pods()
            status.services = try await api.services()
        }
        switch output {
        case .text: print(status.text(isColoured: isatty(STDOUT_FILENO) == 1))
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(status), as: UTF8.self))
        }
    }
}

/// A cluster at a glance.
struct ClusterStatus: Codable {
    struct Part: Codable {
        let name: String
        /// Empty for the machine's own.
        let namespace: String
        let ports: [UInt16]
        /// nil when it does not run.
        let pid: Int32?
    }

    let settings: ClusterSettings
    let parts: [Part]
    var isServing = false
    var nodes: [NodeView] = []
    var pods: [PodView] = []
    var services: [ServiceView] = []

    func text(isColoured: Bool) -> String {
        let mark = StatusMark(isColoured: isColoured)
        var sections = [
            section(
                ["PART", "NAMESPACE", "PORTS", "PROCESS"],
                parts.map { part in
                    [
                        part.name, part.namespace, part.ports.map { "\($0)" }.joined(separator: ","),
                        mark.process(part.pid),
                    ]
                })
        ]
        guard isServing else { return sections[0] + "\n\n" + mark.bad("The API server does not answer.") }
        sections.append(
            section(
                ["NODE", "ADDRESS", "PODS", ""],
                nodes.map { node in
                    [
                        node.name, node.address, node.podCIDR,
                        state(of: node, mark),
                    ]
                }))
        sections.append(
            section(
                ["POD", "NODE", "ADDRESS", "RESTARTS", ""],
                pods.map { pod in
                    ["\(pod.namespace)/\(pod.name)", pod.node, pod.address, "\(pod.restarts)", mark.state(of: pod)]
                }))
        sections.append(
            section(
                ["SERVICE", "TYPE", "ADDRESS", "EXTERNAL", "PORTS"],
                services.map { service in
                    [
                        "\(service.namespace)/\(service.name)", service.type, service.clusterIP,
                        service.externalIPs.joined(separator: ","), service.ports.joined(separator: ","),
                    ]
                }))
        return sections.joined(separator: "\n\n")
    }

    /// What was done to it says more than what the API server knows yet.
    private func state(of node: NodeView, _ mark: StatusMark) -> String {
        let kept = settings.nodes.first { ClusterLayout.nodeName($0.number) == node.name }
        if kept?.isStopped == true { return mark.bad("stopped") }
        if kept?.isCut == true { return mark.bad("cut off") }
        return node.isReady ? mark.good("ready") : mark.bad("not ready")
    }

    private func section(_ head: [String], _ rows: [[String]]) -> String {
        let rows = [head] + rows
        let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { $0 == row.count - 1 ? row[$0] : row[$0].padded(to: widths[$0]) }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

/// Green and red where a terminal shows them.
struct StatusMark {
    let isColoured: Bool

    func good(_ text: String) -> String { isColoured ? "\u{1B}[32m\(text)\u{1B}[0m" : text }
    func bad(_ text: String) -> String { isColoured ? "\u{1B}[31m\(text)\u{1B}[0m" : text }
    func state(of pod: PodView) -> String {
        if pod.isCompleted { return "completed" }
        return pod.isReady && pod.state == "Running" ? good("ready") : bad(pod.state)
    }
    func process(_ pid: Int32?) -> String { pid.map { good("\($0)") } ?? bad("does not run") }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
