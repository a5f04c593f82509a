import DNSCore
import Glibc
import Synchronization

/// What becomes of a client's message: answered from the zone or from what other servers said before, or forwarded.
final class Resolver: Sendable {
    enum Transport: Int, Hashable, Sendable, CaseIterable { case udp, tcp }

    enum Outcome {
        case ignore
        case reply([UInt8])
        case forward(ForwardedQuery)
    }

    private let cache: Mutex<AnswerCache>
    private let forwards: Bool
    let metrics: DNSMetrics

    /// `forwards`: whether there are other servers to ask.
    init(cacheCapacity: Int, forwards: Bool, metrics: DNSMetrics) {
        cache = Mutex(AnswerCache(capacity: cacheCapacity))
        self.forwards = forwards
        self.metrics = metrics
    }

    /// - Parameters:
    ///   - rotation: a number that changes from message to message.
    ///   - tally: counts what was asked and answered.
    func resolve(
        _ message: [UInt8], over transport: Transport, _ zone: Zone, rotation: Int, _ tally: inout DNSTally
    ) -> Outcome {
        switch Arrival(message) {
        case .ignored: return .ignore
        case .refusal(let reply):
            tally.count(nil, reply)
            return .reply(reply)
        case .query(let query):
            let outcome = resolve(query, over: transport, zone, rotation: rotation)
            if case .reply(let reply) = outcome { tally.count(query.question.type, reply) }
            return outcome
        }
    }

    private func resolve(_ query: Query, over transport: Transport, _ zone: Zone, rotation: Int) -> Outcome {
        let limit = transport == .udp ? query.datagramLimit : Int(UInt16.max)
        switch zone.answer(to: query.question, rotation: rotation, room: limit) {
        case .response(let response): return .reply(response.encoded(to: query, limit: limit))
        case .outside(let refusal):
            guard forwards, query.recursionDesired else { return .reply(refusal.encoded(to: query, limit: limit)) }
            return known(ForwardedQuery(query: query, question: ForwardedQuestion(query), limit: limit))
        case .alias(let response, let target):
            guard forwards else { return .reply(response.encoded(to: query, limit: limit)) }
            let question = ForwardedQuestion(query, Question(target, query.question.type))
            return known(ForwardedQuery(query: query, question: question, limit: limit, aliases: response))
        }
    }

    private func known(_ query: ForwardedQuery) -> Outcome {
        let hit = cache.withLock { $0.answer(to: query.question, at: Self.now) }
        metrics.looked(hit?.answer)
        guard let hit else { return .forward(query) }
        return .reply(query.reply(hit.answer, age: hit.age))
    }

    /// Keeps what another server answered.
    func keep(_ answer: UpstreamAnswer, to question: ForwardedQuestion) {
        let count = cache.withLock { cache in
            cache.insert(answer, to: question, at: Self.now)
            return cache.count
        }
        metrics.cacheEntries.set(count)
    }

    /// Seconds on a clock that only runs forward.
    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec)
    }
}

/// A client's query that other servers answer.
struct ForwardedQuery: Sendable {
    let query: Query
    let question: ForwardedQuestion
    /// The largest message the client takes; bytes.
    let limit: Int
    /// The zone's aliases that led to the question.
    var aliases: Response?

    /// nil: no server answered.
    func reply(_ answer: UpstreamAnswer?, age: UInt32) -> [UInt8] {
        guard let answer else { return Response(.serverFailure).encoded(to: query, limit: limit) }
        guard var response = aliases else { return answer.encoded(to: query, age: age, limit: limit) }
        response.code = answer.code
        response.answers += answer.answers(of: query.question.type, age: age)
        return response.encoded(to: query, limit: limit)
    }
}
