import Bench
import Glibc

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
        let ending = try ChildProcess.run("/usr/sbin/nft", ["-f", file], limit: limit)
        var samples = Samples()
        samples.add("seconds", (clock.now - started).seconds)
        switch ending {
        case .exited(code: 0, _): samples.add("timed-out", 0)
        case .exited(_, let output): throw BenchError("nft -f: \(output.prefix(500))")
        case .timedOut: samples.add("timed-out", 1)
        }
        return samples
    }
}
