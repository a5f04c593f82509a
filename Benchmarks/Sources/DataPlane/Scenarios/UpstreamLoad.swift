import Bench
import Glibc
import Processes

/// `nft -f` loading the same objects in the layout of per-service and per-endpoint chains.
enum UpstreamLoad {
    static let limit = Duration.seconds(180)

    /// `seconds`, and `timed-out` 1 if that is only a lower bound.
    static func run(_ size: Scenario.Size) throws -> Samples {
        let file = "/tmp/apus-bench-\(getpid()).nft"
        defer { unlink(file) }
        try TextFile.write(UpstreamLayout(cluster: SampleCluster(services: size.services)).text, to: file)
        let clock = ContinuousClock()
        let started = clock.now
        let finished = try FinishedProcess.run(.bench("/usr/sbin/nft", ["-f", file]), limit: limit)
        var samples = Samples()
        samples.add("seconds", (clock.now - started).seconds)
        switch finished.end {
        case .exit(0): samples.add("timed-out", 0)
        case .timeLimit: samples.add("timed-out", 1)
        default: throw BenchError("nft -f: \(finished.errorText.prefix(500))")
        }
        return samples
    }
}
