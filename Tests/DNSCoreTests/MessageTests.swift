import NetTypes
import TestRandom
import Testing

@testable import DNSCore

@Suite struct MessageTests {
    /// `wEb.shop.svc.cluster.local` A, with an OPT record.
    static let question = join(
        [0x12, 0x34],  // identifier
        [0x01, 0x20],  // RD; AD
        [0, 1, 0, 0, 0, 0, 0, 1],  // one question, one additional record
        name("wEb.shop.svc.cluster.local").wire,
        [0, 1, 0, 1],  // A IN
        [0, 0, 41],  // root, OPT
        [0x04, 0xd0],  // payload 1232
        [0, 0, 0x80, 0],  // version 0, DO
        [0, 0])  // no options

    static func join(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

    static func query(_ text: String, _ type: RecordType = .a, edns: Query.EDNS? = nil) -> Query {
        Query(id: 7, question: Question(name(text), type), edns: edns)
    }

    @Test func aQueryIsRead() throws {
        guard case .query(let query) = Arrival(Self.question) else {
            Issue.record("\(Arrival(Self.question))")
            return
        }
        #expect(query.id == 0x1234)
        #expect(query.question.name.description == "wEb.shop.svc.cluster.local")
        #expect(query.question.type == .a)
        #expect(query.recursionDesired && query.authenticData && !query.checkingDisabled)
        #expect(query.edns == Query.EDNS(payloadSize: 1232, dnssecOK: true))
    }

    /// The question as it was asked, the answer's name a pointer to it.
    @Test func anAnswerIsWritten() {
        guard case .query(let query) = Arrival(Self.question) else {
            Issue.record("another arrival")
            return
        }
        var response = Response()
        response.isAuthoritative = true
        response.answers = [ResourceRecord(query.question.name, ttl: 5, .address(IPAddress(10, 96, 0, 7)))]
        let expected = Self.join(
            [0x12, 0x34, 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 1], Array(Self.question[12..<44]),
            [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 96, 0, 7],  // pointer, A IN, 5 s, 4 bytes
            [0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0])
        #expect(response.encoded(to: query, limit: 1232) == expected)
    }

    @Test func laterNamesPointToEarlierOnes() throws {
        var response = Response()
        response.answers = [
            ResourceRecord(name("a.example.com"), ttl: 1, .cname(name("b.EXAMPLE.com"))),
            ResourceRecord(name("b.example.com"), ttl: 1, .mx(preference: 3, name("mail.b.example.com"))),
            ResourceRecord(
                name("b.example.com"), ttl: 1,
                .srv(.init(priority: 1, weight: 2, port: 3, target: name("b.example.com")))),
        ]
        let bytes = response.encoded(to: Self.query("a.example.com"), limit: 512)
        var reader = MessageReader(bytes, at: 12 + 15 + 4)
        for record in response.answers {
            let frame = try reader.record()
            let data = try reader.data(of: frame)
            #expect(frame.name.lowercased == record.name)
            #expect(data.text.lowercased() == record.data.text.lowercased())
        }
        #expect(reader.position == bytes.count)
        // 31 of head and question; pointer + 10 + label and pointer; pointer + 10 + 2 + label and pointer; an SRV target
        // in full.
        #expect(bytes.count == 31 + 16 + 21 + 12 + 6 + 15)
    }

    @Test func whatDoesNotFitIsCutAndSaidSo() throws {
        var response = Response()
        let owner = name("db.shop.svc.cluster.local")
        response.answers = (0..<100).map { ResourceRecord(owner, ttl: 5, .address(IPAddress(10, 0, 0, $0))) }
        let plain = response.encoded(to: Self.query("\(owner)"), limit: 512)
        #expect(plain.count <= 512 && plain.count > 512 - 16)
        #expect(plain[2] & Header.isTruncated != 0)
        #expect(Int(plain[7]) == (plain.count - 12 - 27 - 4) / 16)
        let extended = response.encoded(to: Self.query("\(owner)", edns: .init()), limit: 1232)
        #expect(extended.count <= 1232 && extended.suffix(11).starts(with: [0, 0, 41]))
        #expect(response.encoded(to: Self.query("\(owner)"), limit: 65535)[2] & Header.isTruncated == 0)
        // Additional records are no loss.
        response.additional = response.answers
        response.answers = []
        #expect(response.encoded(to: Self.query("\(owner)"), limit: 512)[2] & Header.isTruncated == 0)
    }

    @Test(arguments: [(nil, 512), (0, 512), (512, 512), (1000, 1000), (4096, 1232), (65535, 1232)] as [(UInt16?, Int)])
    func datagramsAreAsLargeAsTheClientTakes(payload: UInt16?, limit: Int) {
        #expect(Self.query("a", edns: payload.map { .init(payloadSize: $0) }).datagramLimit == limit)
    }

    @Test func whatIsNoQueryIsRefused() {
        func changed(_ change: (inout [UInt8]) -> Void) -> Arrival {
            var bytes = Self.question
            change(&bytes)
            return Arrival(bytes)
        }
        func code(_ arrival: Arrival) -> UInt8? {
            guard case .refusal(let bytes) = arrival else { return nil }
            return bytes[3] & 0xf
        }
        #expect(Arrival([]) == .ignored)
        #expect(Arrival(Array(Self.question.prefix(11))) == .ignored)
        #expect(changed { $0[2] |= 0x80 } == .ignored)
        #expect(code(changed { $0[2] = 0x28 }) == 4)  // UPDATE
        #expect(code(changed { $0[5] = 2 }) == 1)  // two questions
        #expect(code(changed { $0.removeLast() }) == 1)
        #expect(code(changed { $0[43] = 3 }) == 5)  // class CH
        #expect(code(changed { $0[41] = 252 }) == 5)  // AXFR
        // EDNS 1: BADVERS, whose upper bits are in the OPT record.
        guard case .refusal(let bytes) = changed({ $0[50] = 1 }) else {
            Issue.record("another arrival")
            return
        }
        #expect(bytes[3] & 0xf == 0)
        #expect(bytes.suffix(11)[bytes.count - 6] == 1)
    }

    @Test func pointersCannotLoop() {
        for target: UInt8 in [0, 11, 12, 13, 40] {
            let bytes = Self.join(Array(Self.question.prefix(12)), [1, 0x61, 0xc0, target, 0, 1, 0, 1])
            guard case .refusal = Arrival(bytes) else {
                Issue.record("a pointer to \(target) was followed")
                continue
            }
        }
    }

    /// 128 pointers, each to the one before, are read; the name is theirs.
    @Test func aChainOfPointersEnds() throws {
        var bytes = Self.join(Array(repeating: 0, count: 12), [1, 0x61, 0])
        var last = 12
        for _ in 0..<128 {
            let here = bytes.count
            bytes += [0xc0 | UInt8(last >> 8), UInt8(last & 0xff)]
            last = here
        }
        var reader = MessageReader(bytes, at: last)
        #expect(try reader.name() == name("a"))
        #expect(reader.position == bytes.count)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func anyBytesAreBorne(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let answer = ForwardingTests.answer(to: "www.example.com", ["192.0.2.1", "192.0.2.2"])
        for _ in 0..<4000 {
            var bytes = Bool.random(using: &random) ? Self.question : answer
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = Bool.random(using: &random) ? .random(in: 0...255, using: &random) : 0xc0
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            switch Arrival(bytes) {
            case .ignored: break
            case .refusal(let reply): #expect(reply.count >= 12)
            case .query(let query):
                let reply = Response(.refused).encoded(to: query, limit: query.datagramLimit)
                #expect(reply[3] & 0xf == 5)
                _ = ZoneTests.zone.answer(to: query.question)
            }
            if let parsed = UpstreamAnswer(bytes, id: 9, to: Question(name("www.example.com"), .a)) {
                #expect(parsed.encoded(to: Self.query("WWW.example.com"), age: 3, limit: 65535).count >= 12)
                #expect(parsed.answers(of: .a, age: 1).count <= 4)
            }
        }
    }

    @Test(
        arguments: [
            ("web.shop", "web.shop"), ("web.shop.", "web.shop"), (".", "."), ("", "."), ("a..b", nil), (".a", nil),
            (String(repeating: "a", count: 63), String(repeating: "a", count: 63)),
            (String(repeating: "a", count: 64), nil),
            (String(repeating: "abcdefg.", count: 31) + "abcde", String(repeating: "abcdefg.", count: 31) + "abcde"),
            (String(repeating: "abcdefg.", count: 31) + "abcdef", nil),
        ] as [(String, String?)])
    func namesAreReadFromText(text: String, expected: String?) {
        #expect(DomainName(text)?.description == expected)
    }

    @Test func oddBytesOfNamesAreEscaped() {
        #expect(DomainName(labels: [[0x61, 0x2e], [0x5c, 0x07]])?.description == "a\\046.\\092\\007")
    }
}
