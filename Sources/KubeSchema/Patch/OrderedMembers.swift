import KubeAPI

/// The members of an object while many are looked up and changed: found in constant time, kept in order.
struct OrderedMembers {
    private var slots: [JSONObject.Member?]
    /// Only for objects with many members; linear search is faster for few.
    private var index: [String: Int]?
    private static let few = 12

    /// Of members with the same name the last counts, as in Go.
    init(_ object: JSONObject = JSONObject()) {
        slots = object.members
        if slots.count > Self.few { makeIndex() } else { dropRepetitions() }
    }

    private mutating func makeIndex() {
        var index = [String: Int](minimumCapacity: slots.count * 2)
        for (position, slot) in slots.enumerated() {
            guard let key = slot?.key else { continue }
            if let earlier = index.updateValue(position, forKey: key) { slots[earlier] = nil }
        }
        self.index = index
    }

    private mutating func dropRepetitions() {
        for (position, slot) in slots.enumerated() {
            guard let key = slot?.key else { continue }
            if slots[(position + 1)...].contains(where: { $0?.key == key }) { slots[position] = nil }
        }
    }

    private func position(of key: String) -> Int? {
        if let index { return index[key] }
        let length = key.utf8.count
        return slots.firstIndex { $0.map { $0.key.utf8.count == length && $0.key == key } ?? false }
    }

    subscript(key: String) -> JSONValue? {
        get { position(of: key).flatMap { slots[$0]?.value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): slots[position]?.value = value
            case (let position?, nil):
                slots[position] = nil
                index?[key] = nil
            case (nil, let value?):
                slots.append(JSONObject.Member(key, value))
                index?[key] = slots.count - 1
                if index == nil, slots.count > Self.few { makeIndex() }
            case (nil, nil): break
            }
        }
    }

    /// The value, with null left in its place, so that changing it copies nothing.
    mutating func take(_ key: String) -> JSONValue? {
        guard let position = position(of: key), let value = slots[position]?.value else { return nil }
        slots[position]?.value = .null
        return value
    }

    mutating func removeAll(where condition: (JSONObject.Member) -> Bool) {
        for (position, slot) in slots.enumerated() {
            guard let slot, condition(slot) else { continue }
            slots[position] = nil
            index?[slot.key] = nil
        }
    }

    var members: [JSONObject.Member] { slots.compactMap { $0 } }

    var object: JSONObject { JSONObject(members) }
}
