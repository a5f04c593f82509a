import ArgumentParser
import KubeAPI
import Scheduler
import Telemetry

struct SchedulerExplain: AsyncParsableCommand {
    enum Output: String, ExpressibleByArgument {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Print what every plugin says of every node for a pod.",
        discussion: """
            Reads the cluster once and changes nothing. A pod that has a node is judged as if it were new.

            Examples:
              apus scheduler explain web-0 --kubeconfig K
              apus scheduler explain web-0 -n shop -o json --kubeconfig K
            """)

    @Argument(help: "The pod's name.") var pod: String
    @Option(name: .shortAndLong, help: "The pod's namespace.") var namespace = "default"
    @OptionGroup var input: SchedulerInput
    @Option(name: .shortAndLong, help: "text or json.") var output = Output.text

    func run() async throws {
        let configuration = try input.configuration()
        let client = try input.client(configuration, logger: LogFormat.Choice.text.logger("scheduler"))
        let question = SchedulingQuestion(client: client, configuration: configuration)
        let answer: SchedulingQuestion.Answer?
        do {
            answer = try await question.ask(NamespacedName(namespace: namespace, name: pod))
        } catch {
            try? await client.shutdown()
            throw error
        }
        try? await client.shutdown()
        guard let answer else {
            throw ValidationError("there is no pod \(namespace)/\(pod); name another, or another namespace with -n")
        }
        switch output {
        case .text: print("\(answer.headline)\n\n\(answer.decision.explanation.table())", terminator: "")
        case .json: print(JSONWriter.text(answer.json))
        }
    }
}
