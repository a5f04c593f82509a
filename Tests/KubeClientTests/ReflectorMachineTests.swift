import Testing

@testable import KubeClient

/// One remark per transition: what happened, and what the machine asks for next.
@Suite struct ReflectorMachineTests {
    private typealias Machine = ReflectorMachine
    private let start = ContinuousClock.now

    private func machine(watchList: Bool = true) -> ReflectorMachine {
        var policy = ReflectorPolicy()
        policy.usesWatchList = watchList
        return ReflectorMachine(policy: policy)
    }

    private func firstPage(_ version: String) -> ReflectorMachine.Step {
        .list(.init(resourceVersion: version, limit: 500, continuation: nil))
    }

    private func everything(_ version: String) -> ReflectorMachine.Step {
        .list(.init(resourceVersion: version, limit: nil, continuation: nil))
    }

    private func watch(_ version: String, initial: Bool = false) -> ReflectorMachine.Step {
        .watch(.init(resourceVersion: version, sendsInitialEvents: initial, timeoutSeconds: 300))
    }

    /// A machine that has listed at revision 10 and watches.
    private func watching(watchList: Bool = false) -> ReflectorMachine {
        var machine = machine(watchList: watchList)
        _ = machine.proceed(at: start, random: 0)
        if watchList {
            _ = machine.passedBookmark(resourceVersion: "10", endsInitialEvents: true)
        } else {
            _ = machine.listed(resourceVersion: "10", continuation: nil, at: start, random: 0)
        }
        return machine
    }

    @Test func streamsTheInitialList() {
        var machine = machine()
        #expect(machine.proceed(at: start, random: 0) == watch("", initial: true))
        machine.passed(resourceVersion: "8")
        let bookmarks = [("9", false), ("10", true), ("11", true)].map {
            machine.passedBookmark(resourceVersion: $0, endsInitialEvents: $1)
        }
        #expect(bookmarks == [false, true, false])
        #expect(machine.watchEnded(.complete, at: start + .seconds(400), random: 0) == watch("11"))
    }

    @Test(arguments: [400, 405, 406, 415, 422, 501])
    func listsWhenTheServerRefusesTheStream(code: Int) {
        var machine = machine()
        _ = machine.proceed(at: start, random: 0)
        #expect(machine.failed(.status(code: code), at: start, random: 0) == firstPage("0"))
        #expect(machine.listed(resourceVersion: "5", continuation: "", at: start, random: 0) == watch("5"))
        // The refusal is remembered.
        _ = machine.failed(.status(code: 410), at: start, random: 0)
        #expect(machine.proceed(at: start, random: 0) == everything("5"))
    }

    @Test func listsWhenTheServerIgnoresTheStream() {
        var machine = machine()
        _ = machine.proceed(at: start, random: 0)
        #expect(machine.watchEnded(.silent, at: start + .seconds(30), random: 0) == firstPage("0"))
    }

    @Test func listsWhenTheStreamEndsBeforeItsBookmark() {
        var machine = machine()
        _ = machine.proceed(at: start, random: 0)
        machine.passed(resourceVersion: "7")
        #expect(machine.watchEnded(.complete, at: start, random: 0) == .wait(.milliseconds(400)))
        #expect(machine.proceed(at: start, random: 0) == firstPage("0"))
        // The stream is tried again the next time everything is needed.
        _ = machine.listed(resourceVersion: "5", continuation: nil, at: start, random: 0)
        _ = machine.failed(.status(code: 410), at: start, random: 0)
        #expect(machine.proceed(at: start, random: 0) == watch("5", initial: true))
    }

    @Test func aBrokenStreamBeginsAgain() {
        var machine = machine()
        _ = machine.proceed(at: start, random: 0)
        machine.passed(resourceVersion: "7")
        #expect(machine.watchEnded(.broken, at: start, random: 0) == .wait(.milliseconds(400)))
        #expect(machine.proceed(at: start, random: 0) == watch("", initial: true))
    }

    @Test func followsPages() {
        var machine = machine(watchList: false)
        #expect(machine.proceed(at: start, random: 0) == firstPage("0"))
        #expect(
            machine.listed(resourceVersion: "5", continuation: "next", at: start, random: 0)
                == .list(.init(resourceVersion: nil, limit: 500, continuation: "next")))
        // The continue token expired: everything at once; and if that fails, again everything, after a pause.
        #expect(machine.failed(.status(code: 410), at: start, random: 0) == everything(""))
        #expect(machine.failed(.transport, at: start, random: 0) == .wait(.milliseconds(400)))
        #expect(machine.proceed(at: start, random: 0) == everything(""))
        #expect(machine.listed(resourceVersion: "6", continuation: nil, at: start, random: 0) == watch("6"))
    }

    @Test func aBrokenPageStartsTheListAgain() {
        var machine = machine(watchList: false)
        _ = machine.proceed(at: start, random: 0)
        _ = machine.listed(resourceVersion: "5", continuation: "next", at: start, random: 0)
        #expect(machine.failed(.transport, at: start, random: 0) == .wait(.milliseconds(400)))
        #expect(machine.proceed(at: start, random: 0) == firstPage(""))
    }

    @Test func resumesFromTheLastRevision() {
        var machine = watching()
        machine.passed(resourceVersion: "12")
        machine.passed(resourceVersion: "")
        #expect(machine.watchEnded(.complete, at: start + .seconds(2), random: 0) == watch("12"))
        #expect(machine.watchEnded(.silent, at: start + .seconds(400), random: 0) == watch("12"))
        #expect(machine.watchEnded(.broken, at: start + .seconds(800), random: 0.5) == .wait(.milliseconds(50)))
        #expect(machine.proceed(at: start + .seconds(800), random: 0) == watch("12"))
    }

    @Test func shortWatchesBackOff() {
        var machine = watching()
        var delays: [Duration] = []
        for _ in 0..<4 {
            guard case .wait(let delay) = machine.watchEnded(.complete, at: start, random: 0) else { break }
            delays.append(delay)
            _ = machine.proceed(at: start, random: 0)
        }
        #expect(delays == [.milliseconds(400), .milliseconds(800), .milliseconds(1600), .milliseconds(3200)])
    }

    @Test(arguments: [
        ReflectorMachine.Failure.transport, .status(code: 500), .status(code: 503), .status(code: 401),
        .status(code: 403),
    ])
    func failuresKeepTheRevision(failure: ReflectorMachine.Failure) {
        var machine = watching()
        #expect(machine.failed(failure, at: start, random: 0) == .wait(.milliseconds(400)))
        #expect(machine.proceed(at: start, random: 0) == watch("10"))
    }

    @Test func heedsRetryAfter() {
        var machine = watching()
        #expect(machine.failed(.status(code: 429, retryAfter: .seconds(7)), at: start, random: 0) == .wait(.seconds(7)))
    }

    @Test(arguments: [true, false]) func expiryBringsANewListAtLeastAsNew(watchList: Bool) {
        var machine = watching(watchList: watchList)
        let later = start + .seconds(100)
        #expect(machine.failed(.status(code: 410), at: later, random: 0.5) == .wait(.milliseconds(50)))
        #expect(machine.proceed(at: later, random: 0) == (watchList ? watch("10", initial: true) : everything("10")))
        // That revision is unknown too: then whatever is the latest.
        let next = machine.failed(.status(code: 410), at: later, random: 0)
        if watchList {
            #expect(next == .wait(.milliseconds(800)))
            #expect(machine.proceed(at: later, random: 0) == watch("", initial: true))
        } else {
            #expect(next == firstPage(""))
        }
    }

    @Test func repeatedExpiryBacksOff() {
        var machine = watching()
        var now = start
        var delays: [Duration] = []
        for _ in 0..<5 {
            now += .seconds(2)
            guard case .wait(let delay) = machine.failed(.status(code: 410), at: now, random: 0) else { break }
            delays.append(delay)
            now += delay
            _ = machine.proceed(at: now, random: 0)
            _ = machine.listed(resourceVersion: "10", continuation: nil, at: now, random: 0)
        }
        #expect(delays == [0, 800, 1600, 3200, 6400].map { .milliseconds($0) })
    }

    @Test func aRevisionFromTheFutureIsAskedForAgainAndThenGivenUp() {
        var machine = watching()
        let tooLarge = ReflectorMachine.Failure.status(code: 504, isResourceVersionTooLarge: true)
        for _ in 0..<3 {
            _ = machine.failed(tooLarge, at: start, random: 0)
            #expect(machine.proceed(at: start, random: 0) == watch("10"))
        }
        _ = machine.failed(tooLarge, at: start, random: 0)
        #expect(machine.proceed(at: start, random: 0) == firstPage("0"))
    }

    @Test func aListFromTheFutureTakesTheLatest() {
        var machine = machine(watchList: false)
        _ = machine.proceed(at: start, random: 0)
        let tooLarge = ReflectorMachine.Failure.status(code: 504, isResourceVersionTooLarge: true)
        #expect(machine.failed(tooLarge, at: start, random: 0) == firstPage(""))
    }

    @Test func anUnknownResourceIsAskedForSeldom() {
        var machine = machine()
        _ = machine.proceed(at: start, random: 0)
        #expect(machine.failed(.status(code: 404), at: start, random: 0) == .wait(.seconds(60)))
    }

    @Test(arguments: [0.0, 0.5, 0.999_999_999]) func watchTimeoutsStayInTheirRange(random: Double) {
        var machine = machine()
        guard case .watch(let query) = machine.proceed(at: start, random: random) else {
            Issue.record("no watch")
            return
        }
        #expect((300...600).contains(query.timeoutSeconds))
    }

    /// Whatever happens, in any order: two steps that go to the network are never closer than the policy allows
    /// unless the one before brought something.
    @Test func failuresAlwaysPause() {
        var machine = machine()
        var now = start
        var withoutPause = 0
        _ = machine.proceed(at: now, random: 0)
        for round in 0..<500 {
            let codes = [410, 500, 429, 404, 410, 400]
            let step = machine.failed(.status(code: codes[round % codes.count]), at: now, random: 0)
            if case .wait(let delay) = step {
                withoutPause = 0
                now += delay
                _ = machine.proceed(at: now, random: 0)
            } else {
                withoutPause += 1
            }
            #expect(withoutPause <= 2)
        }
    }
}
