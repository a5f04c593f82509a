/// An answer before it is bytes.
public struct Response: Hashable, Sendable {
    public var code: ResponseCode
    public var isAuthoritative = false
    public var answers: [ResourceRecord] = []
    public var authority: [ResourceRecord] = []
    public var additional: [ResourceRecord] = []

    public init(_ code: ResponseCode = .noError) { self.code = code }

    /// The message, of at most `limit` bytes. What does not fit of the answers or the authority is cut off, and said so
    /// (TC); additional records just end.
    public func encoded(to query: Query, limit: Int) -> [UInt8] {
        var writer = MessageWriter(limit: limit)
        writer.head(of: query, code, isAuthoritative: isAuthoritative)
        let reserve = query.edns == nil ? 0 : MessageWriter.optionLength
        var counts = [0, 0, 0]
        var isCut = false
        for (section, records) in [answers, authority, additional].enumerated() where !isCut {
            for record in records {
                guard writer.record(record, reserve: reserve) else {
                    isCut = section < 2
                    break
                }
                counts[section] += 1
            }
        }
        if let edns = query.edns {
            writer.option(code, dnssecOK: edns.dnssecOK)
            counts[2] += 1
        }
        return writer.finished(counts: counts, isTruncated: isCut)
    }

    /// An answer that says nothing but that it did not fit.
    static func truncated(_ query: Query) -> [UInt8] {
        var writer = MessageWriter(limit: Query.smallestDatagram)
        writer.head(of: query, .noError, isAuthoritative: false)
        if let edns = query.edns { writer.option(.noError, dnssecOK: edns.dnssecOK) }
        return writer.finished(counts: [0, 0, query.edns == nil ? 0 : 1], isTruncated: true)
    }
}

extension MessageWriter {
    /// Of our own OPT record; bytes.
    static let optionLength = 11

    /// The header without counts, and the question as it was asked.
    mutating func head(of query: Query, _ code: ResponseCode, isAuthoritative: Bool) {
        number16(query.id)
        byte(
            Header.isResponse | (isAuthoritative ? Header.isAuthoritative : 0)
                | (query.recursionDesired ? Header.recursionDesired : 0))
        byte(
            Header.recursionAvailable | (query.checkingDisabled ? Header.checkingDisabled : 0)
                | UInt8(code.rawValue & 0xf))
        number16(1)
        for _ in 0..<3 { number16(0) }
        name(query.question.name)
        number16(query.question.type.rawValue)
        number16(Header.internetClass)
    }

    mutating func option(_ code: ResponseCode, dnssecOK: Bool) {
        byte(0)
        number16(RecordType.opt.rawValue)
        number16(Query.largestDatagram)
        number32(UInt32(code.rawValue >> 4) << 24 | (dnssecOK ? 0x8000 : 0))
        number16(0)
    }

    /// `counts` of answers, authority and additional records.
    consuming func finished(counts: [Int], isTruncated: Bool) -> [UInt8] {
        for (index, count) in counts.enumerated() { set16(count, at: 6 + 2 * index) }
        if isTruncated { markTruncated() }
        return bytes
    }
}
