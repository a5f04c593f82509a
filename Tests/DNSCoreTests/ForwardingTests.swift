import NetTypes
import TestRandom
import Testing

@testable import DNSCore

@Suite struct ForwardingTests {
    static let servers = ["192.0.2.53:53", "192.0.2.54:53"].compactMap { AddressPort($0) }

    /// What another server answers to message `id`.
    static func answer(
        to text: String, _ addresses: [String], id: UInt16 = 9, ttl: UInt32 = 60, code: ResponseCode = .noError,
        authority: [ResourceRecord] = [], isTruncated: Bool = false
    ) -> [UInt8] {
        var response = Response(code)
        response.answers = addresses.compactMap { IPAddress($0) }.map {
            ResourceRecord(name(text), ttl: ttl, .address($0))
        }
        response.authority = authority
        let query = Query(id: id, question: Question(name(text), .a), edns: .init())
        var bytes = response.encoded(to: query, limit: 4096)
        if isTruncated { bytes[2] |= Header.isTruncated }
        return bytes
    }

    static func soa(ttl: UInt32, minimum: UInt32) -> ResourceRecord {
        ResourceRecord(
            name("example.com"), ttl: ttl,
            .soa(
                .init(
                    primary: name("ns.example.com"), mailbox: name("root.example.com"), serial: 1, refresh: 1, retry: 1,
                    expire: 1, minimum: minimum)))
    }

    static func question(_ text: String) -> ForwardedQuestion {
        ForwardedQuestion(Query(id: 1, question: Question(name(text), .a)))
    }

    typealias State = ForwardingState<String>
    private var random = SeededRandom(seed: 5)

    /// An effect, and the identifier of what was sent.
    private func sent(_ effect: State.Effect?) throws -> (State.Transmission, id: UInt16) {
        guard case .send(let transmission) = effect else { throw Failure(description: "\(String(describing: effect))") }
        return (transmission, UInt16(transmission.message[0]) << 8 | UInt16(transmission.message[1]))
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    @Test mutating func equalQuestionsGoOutOnce() throws {
        var state = State(servers: Self.servers)
        let effect = state.ask(Self.question("a.example.com"), "first", random: &random)
        let (transmission, id) = try sent(effect)
        #expect(transmission.server == Self.servers[0] && transmission.transport == .udp)
        let second = state.ask(Self.question("A.example.COM"), "second", random: &random)
        #expect(second == nil)
        let other = try sent(state.ask(Self.question("b.example.com"), "other", random: &random))
        #expect(other.0.flight != transmission.flight && other.id != id)
        let bytes = Self.answer(to: "a.example.com", ["192.0.2.1"], id: id)
        let end = state.received(bytes, flight: transmission.flight, attempt: 1, random: &random)
        guard case .finish(_, let question, let answer?, let waiters) = end else {
            throw Failure(description: "no end")
        }
        #expect(waiters == ["first", "second"] && question == Self.question("a.example.com"))
        #expect(answer.answers(of: .a, age: 0).map(\.text) == ["a.example.com 60 A 192.0.2.1"])
        #expect(state.count == 1)
    }

    @Test mutating func onlyItsOwnAnswerCounts() throws {
        var state = State(servers: Self.servers)
        let (transmission, id) = try sent(state.ask(Self.question("a.example.com"), "w", random: &random))
        let wrong = [
            Self.answer(to: "a.example.com", ["192.0.2.6"], id: id &+ 1),
            Self.answer(to: "b.example.com", ["192.0.2.6"], id: id), transmission.message, [], [0, 1],
        ]
        for bytes in wrong {
            let effect = state.received(bytes, flight: transmission.flight, attempt: 1, random: &random)
            #expect(effect == nil)
        }
        let right = Self.answer(to: "a.example.com", ["192.0.2.1"], id: id)
        let late = state.received(right, flight: transmission.flight, attempt: 2, random: &random)
        #expect(late == nil)
        let effect = state.received(right, flight: transmission.flight, attempt: 1, random: &random)
        guard case .finish = effect else { throw Failure(description: "not taken") }
    }

    @Test mutating func aSilentServerGivesWay() throws {
        var state = State(servers: Self.servers)
        var (transmission, id) = try sent(state.ask(Self.question("a.example.com"), "w", random: &random))
        var seen = [transmission.server]
        var ids: Set = [id]
        for attempt in 1...3 {
            (transmission, id) = try sent(state.failed(flight: transmission.flight, attempt: attempt, random: &random))
            seen.append(transmission.server)
            ids.insert(id)
        }
        #expect(seen == Self.servers + Self.servers)
        #expect(ids.count == 4)
        let end = state.failed(flight: transmission.flight, attempt: 4, random: &random)
        guard case .finish(_, _, nil, ["w"]) = end else { throw Failure(description: "\(String(describing: end))") }
        #expect(state.count == 0)
    }

    @Test mutating func theNextQuestionGoesToTheServerThatAnswers() throws {
        var state = State(servers: Self.servers)
        let first = try sent(state.ask(Self.question("a.example.com"), "w", random: &random)).0
        _ = try sent(state.failed(flight: first.flight, attempt: 1, random: &random))
        let next = try sent(state.ask(Self.question("b.example.com"), "w", random: &random)).0
        #expect(next.server == Self.servers[1])
    }

    @Test mutating func aTruncatedAnswerIsAskedForAgainByTCP() throws {
        var state = State(servers: Self.servers)
        let (first, id) = try sent(state.ask(Self.question("a.example.com"), "w", random: &random))
        let cut = Self.answer(to: "a.example.com", [], id: id, isTruncated: true)
        let (second, next) = try sent(state.received(cut, flight: first.flight, attempt: 1, random: &random))
        #expect(second.transport == .tcp && second.server == first.server)
        let whole = Self.answer(to: "a.example.com", ["192.0.2.1"], id: next)
        guard case .finish = state.received(whole, flight: first.flight, attempt: 2, random: &random) else {
            throw Failure(description: "not taken")
        }
    }

    /// SERVFAIL of one server is what clients hear only when the others know no better.
    @Test mutating func anotherServerMayKnowBetter() throws {
        var state = State(servers: Self.servers)
        var (transmission, id) = try sent(state.ask(Self.question("a.example.com"), "w", random: &random))
        for attempt in 1...4 {
            let refusal = Self.answer(to: "a.example.com", [], id: id, code: .refused)
            let effect = state.received(refusal, flight: transmission.flight, attempt: attempt, random: &random)
            guard attempt == 4 else {
                (transmission, id) = try sent(effect)
                continue
            }
            guard case .finish(_, _, let answer?, _) = effect else { throw Failure(description: "no end") }
            #expect(answer.code == .refused)
        }
    }

    @Test mutating func thereAreLimits() throws {
        var policy = State.Policy()
        policy.flights = 2
        policy.waitersPerFlight = 2
        var state = State(servers: Self.servers, policy: policy)
        _ = try sent(state.ask(Self.question("a.example.com"), "1", random: &random))
        _ = try sent(state.ask(Self.question("b.example.com"), "2", random: &random))
        let third = state.ask(Self.question("c.example.com"), "3", random: &random)
        guard case .refuse("3") = third else { throw Failure(description: "\(String(describing: third))") }
        let joined = state.ask(Self.question("a.example.com"), "4", random: &random)
        #expect(joined == nil)
        let crowded = state.ask(Self.question("a.example.com"), "5", random: &random)
        guard case .refuse("5") = crowded else { throw Failure(description: "\(String(describing: crowded))") }
    }

    // MARK: Answers and their cache

    private func parsed(_ bytes: [UInt8], _ text: String = "a.example.com") throws -> UpstreamAnswer {
        try #require(UpstreamAnswer(bytes, id: 9, to: Question(name(text), .a)))
    }

    @Test func aClientGetsItsOwnHead() throws {
        let answer = try parsed(Self.answer(to: "a.example.com", ["192.0.2.1"]))
        var query = Query(id: 0xabcd, question: Question(name("A.exAMple.com"), .a))
        query.checkingDisabled = true
        let plain = answer.encoded(to: query, age: 10, limit: 512)
        #expect(plain.prefix(4) == [0xab, 0xcd, 0x81, 0x90])
        #expect(plain[12...].starts(with: query.question.name.wire))
        #expect(plain[10...11] == [0, 0], "no OPT record for a client without EDNS")
        #expect(plain.suffix(10) == [0, 0, 0, 50, 0, 4, 192, 0, 2, 1])
        query.edns = .init(payloadSize: 1232)
        let extended = answer.encoded(to: query, age: 10, limit: 1232)
        #expect(extended.count == plain.count + 11 && extended[11] == 1)
        #expect(extended[..<10] == plain[..<10])
    }

    @Test func whatIsTooLargeSaysOnlySo() throws {
        let answer = try parsed(Self.answer(to: "a.example.com", (0..<60).map { "192.0.2.\($0)" }))
        let query = Query(id: 1, question: Question(name("a.example.com"), .a))
        let cut = answer.encoded(to: query, age: 0, limit: 512)
        #expect(cut[2] & Header.isTruncated != 0 && cut.count == 12 + 15 + 4)
        #expect(answer.encoded(to: query, age: 0, limit: 65535).count > 900)
    }

    @Test(
        arguments: [
            (ForwardingTests.answer(to: "a.example.com", ["192.0.2.1"], ttl: 60), 60, false),
            (ForwardingTests.answer(to: "a.example.com", ["192.0.2.1"], ttl: 100_000), 3600, false),
            (ForwardingTests.answer(to: "a.example.com", ["192.0.2.1"], ttl: 0x8000_0001), 0, false),
            (ForwardingTests.answer(to: "a.example.com", [], code: .nameError), 0, true),
            (
                ForwardingTests.answer(
                    to: "a.example.com", [], code: .nameError, authority: [ForwardingTests.soa(ttl: 900, minimum: 30)]),
                30,
                true
            ),
            (
                ForwardingTests.answer(
                    to: "a.example.com", [], authority: [ForwardingTests.soa(ttl: 20, minimum: 30)]), 20, true
            ),
        ] as [([UInt8], UInt32, Bool)])
    func answersLiveAsLongAsTheirRecords(bytes: [UInt8], lifetime: UInt32, isDenial: Bool) throws {
        let answer = try parsed(bytes)
        #expect(answer.lifetime == lifetime && answer.isDenial == isDenial)
    }

    @Test func theCacheForgetsInTime() throws {
        var cache = AnswerCache(capacity: 10)
        let answer = try parsed(Self.answer(to: "a.example.com", ["192.0.2.1"], ttl: 60))
        cache.insert(answer, to: Self.question("a.example.com"), at: 1000)
        #expect(cache.answer(to: Self.question("A.example.com"), at: 1059)?.age == 59)
        #expect(cache.answer(to: Self.question("a.example.com"), at: 1060) == nil)
        #expect(cache.answer(to: Self.question("b.example.com"), at: 1000) == nil)
        let refusal = try parsed(Self.answer(to: "a.example.com", [], code: .serverFailure))
        cache.insert(refusal, to: Self.question("c.example.com"), at: 1000)
        #expect(cache.answer(to: Self.question("c.example.com"), at: 1000) == nil)
    }

    @Test func theCacheIsBoundedAndKeepsWhatIsUsed() throws {
        var cache = AnswerCache(capacity: 8)
        let answer = try parsed(Self.answer(to: "a.example.com", ["192.0.2.1"], ttl: 60))
        cache.insert(answer, to: Self.question("hot.example.com"), at: 0)
        for number in 0..<100 {
            #expect(cache.answer(to: Self.question("hot.example.com"), at: 1) != nil)
            cache.insert(answer, to: Self.question("n\(number).example.com"), at: 1)
            #expect(cache.count <= 8)
        }
        #expect(cache.answer(to: Self.question("n99.example.com"), at: 1) != nil)
        #expect(cache.answer(to: Self.question("n5.example.com"), at: 1) == nil)
    }
}
