/// A question as it goes to other name servers: questions that are equal get the same answer.
public struct ForwardedQuestion: Hashable, Sendable {
    /// In lower case.
    public let question: Question
    public let dnssecOK: Bool
    public let checkingDisabled: Bool

    public init(_ query: Query) {
        self.init(query, Question(query.question.name, query.question.type))
    }

    /// Another question for the client of `query`.
    public init(_ query: Query, _ question: Question) {
        self.question = Question(question.name.lowercased, question.type)
        dnssecOK = query.edns?.dnssecOK ?? false
        checkingDisabled = query.checkingDisabled
    }

    /// The message that asks it.
    public func message(id: UInt16) -> [UInt8] {
        var writer = MessageWriter(limit: Query.smallestDatagram)
        writer.number16(id)
        writer.byte(Header.recursionDesired)
        writer.byte(Header.authenticData | (checkingDisabled ? Header.checkingDisabled : 0))
        for count: UInt16 in [1, 0, 0, 1] { writer.number16(count) }
        writer.name(question.name)
        writer.number16(question.type.rawValue)
        writer.number16(Header.internetClass)
        writer.option(.noError, dnssecOK: dnssecOK)
        return writer.bytes
    }
}
