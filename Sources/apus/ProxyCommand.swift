import ArgumentParser
import Glibc
import KubeClient
import Logging
import NetTypes
import NodeProxy
import ProxyCore
import ServiceLifecycle
import Telemetry

struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Run the node proxy, print what it would program, or explain an address.",
        subcommands: [ProxyRun.self, ProxyPlanCommand.self, ProxyExplain.self],
        defaultSubcommand: ProxyRun.self)
}

/// What all proxy subcommands take.
struct ProxyArguments: ParsableArguments {
    @Option(help: "A directory of YAML or JSON manifests with Services, EndpointSlices, Nodes.")
    var manifests: String?

    @Option(help: "A kubeconfig file; without it and without --manifests the in-cluster configuration is used.")
    var kubeconfig: String?

    @Option(help: "The API server's address, in place of the kubeconfig's.")
    var master: String?

    @Option(help: "This node's name, in place of the host name.")
    var hostnameOverride: String?

    @Option(help: "nftables.")
    var proxyMode = "nftables"

    @Option(help: "Prefixes of the cluster's pods, one or two separated by a comma.")
    var clusterCidr = ""

    @Option(help: "ClusterCIDR, NodeCIDR, BridgeInterface or InterfaceNamePrefix.")
    var detectLocalMode = "ClusterCIDR"

    @Option(help: "The bridge of the pods, for BridgeInterface.")
    var podBridgeInterface = ""

    @Option(help: "What the pods' interfaces begin with, for InterfaceNamePrefix.")
    var podInterfaceNamePrefix = ""

    @Option(help: "Prefixes of the addresses on which node ports answer, or 'primary'.")
    var nodeportAddresses = "primary"

    @Flag(help: "Masquerade all cluster-IP traffic.")
    var masqueradeAll = false

    @Option(help: "The bit of the packet mark that means masquerade, 0 to 31.")
    var iptablesMasqueradeBit: UInt8 = 14

    @Option(help: "The name of the nftables tables.")
    var nftablesTable = "kube-proxy"

    @Option(name: [.customLong("v"), .customShort("v")], help: "Verbosity of the log, 0 to 10.")
    var verbosity: UInt32 = 0

    @Option(help: "text or json.")
    var loggingFormat = "text"

    var logger: Logger {
        let settings = LogSettings(verbosity: verbosity)
        let format = LogFormat(isJSON: loggingFormat == "json")
        return Logger(label: "proxy") { _ in LineLogHandler(format: format, settings: settings) }
    }

    func settings() throws -> ProxySettings {
        guard proxyMode == "nftables" || proxyMode == "auto" else {
            throw ValidationError("--proxy-mode \(proxyMode) is not in this version; the modes there are: nftables, auto")
        }
        guard iptablesMasqueradeBit < 32 else { throw ValidationError("--iptables-masquerade-bit is 0 to 31") }
        return ProxySettings(
            nodeName: nodeName, nodePortCIDRs: nodeportAddresses == "primary" ? nil : try cidrs(nodeportAddresses, "--nodeport-addresses"),
            detector: try detector(), masqueradeAll: masqueradeAll, masqueradeBit: iptablesMasqueradeBit)
    }

    private var nodeName: String {
        if let hostnameOverride { return hostnameOverride.lowercased() }
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
    }

    private func detector() throws -> ProxySettings.DetectorSetting {
        switch detectLocalMode {
        case "ClusterCIDR": return .clusterCIDR(try cidrs(clusterCidr, "--cluster-cidr"))
        case "NodeCIDR": return .nodeCIDR
        case "BridgeInterface":
            guard !podBridgeInterface.isEmpty else {
                throw ValidationError("--detect-local-mode BridgeInterface needs --pod-bridge-interface")
            }
            return .bridge(podBridgeInterface)
        case "InterfaceNamePrefix":
            guard !podInterfaceNamePrefix.isEmpty else {
                throw ValidationError("--detect-local-mode InterfaceNamePrefix needs --pod-interface-name-prefix")
            }
            return .interfacePrefix(podInterfaceNamePrefix)
        default:
            throw ValidationError(
                "--detect-local-mode is ClusterCIDR, NodeCIDR, BridgeInterface or InterfaceNamePrefix, not '\(detectLocalMode)'")
        }
    }

    private func cidrs(_ text: String, _ flag: String) throws -> [CIDR] {
        try text.split(separator: ",").map { part in
            guard let cidr = CIDR(String(part)) else {
                throw ValidationError("\(flag): '\(part)' is not a prefix; write 10.244.0.0/16")
            }
            return cidr
        }
    }
}

struct ProxyRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Program this node's kernel, and keep it right.",
        discussion: """
            SIGTERM and SIGINT end the daemon; the rules stay, and the next start takes them over.

            Examples:
              apus proxy --kubeconfig /etc/kubernetes/proxy.conf --cluster-cidr 10.244.0.0/16
              apus proxy --manifests ./services --hostname-override node-1
              apus proxy --cleanup
            """)

    @OptionGroup var arguments: ProxyArguments

    @Flag(help: "Remove everything the proxy ever made in the kernel, and exit.")
    var cleanup = false

    func run() async throws {
        guard geteuid() == 0 else {
            throw ValidationError("apus proxy writes nftables rules and needs root (CAP_NET_ADMIN): run it with sudo")
        }
        if cleanup { return try ProxyCleanup.run(tableName: arguments.nftablesTable) }
        let logger = arguments.logger
        let daemon = ProxyDaemon(
            settings: try arguments.settings(), input: try input(logger), tableName: arguments.nftablesTable,
            logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [daemon], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    private func input(_ logger: Logger) throws -> ProxyDaemon.Input {
        if let directory = arguments.manifests { return .manifests(directory: directory) }
        return .kubernetes(KubeClient(try connection(), options: clientOptions, logger: logger))
    }

    private var clientOptions: KubeClient.Options {
        var options = KubeClient.Options()
        options.environment = Environment.all
        return options
    }

    private func connection() throws -> ServerConnection {
        if let file = arguments.kubeconfig {
            return try Kubeconfig(contentsOf: file).connection(master: arguments.master)
        }
        if let master = arguments.master {
            guard let server = ServerAddress(parsing: master) else {
                throw ValidationError("--master '\(master)' is not an address; write https://10.0.0.1:6443")
            }
            return ServerConnection(server: server)
        }
        return try InClusterConfig.connection(
            host: Environment.all["KUBERNETES_SERVICE_HOST"], port: Environment.all["KUBERNETES_SERVICE_PORT"])
    }
}

struct ProxyPlanCommand: ParsableCommand {
    enum Output: String, ExpressibleByArgument { case text, json, nft }

    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Print what would be programmed, without touching the kernel.",
        discussion: """
            Examples:
              apus proxy plan --manifests ./services
              apus proxy plan --manifests ./services -o nft | nft -c -f -
            """)

    @OptionGroup var arguments: ProxyArguments

    @Option(name: .shortAndLong, help: "text, json or nft.")
    var output = Output.text

    func run() throws {
        let plan = try arguments.plan()
        switch output {
        case .text: print(plan.summary, terminator: "")
        case .json: print(plan.json)
        case .nft: print(plan.nft, terminator: "")
        }
    }
}

struct ProxyExplain: ParsableCommand {
    enum Output: String, ExpressibleByArgument { case text, json }

    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tell where packets to an address go, and why.",
        discussion: """
            Compares what should be with what the kernel holds (the latter needs root).

            Examples:
              apus proxy explain --manifests ./services 10.96.0.10:80
              apus proxy explain --manifests ./services --from 10.244.1.7 --proto udp 10.96.0.10:53
            """)

    @OptionGroup var arguments: ProxyArguments

    @Argument(help: "ADDRESS:PORT")
    var destination: String

    @Option(help: "The source address of the packet.")
    var from: String?

    @Option(help: "tcp, udp or sctp.")
    var proto = "tcp"

    @Option(name: .shortAndLong, help: "text or json.")
    var output = Output.text

    func run() throws {
        guard let destination = AddressPort(destination) else {
            throw ValidationError("'\(destination)' is not ADDRESS:PORT; write 10.96.0.10:80 or [fd00:96::10]:80")
        }
        guard let proto = TransportProtocol(proto) else { throw ValidationError("--proto is tcp, udp or sctp") }
        let source = try from.map { text in
            guard let address = IPAddress(text) else { throw ValidationError("--from '\(text)' is not an address") }
            return address
        }
        let explanation = try arguments.plan().explain(
            ExplainQuery(destination: destination, proto: proto, source: source))
        switch output {
        case .text: print(explanation, terminator: "")
        case .json: print(try explanation.json)
        }
    }
}

extension ProxyArguments {
    /// The plan for `--manifests`; tells on stderr what could not be used.
    func plan() throws -> ProxyPlan {
        guard let manifests else {
            throw ValidationError("name a directory of manifests with --manifests")
        }
        let plan = try ProxyPlan(
            manifests: manifests, settings: try settings(), tableName: nftablesTable,
            localAddresses: try LocalAddresses.read(), logger: logger)
        for failure in plan.failures { StandardError.write("\(failure)\n") }
        for advice in plan.advice { StandardError.write("\(advice.subject.kind) \(advice.subject.name): \(advice.message)\n") }
        return plan
    }
}
