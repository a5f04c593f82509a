import Glibc
import Lab
import Namespaces
import NetTypes
import Synchronization
import Threads

@testable import LocalCluster

/// Does something again and again on a thread of its own until stopped, and adds up what came of it.
final class BackgroundWork<Outcome: Sendable>: Sendable {
    private final class Tally: Sendable {
        let outcome: Mutex<Outcome>
        let isStopped = Mutex(false)

        init(_ outcome: Outcome) { self.outcome = Mutex(outcome) }
    }

    private let tally: Tally
    private let thread: OwnThread

    /// - Parameter step: gets the number of the round; what it returns is applied to the outcome.
    init(_ outcome: Outcome, step: @escaping @Sendable (Int) -> @Sendable (inout Outcome) -> Void) throws {
        let tally = Tally(outcome)
        self.tally = tally
        thread = try OwnThread {
            var round = 0
            while !tally.isStopped.withLock({ $0 }) {
                let change = step(round)
                tally.outcome.withLock { change(&$0) }
                round += 1
                usleep(20_000)
            }
        }
    }

    func stop() -> Outcome {
        tally.isStopped.withLock { $0 = true }
        thread.join()
        return tally.outcome.withLock { $0 }
    }
}

struct RequestTally: Sendable {
    var replies = 0
    var failed = 0
}

extension RealCluster {
    /// Requests to the sample's node port.
    func requestsInBackground() throws -> BackgroundWork<RequestTally> {
        let namespace = layout.controlNamespace
        return try BackgroundWork(RequestTally()) { _ in
            let target = AddressPort(ClusterLayout.nodeAddress(1), SampleObjects.nodePort)
            let summary = try? NetworkNamespace.named(namespace).run {
                RequestSummary.request(Probe(.tcp, target, timeout: .seconds(8)), count: 2)
            }
            let replies = summary?.replies ?? 0
            return {
                $0.replies += replies
                $0.failed += 2 - replies
            }
        }
    }

    /// Makes ConfigMaps; the names of those that the API server said are made.
    func writesInBackground() throws -> BackgroundWork<[String]> {
        let kubeconfig = layout.kubeconfig
        return try BackgroundWork([]) { round in
            let name = "written-\(round)"
            let isMade = (try? Self.kubectl(["create", "configmap", name], kubeconfig, seconds: 20)) != nil
            return { if isMade { $0.append(name) } }
        }
    }
}
