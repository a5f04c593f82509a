import AgentCore
import KubeAPI
import KubeSchema
import Logging
import Threads

/// Ends pods whose emptyDir volumes on disk have grown beyond their `sizeLimit` (kubelet's local storage eviction). Volumes
/// in memory have their limit from the kernel.
struct StorageLimits: Sendable {
    let context: RunnerContext
    let registry: PodRegistry

    func enforce() async {
        for runner in await registry.all where !(await runner.isTerminating) {
            let pod = await runner.declaration
            for (name, limit) in Self.limits(of: pod) {
                let path = runner.paths.volume(name)
                let usage = (try? await OwnThread.wait { DiskUsage.bytes(below: path) }) ?? 0
                guard usage > limit.value else { continue }
                context.logger.warning(
                    "a pod's volume is too large", metadata: ["pod": "\(runner.key)", "volume": "\(name)"])
                await runner.receive(
                    .evicted(
                        reason: "Evicted",
                        message: "Usage of EmptyDir volume \"\(name)\" exceeds the limit \"\(limit.text)\". "))
                break
            }
        }
    }

    private static func limits(of pod: PodDeclaration) -> [(name: String, limit: Quantity)] {
        pod.volumes.compactMap { volume in
            guard let name = volume["name"]?.string, let empty = volume["emptyDir"],
                empty["medium"]?.string != "Memory",
                let limit = empty["sizeLimit"]?.string.flatMap({ try? Quantity(parsing: $0) }), limit.value > 0
            else { return nil }
            return (name, limit)
        }
    }
}
