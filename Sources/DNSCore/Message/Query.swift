/// What is asked.
public struct Question: Hashable, Sendable {
    public var name: DomainName
    public var type: RecordType

    public init(_ name: DomainName, _ type: RecordType) {
        self.name = name
        self.type = type
    }
}

/// A client's message.
public struct Query: Hashable, Sendable {
    public var id: UInt16
    /// The name is in the case it was asked in, which answers keep (0x20).
    public var question: Question
    public var recursionDesired = true
    public var checkingDisabled = false
    /// The client wants to know whether the data is authentic: the AD bit of the header (RFC 6840 section 5.7).
    public var authenticData = false
    /// nil without an OPT record.
    public var edns: EDNS?

    public init(id: UInt16, question: Question, edns: EDNS? = nil) {
        self.id = id
        self.question = question
        self.edns = edns
    }

    /// EDNS(0), RFC 6891.
    public struct EDNS: Hashable, Sendable {
        /// The largest datagram that the client takes; bytes.
        public var payloadSize: UInt16
        public var dnssecOK: Bool

        public init(payloadSize: UInt16 = Query.largestDatagram, dnssecOK: Bool = false) {
            self.payloadSize = payloadSize
            self.dnssecOK = dnssecOK
        }
    }

    /// What fits every path without fragments; bytes.
    public static let largestDatagram: UInt16 = 1232
    /// Without EDNS; bytes.
    static let smallestDatagram = 512

    /// The largest answer in a datagram; bytes.
    public var datagramLimit: Int {
        guard let edns else { return Self.smallestDatagram }
        return Int(min(max(edns.payloadSize, UInt16(Self.smallestDatagram)), Self.largestDatagram))
    }
}

/// What a server does about a message that arrives.
public enum Arrival: Hashable, Sendable {
    case query(Query)
    /// Answered with this, without a look at what is asked.
    case refusal([UInt8])
    /// Not answered: an answer itself, or no header.
    case ignored

    public init(_ bytes: [UInt8]) {
        guard bytes.count >= Header.length, bytes[2] & Header.isResponse == 0 else {
            self = .ignored
            return
        }
        guard bytes[2] >> 3 & 0xf == 0 else {
            self = .refusal(Self.refusal(bytes, .notImplemented))
            return
        }
        do {
            self = try Self.parse(bytes)
        } catch {
            self = .refusal(Self.refusal(bytes, .formatError))
        }
    }

    private static func parse(_ bytes: [UInt8]) throws(MalformedMessage) -> Arrival {
        var reader = MessageReader(bytes)
        let id = try reader.number16()
        let flags = (try reader.byte(), try reader.byte())
        guard try reader.number16() == 1 else { throw MalformedMessage("not one question") }
        let others = Int(try reader.number16()) + Int(try reader.number16())
        let additional = Int(try reader.number16())
        let question = Question(try reader.name(), RecordType(rawValue: try reader.number16()))
        let questionClass = try reader.number16()
        for _ in 0..<others { _ = try reader.record() }
        var query = Query(id: id, question: question)
        query.recursionDesired = flags.0 & Header.recursionDesired != 0
        query.checkingDisabled = flags.1 & Header.checkingDisabled != 0
        query.authenticData = flags.1 & Header.authenticData != 0
        for _ in 0..<additional {
            let record = try reader.record()
            guard record.type == .opt else { continue }
            guard query.edns == nil, record.name == .root else { throw MalformedMessage("a second OPT record") }
            query.edns = Query.EDNS(payloadSize: record.recordClass, dnssecOK: record.ttl & 0x8000 != 0)
            guard record.ttl >> 16 & 0xff == 0 else {
                return .refusal(Response(.badVersion).encoded(to: query, limit: query.datagramLimit))
            }
        }
        guard questionClass == Header.internetClass, !question.type.isTransfer, question.type != .opt else {
            return .refusal(Response(.refused).encoded(to: query, limit: query.datagramLimit))
        }
        return .query(query)
    }

    /// A header alone.
    private static func refusal(_ bytes: [UInt8], _ code: ResponseCode) -> [UInt8] {
        let kept = bytes[2] & (0x78 | Header.recursionDesired)
        return [bytes[0], bytes[1], Header.isResponse | kept, UInt8(truncatingIfNeeded: code.rawValue)]
            + Array(repeating: 0, count: 8)
    }
}
