import ArgumentParser
import KubeAPI
import KubeClient
import LocalCluster
import Logging
import NodeProxy

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Draw what happens to an object, hop by hop, with times.",
        subcommands: [Pod.self])

    struct Pod: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pod", abstract: "Watch a pod from its creation until it serves.",
            discussion: """
                Started before the pod is there it waits, and times are when this client heard of each hop. Of a pod that
                is there it shows the times that its object tells, in whole seconds. Where a Service selects the pod, its
                EndpointSlice is a hop too; and on a cluster of 'apus up', as root, each proxy's write and DNS.

                Examples:
                  apus trace pod web & sleep 1; kubectl run web --image apus/lab:v1; wait
                  apus trace pod db-0 -n shop
                  apus trace pod web-0 --service
                """)

        @OptionGroup var access: AdministratorAccess
        @Argument(help: "The pod's name.") var name: String
        @Option(name: .shortAndLong, help: "Its namespace.") var namespace = "default"
        @Flag(help: "Wait for an EndpointSlice, whether a Service selects it yet or not.") var service = false
        @Option(help: "How long to wait.") var timeout = "2m"

        func run() async throws {
            guard let limit = GoDuration(timeout)?.duration, limit > .zero else {
                throw ValidationError("--timeout \(timeout) is no time as 30s or 2m")
            }
            let key = NamespacedName(namespace: namespace, name: name)
            let trace = try await access.withClient { client, logger in
                let server = client.connection.server
                let witness =
                    server.host == "127.0.0.1" ? TraceWitness(port: server.port, program: LabPlace.program) : nil
                return await PodTracer(client, witness: witness, logger: logger)
                    .trace(key, needsSlice: service, limit: limit)
            }
            guard trace.isDone(withSlice: service) else {
                let last = PodTrace.Hop.allCases.last { trace.hops[$0] != nil }
                throw ValidationError(
                    "\(key) was not ready after \(timeout); \(last.map { "it came as far as: \($0.rawValue)" } ?? "there is no such pod")"
                )
            }
            print(trace.drawing())
        }
    }
}
