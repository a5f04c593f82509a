import KubeAPI

/// A value and where it stands.
struct FieldCursor {
    let path: String
    /// nil when there is none; null counts as none.
    let value: JSONValue?

    init(_ value: JSONValue?, at path: String = "") {
        self.path = path
        self.value = value == .null ? nil : value
    }

    /// A field of an object.
    subscript(_ name: String) -> FieldCursor {
        FieldCursor(value?[name], at: path.isEmpty ? name : "\(path).\(name)")
    }

    /// An entry of a map.
    subscript(key key: String) -> FieldCursor { FieldCursor(value?[key], at: "\(path)[\(key)]") }

    var isSet: Bool { value != nil }
    /// The empty string when there is none.
    var string: String { value?.string ?? "" }
    var integer: Int64? { value?.integer }
    var isTrue: Bool { value == .bool(true) }

    /// Nothing, or what counts as nothing in Go.
    var isEmpty: Bool {
        switch value {
        case nil: true
        case .string(let string)?: string.isEmpty
        case .array(let array)?: array.isEmpty
        case .object(let object)?: object.members.isEmpty
        default: false
        }
    }

    var count: Int { value?.array?.count ?? value?.object?.members.count ?? 0 }

    var items: [FieldCursor] {
        (value?.array ?? []).enumerated().map { FieldCursor($0.element, at: "\(path)[\($0.offset)]") }
    }

    /// The entries of a map, each with its path.
    var entries: [(key: String, cursor: FieldCursor)] {
        (value?.object?.members ?? []).map { ($0.key, FieldCursor($0.value, at: "\(path)[\($0.key)]")) }
    }

    /// Those of the fields that are set.
    func set(among names: [String]) -> [FieldCursor] { names.map { self[$0] }.filter(\.isSet) }
}
