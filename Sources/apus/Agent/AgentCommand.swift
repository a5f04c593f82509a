import ArgumentParser
import KubeClient
import Logging
import ServiceLifecycle
import SimulatedNodes
import Telemetry

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Run the pods of this node, or simulated nodes.",
        discussion: """
            A node runs the pods that the API server binds to it, those of a folder of manifests, or both. Pods go on when
            the agent ends, and the next one takes them up. SIGTERM ends it.

            With --simulate each node registers, sends heartbeats and lets the pods that are bound to it live as their
            annotations say: apus.dev/simulate-start-after, -ready, -ready-after, -run-for, -phase, -exit-code, -stop-after
            (seconds). A Node with the annotation apus.dev/simulate-silence=true says nothing more.

            Examples:
              apus agent --kubeconfig node.kubeconfig
              apus agent --pod-manifest-path ./pods --pod-cidr 10.244.0.0/24
              apus agent --simulate 10 --kubeconfig admin.kubeconfig
              apus agent --simulate 5000 --zones a,b,c --capacity cpu=8,memory=32Gi,pods=50 --kubeconfig K
            """)

    @Option(help: "The kubeconfig file.") var kubeconfig: String?
    @Option(help: "Labels of each node, as key=value, separated by commas.") var nodeLabels = ""
    @OptionGroup var node: NodeAgentFlags
    @Option(help: "Simulate that many nodes, without containers.") var simulate: Int?
    @Option(help: "What their names begin with.") var nodeNamePrefix = "sim-"
    @Option(help: "Zones to spread them over, separated by commas.") var zones = ""
    @Option(help: "What each has: cpu, memory and pods as name=quantity, separated by commas.") var capacity = ""
    @OptionGroup var logging: LoggingOptions

    func validate() throws {
        if let simulate {
            guard (1...65_536).contains(simulate) else {
                throw ValidationError("--simulate \(simulate): give a number from 1 to 65536")
            }
            guard kubeconfig != nil else { throw ValidationError("--simulate needs --kubeconfig") }
        } else if kubeconfig == nil, node.podManifestPath == nil {
            throw ValidationError("give --kubeconfig, --pod-manifest-path, or both: there are no pods otherwise")
        }
    }

    func run() async throws {
        let logger = logging.logger("agent")
        guard let simulate, let kubeconfig else {
            let labels = try pairs(nodeLabels, "node-labels")
            return try await NodeAgentRun(flags: node, kubeconfig: kubeconfig, labels: labels, logger: logger).run()
        }
        try await runSimulation(simulate, kubeconfig, logger)
    }

    private func runSimulation(_ count: Int, _ kubeconfig: String, _ logger: Logger) async throws {
        let kube = Self.client(try Kubeconfig(contentsOf: kubeconfig).connection(), logger)
        let simulation = NodeSimulation(try options(count), client: kube, logger: logger)
        let service = TaskService(logger: logger) { await simulation.run() }
        let group = ServiceGroup(
            configuration: .init(services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        )
        do {
            try await group.run()
        } catch {
            try? await kube.shutdown()
            throw error
        }
        try? await kube.shutdown()
    }

    static func client(_ connection: ServerConnection, _ logger: Logger) -> KubeClient {
        var options = KubeClient.Options()
        options.userAgent = "apus-agent"
        options.environment = Environment.all
        options.qps = 0
        return KubeClient(connection, options: options, logger: logger)
    }

    private func options(_ count: Int) throws -> NodeSimulation.Options {
        var options = NodeSimulation.Options()
        options.count = count
        options.namePrefix = nodeNamePrefix
        options.zones = zones.split(separator: ",").map(String.init)
        options.labels = try pairs(nodeLabels, "node-labels")
        for (name, amount) in try pairs(capacity, "capacity") {
            switch name {
            case "cpu": options.capacity.cpu = amount
            case "memory": options.capacity.memory = amount
            case "pods": options.capacity.pods = amount
            default: throw ValidationError("--capacity \(name): there are cpu, memory and pods")
            }
        }
        return options
    }

    private func pairs(_ text: String, _ flag: String) throws -> [String: String] {
        var pairs: [String: String] = [:]
        for part in text.split(separator: ",") {
            let halves = part.split(separator: "=", maxSplits: 1)
            guard halves.count == 2 else { throw ValidationError("--\(flag) \(part): write it as key=value") }
            pairs[String(halves[0])] = String(halves[1])
        }
        return pairs
    }
}
