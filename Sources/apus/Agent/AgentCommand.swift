import ArgumentParser
import KubeClient
import Logging
import ServiceLifecycle
import SimulatedNodes
import Telemetry

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Run simulated nodes.",
        discussion: """
            Each node registers, sends heartbeats and lets the pods that are bound to it live as their annotations say:
            apus.dev/simulate-start-after, -ready, -ready-after, -run-for, -phase, -exit-code, -stop-after (seconds). A
            Node with the annotation apus.dev/simulate-silence=true says nothing more.

            Examples:
              apus agent --simulate 10 --kubeconfig admin.kubeconfig
              apus agent --simulate 5000 --zones a,b,c --capacity cpu=8,memory=32Gi,pods=50 --kubeconfig K
            """)

    @Option(help: "How many nodes to simulate.") var simulate: Int
    @Option(help: "The kubeconfig file.") var kubeconfig: String
    @Option(help: "What their names begin with.") var nodeNamePrefix = "sim-"
    @Option(help: "Zones to spread them over, separated by commas.") var zones = ""
    @Option(help: "Labels of each, as key=value, separated by commas.") var nodeLabels = ""
    @Option(help: "What each has: cpu, memory and pods as name=quantity, separated by commas.") var capacity = ""

    func validate() throws {
        guard (1...65_536).contains(simulate) else {
            throw ValidationError("--simulate \(simulate): give a number from 1 to 65536")
        }
    }

    func run() async throws {
        let logger = Logger(label: "agent") { _ in
            LineLogHandler(format: LogFormat(isJSON: false), settings: LogSettings())
        }
        var client = KubeClient.Options()
        client.userAgent = "apus-agent"
        client.environment = Environment.all
        client.qps = 0
        let kube = KubeClient(
            try Kubeconfig(contentsOf: kubeconfig).connection(), options: client, logger: logger)
        let simulation = NodeSimulation(try options(), client: kube, logger: logger)
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

    private func options() throws -> NodeSimulation.Options {
        var options = NodeSimulation.Options()
        options.count = simulate
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
