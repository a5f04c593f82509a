/// Finds a name among the names of one type's fields: a hash table with open addressing, in two bytes per slot.
struct NameIndex: Sendable {
    private let names: [String]
    /// Position plus one; 0 is free.
    private let slots: [UInt16]

    /// Of equal names the first is found.
    init(_ names: [String]) {
        self.names = names
        var capacity = 4
        while capacity < names.count * 2 { capacity *= 2 }
        var slots = [UInt16](repeating: 0, count: capacity)
        for (position, name) in names.prefix(Int(UInt16.max) - 1).enumerated() {
            var slot = Self.hash(name) & (capacity - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = UInt16(position + 1)
        }
        self.slots = slots
    }

    /// `hint` is looked at first: objects come mostly in the order of their type.
    func position(of name: String, hint: Int = 0) -> Int? {
        if hint < names.count, isSame(names[hint], name) { return hint }
        var slot = Self.hash(name) & (slots.count - 1)
        while slots[slot] != 0 {
            let position = Int(slots[slot]) - 1
            if isSame(names[position], name) { return position }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Swift's equality holds for canonically equivalent texts; their lengths differ when one of them is ASCII.
    private func isSame(_ own: String, _ other: String) -> Bool { own.utf8.count == other.utf8.count && own == other }

    /// FNV-1a.
    private static func hash(_ name: String) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Int(hash ^ hash >> 15)
    }
}
