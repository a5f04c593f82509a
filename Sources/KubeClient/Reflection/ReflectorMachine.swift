/// Every time and number of a reflector; the defaults are client-go's where it has one.
public struct ReflectorPolicy: Sendable {
    /// Ask for the initial list as a stream (KEP-3157); a server that refuses gets LIST and WATCH.
    public var usesWatchList = true
    /// Items per LIST page.
    public var pageSize = 500
    /// `timeoutSeconds` of a watch is drawn from this range.
    public var watchTimeout: ClosedRange<Int> = 300...600
    /// A watch still open this long after its `timeoutSeconds` is a half-open connection.
    public var grace: Duration = .seconds(30)
    /// A streamed initial list silent for this long comes from a server that does not know it.
    public var initialSilence: Duration = .seconds(30)
    /// A watch that ends sooner is a failure, so that it cannot become a hot loop.
    public var shortestWatch: Duration = .seconds(1)
    /// Upper bound of the random delay before the watch is resumed after its connection broke.
    public var resumeJitter: Duration = .milliseconds(100)
    /// Delay between tries for a resource that the server does not serve.
    public var notServedDelay: Duration = .seconds(60)
    /// Refusals of the watch as "too large resource version" before the list is made anew.
    public var tooLargeLimit = 3
    public var backoff = Backoff.Policy()

    public init() {}
}

/// Decides what a reflector asks of the server next. Pure: the shell performs steps and reports how they ended.
///
///     start ─▶ initial (WatchList) ──bookmark──▶ watching ──end, silence──▶ watching (same revision)
///                │ refused                        │  ▲                     failure ─▶ wait ─▶ watching
///                ▼                          410   │  │ last page
///              listing ◀──────────────────────────┴──┘        (with WatchList: 410 ─▶ initial)
///
/// The revision survives every failure except 410, so that a restarted server sees one watch and no list.
struct ReflectorMachine {
    enum Step: Equatable {
        case list(ListQuery)
        case watch(WatchQuery)
        case wait(Duration)
    }

    struct ListQuery: Equatable {
        /// "" asks for the latest, "0" for any; nil with a continue token, which has its own.
        var resourceVersion: String?
        /// nil asks for everything in one answer.
        var limit: Int?
        var continuation: String?
    }

    struct WatchQuery: Equatable {
        var resourceVersion: String
        var sendsInitialEvents: Bool
        var timeoutSeconds: Int
    }

    enum Failure: Equatable {
        /// A Status, as HTTP answer or as ERROR event of a watch.
        case status(code: Int, retryAfter: Duration? = nil, isResourceVersionTooLarge: Bool = false)
        /// No answer, or one that cannot be read.
        case transport
    }

    enum WatchEnd: Equatable {
        /// The server ended the answer as HTTP says.
        case complete
        /// The connection broke.
        case broken
        /// Nothing came within the time the policy allows.
        case silent
    }

    private enum State {
        case listing(ListQuery)
        case initial(since: ContinuousClock.Instant)
        case watching(since: ContinuousClock.Instant)
        case waiting(Resumption)
    }

    private enum Resumption {
        case list(ListQuery)
        case initial
        case watch
    }

    let policy: ReflectorPolicy
    private var usesWatchList: Bool
    private var resourceVersion = ""
    private var tooLargeCount = 0
    private var backoff: Backoff
    private var state = State.waiting(.initial)

    init(policy: ReflectorPolicy) {
        self.policy = policy
        self.usesWatchList = policy.usesWatchList
        self.backoff = Backoff(policy.backoff)
    }

    /// The first step, and the next one after each `wait`. `random` is in 0..<1, here and below.
    mutating func proceed(at now: ContinuousClock.Instant, random: Double) -> Step {
        guard case .waiting(let resumption) = state else { return .wait(.zero) }
        switch resumption {
        case .list(let query): return list(query)
        case .initial: return replaceAll(at: now, random: random)
        case .watch: return watch(at: now, random: random)
        }
    }

    /// A page of the list was read to its end.
    mutating func listed(
        resourceVersion: String, continuation: String?, at now: ContinuousClock.Instant, random: Double
    ) -> Step {
        if let continuation, !continuation.isEmpty {
            return list(ListQuery(resourceVersion: nil, limit: policy.pageSize, continuation: continuation))
        }
        self.resourceVersion = resourceVersion
        return watch(at: now, random: random)
    }

    /// An object went by in a watch, whether it could be decoded or not. The objects of an initial list come in no
    /// order, so only the bookmark after them tells a revision.
    mutating func passed(resourceVersion: String) {
        guard case .watching = state, !resourceVersion.isEmpty else { return }
        self.resourceVersion = resourceVersion
    }

    /// A bookmark went by; true when it completes the initial list.
    mutating func passedBookmark(resourceVersion: String, endsInitialEvents: Bool) -> Bool {
        guard endsInitialEvents, case .initial(let since) = state else {
            passed(resourceVersion: resourceVersion)
            return false
        }
        state = .watching(since: since)
        passed(resourceVersion: resourceVersion)
        return true
    }

    /// The watch ended without an error from the server.
    mutating func watchEnded(_ end: WatchEnd, at now: ContinuousClock.Instant, random: Double) -> Step {
        switch state {
        case .initial:
            switch end {
            case .broken: return pause(.initial, at: now, random: random)
            case .complete: return pause(.list(wholeList), at: now, random: random)
            case .silent:
                usesWatchList = false
                return replaceAll(at: now, random: random)
            }
        case .watching(let since):
            if now - since < policy.shortestWatch { return pause(.watch, at: now, random: random) }
            tooLargeCount = 0
            guard end == .broken else { return watch(at: now, random: random) }
            state = .waiting(.watch)
            return .wait(policy.resumeJitter * random)
        case .listing, .waiting: return pause(.watch, at: now, random: random)
        }
    }

    /// The step failed.
    mutating func failed(_ failure: Failure, at now: ContinuousClock.Instant, random: Double) -> Step {
        switch state {
        case .listing(let query): listFailed(query, failure, at: now, random: random)
        case .initial: initialFailed(failure, at: now, random: random)
        case .watching(let since): watchFailed(failure, since: since, at: now, random: random)
        case .waiting(let resumption): pause(resumption, at: now, random: random)
        }
    }

    private mutating func listFailed(
        _ query: ListQuery, _ failure: Failure, at now: ContinuousClock.Instant, random: Double
    ) -> Step {
        var restart = query
        if query.continuation != nil { restart = firstPage(resourceVersion: "") }
        switch failure {
        case .status(410, _, _) where query.continuation != nil:
            // The list outlived its revision: ask for everything at once, as client-go's pager does.
            return list(everything(""))
        case .status(410, _, _) where query.resourceVersion != "",
            .status(_, _, true) where query.resourceVersion != "":
            return list(firstPage(resourceVersion: ""))
        default: return pause(.list(restart), after: failure, at: now, random: random)
        }
    }

    private mutating func initialFailed(
        _ failure: Failure, at now: ContinuousClock.Instant, random: Double
    ) -> Step {
        switch failure {
        case .status(400, _, _), .status(405, _, _), .status(406, _, _), .status(415, _, _), .status(422, _, _),
            .status(501, _, _):
            usesWatchList = false
            return replaceAll(at: now, random: random)
        case .status(410, _, _), .status(_, _, true): resourceVersion = ""
        default: break
        }
        return pause(.initial, after: failure, at: now, random: random)
    }

    private mutating func watchFailed(
        _ failure: Failure, since: ContinuousClock.Instant, at now: ContinuousClock.Instant, random: Double
    ) -> Step {
        switch failure {
        case .status(410, _, _):
            // The first expiry after a time of health is answered at once; the next ones back off.
            let isQuick = now - since >= policy.shortestWatch && backoff.isAtRest(at: now)
            let pause = pause(.initial, at: now, random: random)
            return isQuick ? .wait(policy.resumeJitter * random) : pause
        case .status(_, _, true):
            tooLargeCount += 1
            guard tooLargeCount > policy.tooLargeLimit else { break }
            tooLargeCount = 0
            resourceVersion = ""
            return pause(.initial, after: failure, at: now, random: random)
        default: break
        }
        return pause(.watch, after: failure, at: now, random: random)
    }

    /// Lists or streams all objects, at least as new as what was last seen.
    private mutating func replaceAll(at now: ContinuousClock.Instant, random: Double) -> Step {
        guard usesWatchList else { return list(wholeList) }
        state = .initial(since: now)
        return .watch(query(sendsInitialEvents: true, random: random))
    }

    private var wholeList: ListQuery {
        resourceVersion.isEmpty ? firstPage(resourceVersion: "0") : everything(resourceVersion)
    }

    private func firstPage(resourceVersion: String) -> ListQuery {
        ListQuery(resourceVersion: resourceVersion, limit: policy.pageSize, continuation: nil)
    }

    /// A limit together with a revision would mean exactly that revision, not one at least as new.
    private func everything(_ resourceVersion: String) -> ListQuery {
        ListQuery(resourceVersion: resourceVersion, limit: nil, continuation: nil)
    }

    private mutating func list(_ query: ListQuery) -> Step {
        state = .listing(query)
        return .list(query)
    }

    private mutating func watch(at now: ContinuousClock.Instant, random: Double) -> Step {
        state = .watching(since: now)
        return .watch(query(sendsInitialEvents: false, random: random))
    }

    private func query(sendsInitialEvents: Bool, random: Double) -> WatchQuery {
        let range = policy.watchTimeout
        let seconds = range.lowerBound + Int(Double(range.count) * random)
        return WatchQuery(
            resourceVersion: resourceVersion, sendsInitialEvents: sendsInitialEvents,
            timeoutSeconds: min(seconds, range.upperBound))
    }

    private mutating func pause(
        _ resumption: Resumption, after failure: Failure = .transport, at now: ContinuousClock.Instant, random: Double
    ) -> Step {
        state = .waiting(resumption)
        let delay = backoff.next(at: now, random: random)
        switch failure {
        case .status(404, _, _): return .wait(max(delay, policy.notServedDelay))
        case .status(_, let retryAfter?, _): return .wait(max(delay, retryAfter))
        default: return .wait(delay)
        }
    }
}
