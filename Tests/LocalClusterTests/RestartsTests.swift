import Testing

@testable import LocalCluster

struct RestartsTests {
    @Test func aProcessThatLivedIsStartedSoon() {
        var restarts = Restarts()
        #expect(restarts.wait("proxy", now: .seconds(100)) == .zero)
        restarts.ended("proxy", after: .seconds(60), now: .seconds(100))
        #expect(restarts.wait("proxy", now: .seconds(100)) == .milliseconds(100))
        #expect(restarts.wait("proxy", now: .seconds(101)) == .zero)
        #expect(restarts.wait("agent", now: .seconds(100)) == .zero)
    }

    @Test func oneThatKeepsEndingWaitsLongerUpToALimit() {
        var restarts = Restarts()
        var pauses: [Duration] = []
        for _ in 0..<9 {
            restarts.ended("proxy", after: .milliseconds(5), now: .zero)
            pauses.append(restarts.wait("proxy", now: .zero))
        }
        #expect(pauses.prefix(4) == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(pauses.last == .seconds(10))
        restarts.ended("proxy", after: .seconds(11), now: .zero)
        #expect(restarts.wait("proxy", now: .zero) == .milliseconds(100))
    }

    @Test func whatShallNotRunIsForgotten() {
        var restarts = Restarts()
        restarts.ended("proxy", after: .zero, now: .zero)
        restarts.keep([])
        #expect(restarts == Restarts())
    }
}
