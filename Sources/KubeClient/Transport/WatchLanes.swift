import AsyncHTTPClient
import Synchronization

/// The HTTP clients of a `KubeClient`, and how many watches each carries.
///
/// Over HTTP/2 the requests of one HTTP client share a connection, and a server limits how many do: kube-apiserver takes 1000,
/// gateways before it often 100. Watches do not end by themselves, so that what is beyond the limit would wait for good: a
/// client carries no more than `capacity` watches, and the first one other requests too.
final class WatchLanes: Sendable {
    static let capacity = 48

    private struct Lane {
        let http: HTTPClient
        /// Open once the first request was answered.
        let opened = Latch()
        var hasBegun = false
        var watches = 0
    }

    private let lanes: Mutex<[Lane]>
    private let make: @Sendable () -> HTTPClient

    /// - Parameter make: makes one more HTTP client.
    init(_ make: @escaping @Sendable () -> HTTPClient) {
        self.make = make
        lanes = Mutex([Lane(http: make())])
    }

    /// A lane for one watch more, until `leave`.
    func enter() -> Int {
        lanes.withLock { lanes in
            let free = lanes.firstIndex { $0.watches < Self.capacity }
            if free == nil { lanes.append(Lane(http: make())) }
            let lane = free ?? lanes.count - 1
            lanes[lane].watches += 1
            return lane
        }
    }

    func leave(_ lane: Int) { lanes.withLock { $0[lane].watches -= 1 } }

    /// Sends a request by a lane. A lane's first one goes alone, the others wait for its answer or failure: which HTTP the
    /// server speaks is known then, and fifty informers that start together do not open a connection each.
    func send<Answer>(
        on lane: Int, isolation: isolated (any Actor)? = #isolation, _ request: (HTTPClient) async throws -> Answer
    ) async throws -> Answer {
        let (http, opened, isFirst) = lanes.withLock { lanes in
            defer { lanes[lane].hasBegun = true }
            return (lanes[lane].http, lanes[lane].opened, !lanes[lane].hasBegun)
        }
        if !isFirst { await opened.wait() }
        defer { if isFirst { opened.open() } }
        return try await request(http)
    }

    /// Watches of each lane.
    var load: [Int] { lanes.withLock { $0.map(\.watches) } }

    func shutdown() async throws {
        for http in lanes.withLock({ $0.map(\.http) }) { try await http.shutdown() }
    }
}
