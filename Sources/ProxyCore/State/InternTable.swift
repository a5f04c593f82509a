/// Gives equal values one small number, and forgets a value with its last user. Number 0 stands for nothing.
struct InternTable<Value: Hashable & Sendable>: Sendable {
    private var numbers: [Value: UInt32] = [:]
    private var values: [Value?] = [nil]
    private var users: [UInt32] = [0]
    private var free: [UInt32] = []

    /// nil for 0 and for numbers that nobody retains.
    subscript(number: UInt32) -> Value? { values[Int(number)] }

    /// The number of a value that somebody retains.
    func number(of value: Value) -> UInt32? { numbers[value] }

    /// Every call needs its `release`.
    mutating func retain(_ value: Value) -> UInt32 {
        if let known = numbers[value] {
            users[Int(known)] += 1
            return known
        }
        let number = free.popLast() ?? UInt32(values.count)
        if Int(number) == values.count {
            values.append(value)
            users.append(1)
        } else {
            values[Int(number)] = value
            users[Int(number)] = 1
        }
        numbers[value] = number
        return number
    }

    /// No-op for 0.
    mutating func release(_ number: UInt32) {
        let index = Int(number)
        guard let value = values[index] else { return }
        users[index] -= 1
        guard users[index] == 0 else { return }
        numbers[value] = nil
        values[index] = nil
        free.append(number)
    }

    /// Values that somebody retains.
    var count: Int { numbers.count }
}
