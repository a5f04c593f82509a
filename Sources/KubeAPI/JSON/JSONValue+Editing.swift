/// Reading and changing parts of a tree in place.
extension JSONValue {
    public var object: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    public var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    public static var emptyObject: JSONValue { .object(JSONObject()) }

    /// What stands below the keys; nil when one of them is missing. Setting makes the objects on the way; setting nil
    /// removes the member and makes nothing.
    public subscript(path keys: String...) -> JSONValue? {
        get { self[path: keys[...]] }
        set { self[path: keys[...]] = newValue }
    }

    public subscript(path keys: ArraySlice<String>) -> JSONValue? {
        get {
            guard let first = keys.first else { return self }
            return self[first]?[path: keys.dropFirst()]
        }
        set {
            guard let first = keys.first else {
                self = newValue ?? .null
                return
            }
            var object = self.object ?? JSONObject()
            // Out of the tree while it changes, so that nothing is copied.
            self = .null
            defer { self = .object(object) }
            if keys.count == 1 {
                object[first] = newValue
            } else if newValue != nil || object[first]?.object != nil {
                var child = object.take(first) ?? .emptyObject
                child[path: keys.dropFirst()] = newValue
                object[first] = child
            }
        }
    }
}

extension JSONObject {
    /// The member's value, with null left in its place.
    fileprivate mutating func take(_ key: String) -> JSONValue? {
        guard let index = index(of: key) else { return nil }
        defer { members[index].value = .null }
        return members[index].value
    }
}
