import KubeAPI

/// A value and where it stands.
struct FieldCursor {
    private let place: FieldPlace
    /// nil when there is none; null counts as none.
    let value: JSONValue?

    init(_ value: JSONValue?, at path: String = "") { self.init(value, FieldPlace(path)) }

    private init(_ value: JSONValue?, _ place: FieldPlace) {
        self.place = place
        if case .null? = value { self.value = nil } else { self.value = value }
    }

    var path: String { place.path }

    /// A field of an object.
    subscript(_ name: String) -> FieldCursor { FieldCursor(value?[name], place.member(name)) }

    /// A member that is known already.
    subscript(_ member: JSONObject.Member) -> FieldCursor { FieldCursor(member.value, place.member(member.key)) }

    /// An entry of a map.
    subscript(key key: String) -> FieldCursor { FieldCursor(value?[key], place.entry(key)) }

    /// Another value in the same place.
    func holding(_ value: JSONValue?) -> FieldCursor { FieldCursor(value, place) }

    /// The same value where upstream has it: not every path of its findings is a path of the object.
    func placed(at path: String) -> FieldCursor { FieldCursor(value, at: path) }

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
        (value?.array ?? []).enumerated().map { FieldCursor($0.element, place.element($0.offset)) }
    }

    /// The entries of a map, each with its path.
    var entries: [(key: String, cursor: FieldCursor)] {
        (value?.object?.members ?? []).map { ($0.key, FieldCursor($0.value, place.entry($0.key))) }
    }

    /// Those of the fields that are set.
    func set(among names: [String]) -> [FieldCursor] { names.map { self[$0] }.filter(\.isSet) }
}
