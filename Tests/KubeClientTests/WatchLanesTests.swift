import AsyncHTTPClient
import Testing

@testable import KubeClient

@Suite struct WatchLanesTests {
    @Test func aLaneCarriesNoMoreThanItsCapacity() async throws {
        let lanes = WatchLanes { HTTPClient() }
        let taken = (0..<2 * WatchLanes.capacity + 1).map { _ in lanes.enter() }
        #expect(lanes.load == [WatchLanes.capacity, WatchLanes.capacity, 1])
        // What becomes free is used first, and nothing is made anew.
        lanes.leave(taken[0])
        #expect(lanes.enter() == 0)
        for lane in taken { lanes.leave(lane) }
        #expect(lanes.load == [0, 0, 0])
        try await lanes.shutdown()
    }

    /// Also when the first one fails.
    @Test func othersWaitForTheFirst() async throws {
        struct Refused: Error {}
        let lanes = WatchLanes { HTTPClient() }
        let (first, mayEnd) = (Latch(), Latch())
        let order = Recorder<String>()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await lanes.send(on: 0) { _ in
                    first.open()
                    await mayEnd.wait()
                    order.record("first")
                    throw Refused()
                }
            }
            await first.wait()
            for _ in 0..<3 {
                group.addTask { try? await lanes.send(on: 0) { _ in order.record("other") } }
            }
            try? await Task.sleep(for: .milliseconds(50))
            #expect(order.elements.isEmpty)
            mayEnd.open()
        }
        #expect(order.elements == ["first", "other", "other", "other"])
        try await lanes.shutdown()
    }
}
