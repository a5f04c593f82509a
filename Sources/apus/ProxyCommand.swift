import ArgumentParser
import Logging
import NetTypes
import NodeProxy
import ProxyCore
import Telemetry

struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Run the node proxy, print what it would program, or explain an address.",
        subcommands: [ProxyRun.self, ProxyPlanCommand.self, ProxyExplain.self, ProxySwitch.self],
        defaultSubcommand: ProxyRun.self)
}

struct ProxyPlanCommand: AsyncParsableCommand {
    enum Output: String, ExpressibleByArgument {
        case text, json, nft, iptables, ipvs

        /// The modes whose program it can print; the first unless another is asked for.
        var modes: [ProxyMode] {
            switch self {
            case .text, .json: ProxyMode.allCases
            case .nft: [.nftables, .userspace, .auto]
            case .iptables: [.iptables]
            case .ipvs: [.ipvs]
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Print what would be programmed, without touching the kernel.",
        discussion: """
            Works from manifests, or from one look at an API server.

            Examples:
              apus proxy plan --manifests ./services
              apus proxy plan --kubeconfig ~/.kube/config --hostname-override node-1
              apus proxy plan --manifests ./services -o nft | nft -c -f -
            """)

    @OptionGroup var options: ProxyOptions

    @Option(
        name: .shortAndLong,
        help: """
            text, json, nft (for nft -f), iptables (for ipset restore and iptables-restore --noflush), or ipvs (as \
            ipvsadm, ipset and ip would be told).
            """)
    var output = Output.text

    func run() async throws {
        let plan = try await planned.plan()
        switch output {
        case .text: print(plan.summary, terminator: "")
        case .json: print(plan.json)
        case .nft: print(plan.nft, terminator: "")
        case .iptables: print(plan.iptables, terminator: "")
        case .ipvs: print(plan.ipvs, terminator: "")
        }
    }

    /// A form that belongs to one mode asks for that mode, unless another one is asked for.
    var planned: ProxyOptions {
        get throws {
            var planned = options
            if options.input.config == nil, options.proxying.proxyMode == nil, output.modes.count == 1 {
                planned.proxying.proxyMode = output.modes[0].rawValue
            }
            let mode = try planned.load().configuration.proxyMode
            guard output.modes.contains(mode) else {
                throw ValidationError(
                    "-o \(output.rawValue) prints the program of mode \(output.modes[0].rawValue), and the mode is "
                        + "\(mode.rawValue): use -o text or json, or choose one of both")
            }
            return planned
        }
    }
}

struct ProxyExplain: AsyncParsableCommand {
    enum Output: String, ExpressibleByArgument { case text, json }

    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tell where packets to an address go, and why.",
        discussion: """
            Asks the running daemon, or works from manifests or an API server when one is named; compares what should be
            with what the kernel holds.

            Examples:
              apus proxy explain 10.96.0.10:80
              apus proxy explain --manifests ./services 10.96.0.10:80
              apus proxy explain --manifests ./services --from 10.244.1.7 --proto udp 10.96.0.10:53
            """)

    @OptionGroup var options: ProxyOptions

    @Argument(help: "ADDRESS:PORT")
    var destination: String

    @Option(help: "The source address of the packet.")
    var from: String?

    @Option(help: "tcp, udp or sctp.")
    var proto = "tcp"

    @Option(name: .shortAndLong, help: "text or json.")
    var output = Output.text

    func run() async throws {
        guard let destination = AddressPort(destination) else {
            throw ValidationError("'\(destination)' is not ADDRESS:PORT; write 10.96.0.10:80 or [fd00:96::10]:80")
        }
        guard let proto = TransportProtocol(proto) else { throw ValidationError("--proto is tcp, udp or sctp") }
        let source = try from.map { text in
            guard let address = IPAddress(text) else { throw ValidationError("--from '\(text)' is not an address") }
            return address
        }
        guard options.input.manifests != nil || options.input.kubeconfig != nil || options.input.master != nil else {
            let query =
                "/explain?to=\(destination)&proto=\(proto)" + (source.map { "&from=\($0)" } ?? "")
                + (output == .json ? "&output=json" : "")
            return print(
                try DaemonQuestion.ask(query, at: options.load().configuration.metricsBindAddress),
                terminator: "")
        }
        let explanation = try await options.plan().explain(
            ExplainQuery(destination: destination, proto: proto, source: source))
        switch output {
        case .text: print(explanation, terminator: "")
        case .json: print(try explanation.json)
        }
    }
}

extension ProxyOptions {
    /// The plan for the manifests, or for what the API server has; tells on stderr what could not be used.
    func plan() async throws -> ProxyPlan {
        let configuration = try load().configuration
        let nodeName = configuration.nodeName(host: Host.name)
        let logger = LogFormat.Choice.text.logger("plan")
        let snapshot =
            switch source {
            case .manifests(let directory):
                try ProxySnapshot(manifests: directory, nodeName: nodeName, logger: logger)
            case .kubernetes(let access):
                try await ProxySnapshot(access, configuration, nodeName: nodeName, logger: logger)
            }
        let plan = ProxyPlan(
            snapshot, settings: configuration.proxySettings(nodeName: nodeName), mode: configuration.proxyMode,
            tableName: tableName,
            localAddresses: try LocalAddresses.read())
        for failure in snapshot.failures { StandardError.write("\(failure)\n") }
        for advice in plan.advice {
            StandardError.write("\(advice.subject.kind) \(advice.subject.name): \(advice.message)\n")
        }
        return plan
    }
}
