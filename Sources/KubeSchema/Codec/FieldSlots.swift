import KubeAPI

/// The values of the objects that are being decoded, each at the position of its field; one stack for all that are open.
struct FieldSlots {
    /// Only what is said is written: no zero values for what is not, and no omission of zero values.
    let isPartial: Bool
    private var values: [JSONValue?] = []

    init(isPartial: Bool = false) { self.isPartial = isPartial }

    /// Makes room for the fields of a type; what it returns is its place.
    mutating func open(_ plan: TypePlan) -> Int {
        let base = values.count
        values.append(contentsOf: repeatElement(nil, count: plan.fields.count))
        return base
    }

    subscript(index: Int) -> JSONValue? {
        get { values[index] }
        set { values[index] = newValue }
    }

    func isSet(_ index: Int) -> Bool {
        if case .some = values[index] { return true }
        return false
    }

    /// Takes the value out, so that changing it copies nothing.
    mutating func take(_ index: Int) -> JSONValue? {
        var value: JSONValue?
        swap(&value, &values[index])
        return value
    }

    /// Closes the last type that was opened and makes its object, as Go would write it.
    mutating func close(_ plan: TypePlan, at base: Int, unknown: [JSONObject.Member] = []) -> JSONValue {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(plan.fields.count / 2 + unknown.count)
        for position in plan.fields.indices {
            let value = take(base + position)
            if let written = isPartial ? value.said : plan.fields[position].written(value) {
                members.append(JSONObject.Member(plan.fields[position].name, written))
            }
        }
        members.append(contentsOf: unknown)
        values.removeLast(values.count - base)
        return .object(JSONObject(members))
    }
}

extension JSONValue? {
    /// nil for null, too.
    fileprivate var said: JSONValue? { self?.isNull ?? true ? nil : self }
}

extension FieldPlan {
    /// nil when it is left out; an explicit null counts as absent.
    @inline(__always)
    fileprivate func written(_ value: JSONValue?) -> JSONValue? {
        guard let value, !value.isNull || isNullable else {
            switch presence {
            case .whenPresent, .unlessEmpty: return nil
            case .nullWhenAbsent: return .null
            case .zeroWhenAbsent: return zero
            }
        }
        if case .unlessEmpty = presence, value.isGoEmpty { return nil }
        return value
    }
}

extension JSONValue {
    /// What Go's omitempty leaves out.
    var isGoEmpty: Bool {
        switch self {
        case .null: true
        case .bool(let bool): !bool
        case .integer(let integer): integer == 0
        case .double(let double): double == 0
        case .string(let string): string.isEmpty
        case .array(let array): array.isEmpty
        case .object(let object): object.members.isEmpty
        }
    }

    var isNull: Bool {
        if case .null = self { return true }
        return false
    }
}

extension [JSONObject.Member] {
    /// In the order of the bytes of their names, which is how Go writes maps; of the same name the last stays.
    mutating func sortAsGoMap(duplicate: (String) -> Void = { _ in }) {
        guard zip(self, dropFirst()).contains(where: { !$0.key.utf8Precedes($1.key) }) else { return }
        let sorted = enumerated().sorted { a, b in
            a.element.key.utf8Precedes(b.element.key)
                || (!b.element.key.utf8Precedes(a.element.key) && a.offset < b.offset)
        }
        removeAll(keepingCapacity: true)
        for (_, member) in sorted {
            if let last, last.key.utf8.elementsEqual(member.key.utf8) {
                duplicate(member.key)
                removeLast()
            }
            append(member)
        }
    }
}

extension String {
    /// Swift orders canonically equivalent texts as one; Go orders bytes.
    func utf8Precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
