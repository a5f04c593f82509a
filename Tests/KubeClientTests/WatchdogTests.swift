import TestThreads
import Testing

@testable import KubeClient

@Suite(.ownThread, .timeLimit(.minutes(30))) struct WatchdogTests {
    @Test func cancelsWorkThatWaitsTooLong() async {
        await #expect(throws: Watchdog.Expired.self) {
            try await Watchdog(.milliseconds(20)).guarding { try await Task.sleep(for: .seconds(50)) }
        }
    }

    @Test func doesNotCancelBusyWork() async throws {
        let watchdog = Watchdog(.milliseconds(50))
        let isCancelled = try await watchdog.guarding {
            try watchdog.suspend()
            try? await Task.sleep(for: .milliseconds(200))
            return Task.isCancelled
        }
        #expect(!isCancelled)
    }

    @Test func refusesWorkOnceExpired() async throws {
        let watchdog = Watchdog(.milliseconds(10))
        _ = try? await watchdog.guarding { try? await Task.sleep(for: .milliseconds(100)) }
        watchdog.allow(.seconds(1))
        #expect(throws: Watchdog.Expired.self) { try watchdog.suspend() }
    }
}
