/// What another name server answered: kept as it came, without its OPT record (which is between it and us), and told to
/// each client with the client's identifier, the client's spelling of the name, and TTLs that have gone down.
public struct UpstreamAnswer: Hashable, Sendable {
    private let message: [UInt8]
    public let code: ResponseCode
    /// It did not fit a datagram.
    let isTruncated: Bool
    /// The name does not exist, or has no records of the type.
    public let isDenial: Bool
    /// How long it may be kept, seconds; 0 for not at all.
    public let lifetime: UInt32
    private let ttlPositions: [Int]
    private let answerCount: Int

    /// Answers are kept for so long at most; seconds.
    static let longestSuccess: UInt32 = 3600
    static let longestDenial: UInt32 = 1800

    /// nil when `bytes` do not answer `question` as message `id`, or are malformed.
    public init?(_ bytes: [UInt8], id: UInt16, to question: Question) {
        guard bytes.count > Header.length, bytes[2] & Header.isResponse != 0,
            let contents = try? Contents(bytes, id: id, question)
        else { return nil }
        isTruncated = bytes[2] & Header.isTruncated != 0
        code = contents.code
        isDenial = contents.code == .nameError || !contents.hasRecordsOfType
        lifetime = isDenial ? contents.denialLifetime : min(contents.shortestTTL, Self.longestSuccess)
        ttlPositions = contents.ttlPositions
        answerCount = contents.answerCount
        var message = Array(bytes[..<contents.end])
        message[10] = UInt8(contents.additionalCount >> 8)
        message[11] = UInt8(contents.additionalCount & 0xff)
        self.message = message
    }

    /// The message for a client that asked the same. `age`: since it came; seconds. Of at most `limit` bytes, else it says
    /// only that it did not fit.
    public func encoded(to query: Query, age: UInt32, limit: Int) -> [UInt8] {
        let reserve = query.edns == nil ? 0 : MessageWriter.optionLength
        guard message.count + reserve <= limit else { return Response.truncated(query) }
        var result = message
        result.reserveCapacity(message.count + reserve)
        result[0] = UInt8(query.id >> 8)
        result[1] = UInt8(query.id & 0xff)
        result[2] = Header.isResponse | (query.recursionDesired ? Header.recursionDesired : 0)
        let wantsAuthenticity = query.authenticData || query.edns?.dnssecOK == true
        result[3] =
            Header.recursionAvailable | (query.checkingDisabled ? Header.checkingDisabled : 0)
            | (message[3] & (wantsAuthenticity ? Header.authenticData | 0xf : 0xf))
        result.replaceSubrange(
            Header.length..<(Header.length + query.question.name.wire.count), with: query.question.name.wire)
        for position in ttlPositions { Self.age(&result, at: position, by: age) }
        guard let edns = query.edns else { return result }
        var option = MessageWriter(limit: MessageWriter.optionLength)
        option.option(.noError, dnssecOK: edns.dnssecOK)
        result += option.bytes
        let additional = (Int(result[10]) << 8 | Int(result[11])) + 1
        result[10] = UInt8(additional >> 8 & 0xff)
        result[11] = UInt8(additional & 0xff)
        return result
    }

    /// Its answers that are aliases or of `type`: what the client of an alias of ours still needs.
    public func answers(of type: RecordType, age: UInt32) -> [ResourceRecord] {
        var reader = MessageReader(message, at: Header.length)
        guard (try? reader.question()) != nil else { return [] }
        var records: [ResourceRecord] = []
        for _ in 0..<answerCount {
            guard let frame = try? reader.record(), let data = try? reader.data(of: frame) else { return records }
            guard frame.type == .cname || frame.type == type || type == .any else { continue }
            records.append(ResourceRecord(frame.name, ttl: frame.ttl - min(age, frame.ttl), data))
        }
        return records
    }

    private static func age(_ message: inout [UInt8], at position: Int, by age: UInt32) {
        var ttl = message[position..<(position + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        ttl -= min(age, ttl)
        for offset in 0..<4 { message[position + offset] = UInt8(truncatingIfNeeded: ttl >> UInt32(24 - 8 * offset)) }
    }

    /// What a look at every record finds.
    private struct Contents {
        var code: ResponseCode
        var hasRecordsOfType = false
        var shortestTTL = UInt32.max
        /// RFC 2308: by the SOA record; 0 without one.
        var denialLifetime: UInt32 = 0
        var ttlPositions: [Int] = []
        var answerCount = 0
        var additionalCount = 0
        /// Where the message is cut: before its OPT record.
        var end: Int

        init(_ bytes: [UInt8], id: UInt16, _ question: Question) throws(MalformedMessage) {
            var reader = MessageReader(bytes)
            guard try reader.number16() == id else { throw MalformedMessage("an answer to something else") }
            code = ResponseCode(rawValue: UInt16(bytes[3] & 0xf))
            reader.position = 4
            guard try reader.number16() == 1 else { throw MalformedMessage("not one question") }
            var counts: [Int] = []
            for _ in 0..<3 { counts.append(Int(try reader.number16())) }
            guard try reader.question() == question else { throw MalformedMessage("an answer to something else") }
            end = reader.position
            answerCount = counts[0]
            for (section, count) in counts.enumerated() {
                for _ in 0..<count {
                    let frame = try reader.record()
                    if frame.type == .opt {
                        // Its upper bits of the code; what comes after it is left out.
                        code = ResponseCode(rawValue: code.rawValue | UInt16(frame.ttl >> 24) << 4)
                        return
                    }
                    try take(frame, section, reader, question.type)
                    end = reader.position
                    if section == 2 { additionalCount += 1 }
                }
            }
        }

        private mutating func take(
            _ frame: RecordFrame, _ section: Int, _ reader: MessageReader, _ type: RecordType
        ) throws(MalformedMessage) {
            // RFC 2181 section 8: the topmost bit makes it zero.
            let ttl = frame.ttl >> 31 == 1 ? 0 : frame.ttl
            ttlPositions.append(frame.ttlPosition)
            shortestTTL = min(shortestTTL, ttl)
            if section == 0, frame.type == type || type == .any { hasRecordsOfType = true }
            if section == 1, frame.type == .soa, case .soa(let soa) = try reader.data(of: frame) {
                denialLifetime = min(ttl, soa.minimum, shortestTTL, UpstreamAnswer.longestDenial)
            }
        }
    }
}

extension MessageReader {
    /// A question of class IN, in lower case.
    fileprivate mutating func question() throws(MalformedMessage) -> Question {
        let question = Question(try name().lowercased, RecordType(rawValue: try number16()))
        guard try number16() == Header.internetClass else { throw MalformedMessage("a question of another class") }
        return question
    }
}
