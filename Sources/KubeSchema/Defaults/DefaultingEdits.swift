import KubeAPI

/// Edits in place for defaults: what is there stays, and null counts as absent.
extension JSONValue {
    func has(_ key: String) -> Bool { self[key].map { !$0.isNull } ?? false }

    /// Absent, or Go's zero value.
    func isEmpty(_ key: String) -> Bool { self[key]?.isGoEmpty ?? true }

    mutating func setDefault(_ key: String, _ value: JSONValue) {
        if !has(key) { put(key, value) }
    }

    /// For values that are no pointers in Go: zero is absence.
    mutating func setIfEmpty(_ key: String, _ value: JSONValue) {
        if isEmpty(key) { put(key, value) }
    }

    mutating func put(_ key: String, _ value: JSONValue) {
        guard case .object(var object) = self else { return }
        self = .null
        if let index = object.members.firstIndex(where: { $0.key == key }) {
            object.members[index].value = value
        } else {
            object.members.append(JSONObject.Member(key, value))
        }
        self = .object(object)
    }

    mutating func removeMember(_ key: String) {
        guard case .object(var object) = self else { return }
        self = .null
        object.members.removeAll { $0.key == key }
        self = .object(object)
    }

    /// Edits the member, if it is there.
    mutating func edit(_ key: String, _ body: (inout JSONValue) -> Void) {
        guard case .object(var object) = self,
            let index = object.members.firstIndex(where: { $0.key == key }), !object.members[index].value.isNull
        else { return }
        // Out of the tree while it changes, so that nothing is copied.
        self = .null
        body(&object.members[index].value)
        self = .object(object)
    }

    /// Edits the member, which becomes an object if it is not there.
    mutating func make(_ key: String, _ body: (inout JSONValue) -> Void) {
        setDefault(key, .emptyObject)
        edit(key, body)
    }

    /// Edits every element of an array.
    mutating func editEach(_ key: String, _ body: (inout JSONValue) -> Void) {
        edit(key) { value in
            guard case .array(var elements) = value else { return }
            value = .null
            for index in elements.indices { body(&elements[index]) }
            value = .array(elements)
        }
    }

    /// The members of an object, or none.
    var members: [JSONObject.Member] { object?.members ?? [] }
}
