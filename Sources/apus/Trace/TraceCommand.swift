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
                Start it before the pod is there: it waits. Times are when this client heard of each hop.

                Examples:
                  apus trace pod web & kubectl run web --image apus/lab:v1
                  apus trace pod db-0 -n shop --service
                """)

        @OptionGroup var access: AdministratorAccess
        @Argument(help: "The pod's name.") var name: String
        @Option(name: .shortAndLong, help: "Its namespace.") var namespace = "default"
        @Flag(help: "Wait until it is in an EndpointSlice too.") var service = false
        @Option(help: "How long to wait.") var timeout = "2m"

        func run() async throws {
            guard let limit = GoDuration(timeout)?.duration, limit > .zero else {
                throw ValidationError("--timeout \(timeout) is no time as 30s or 2m")
            }
            let key = NamespacedName(namespace: namespace, name: name)
            let trace = try await access.withClient { client, logger in
                await PodTracer(client, logger: logger).trace(key, withSlice: service, limit: limit)
            }
            guard trace.isDone(withSlice: service) else {
                let last = PodTrace.Hop.allCases.last { trace.times[$0] != nil }
                throw ValidationError(
                    "\(key) was not ready after \(timeout); \(last.map { "it came as far as: \($0.rawValue)" } ?? "there is no such pod")"
                )
            }
            print(trace.drawing())
        }
    }
}
