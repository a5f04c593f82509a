/// Answers of other name servers, for as long as their records live. At most `capacity`; a new one takes the place of one
/// that has not been asked for since the hand last came by.
public struct AnswerCache: Sendable {
    /// An answer and how old it is, in seconds.
    public struct Hit: Sendable {
        public let answer: UpstreamAnswer
        public let age: UInt32
    }

    private struct Slot {
        let question: ForwardedQuestion
        var answer: UpstreamAnswer
        /// Seconds on the caller's clock.
        var since: UInt64
        var wasUsed = false

        func age(at now: UInt64) -> UInt64 { now > since ? now - since : 0 }
        func isOver(at now: UInt64) -> Bool { age(at: now) >= UInt64(answer.lifetime) }
    }

    private let capacity: Int
    private var slots: [Slot] = []
    private var positions: [ForwardedQuestion: Int] = [:]
    private var hand = 0

    public init(capacity: Int) { self.capacity = max(capacity, 0) }

    public var count: Int { slots.count }

    /// nil when it is not known, or known no longer. `now`: seconds.
    public mutating func answer(to question: ForwardedQuestion, at now: UInt64) -> Hit? {
        guard let position = positions[question], !slots[position].isOver(at: now) else { return nil }
        slots[position].wasUsed = true
        return Hit(answer: slots[position].answer, age: UInt32(clamping: slots[position].age(at: now)))
    }

    /// Keeps an answer that may be kept.
    public mutating func insert(_ answer: UpstreamAnswer, to question: ForwardedQuestion, at now: UInt64) {
        guard answer.lifetime > 0, !answer.isTruncated, answer.code == .noError || answer.code == .nameError,
            capacity > 0
        else { return }
        let slot = Slot(question: question, answer: answer, since: now)
        if let position = positions[question] {
            slots[position] = slot
        } else if slots.count < capacity {
            positions[question] = slots.count
            slots.append(slot)
        } else {
            let position = freed(at: now)
            positions[slots[position].question] = nil
            positions[question] = position
            slots[position] = slot
        }
    }

    /// The next slot that is over or was not used since the hand came by; found within two rounds.
    private mutating func freed(at now: UInt64) -> Int {
        while true {
            let position = hand
            hand = (hand + 1) % slots.count
            if slots[position].isOver(at: now) || !slots[position].wasUsed { return position }
            slots[position].wasUsed = false
        }
    }
}
