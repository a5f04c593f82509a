import KubeAPI

/// JSON patch (RFC 6902), with what upstream's library (evanphx/json-patch v4) adds: indices from the end, and `test`
/// of something missing against null.
public enum JSONPatch {
    public static let maximumOperations = 10_000
    /// Bytes of JSON that the `copy` operations of a patch may make together.
    public static let maximumCopiedBytes = 3 << 20

    public static func apply(_ patch: JSONValue, to document: JSONValue) throws(PatchRefusal) -> JSONValue {
        guard case .array(let operations) = patch else { throw .wrongForm(patch, "[]interface {}") }
        guard operations.count <= maximumOperations else {
            throw PatchRefusal(
                .tooLarge,
                "The allowed maximum operations in a JSON patch is \(maximumOperations), got \(operations.count)")
        }
        for operation in operations {
            guard case .object = operation else { throw .wrongForm(operation, "jsonpatch.Operation") }
        }
        var target = PatchedDocument(root: document)
        for operation in operations { try target.perform(operation) }
        return target.root
    }
}

/// A document that operations change in place.
private struct PatchedDocument {
    var root: JSONValue
    private var copiedBytes = 0
    /// Values looked at to keep the document from growing too deep by `copy` and `move`.
    private var visited = 0
    private static let maximumVisited = 20_000_000

    init(root: JSONValue) { self.root = root }

    mutating func perform(_ operation: JSONValue) throws(PatchRefusal) {
        guard let name = operation["op"]?.string else { throw refusal("an operation without op") }
        let path = try pointer(operation, "path")
        let value = operation["value"] ?? .null
        switch name {
        case "add": try add(value, at: path)
        case "remove": _ = try remove(at: path)
        case "replace": try replace(with: value, at: path)
        case "test":
            let found = try? get(path)
            guard (found ?? .null).isEquivalent(to: value) else {
                throw refusal("testing value \(text(path)) failed")
            }
        case "copy":
            let copy = try get(try pointer(operation, "from"))
            copiedBytes += JSONWriter.bytes(copy).count
            guard copiedBytes <= JSONPatch.maximumCopiedBytes else {
                throw refusal("copies of more than \(JSONPatch.maximumCopiedBytes) bytes in all")
            }
            try add(copy, at: path)
        case "move":
            let from = try pointer(operation, "from")
            guard !path.starts(with: from) || path == from else { throw refusal("a move into itself") }
            try add(try remove(at: from), at: path)
        default: throw refusal("Unexpected kind: \(name)")
        }
    }

    // MARK: - Pointers (RFC 6901)

    private func pointer(_ operation: JSONValue, _ member: String) throws(PatchRefusal) -> [String] {
        guard let text = operation[member]?.string else { throw refusal("an operation without \(member)") }
        guard !text.isEmpty else { return [] }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count > 1 else { throw refusal("\(member) \(text) is no JSON pointer") }
        return parts.dropFirst().map { unescaped(Substring($0)) }
    }

    private func unescaped(_ part: Substring) -> String {
        guard part.utf8.contains(UInt8(ascii: "~")) else { return String(part) }
        var bytes: [UInt8] = []
        var rest = part.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "~"), rest.first == UInt8(ascii: "0") || rest.first == UInt8(ascii: "1") {
                bytes.append(rest.removeFirst() == UInt8(ascii: "0") ? byte : UInt8(ascii: "/"))
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func text(_ path: [String]) -> String { path.map { "/\($0)" }.joined() }

    private func refusal(_ reason: String) -> PatchRefusal { PatchRefusal(.unprocessable, reason) }

    private func missing(_ path: some Sequence<String>) -> PatchRefusal {
        refusal("missing value: \(text(Array(path)))")
    }

    /// `count` is the array's size, or one more where an element is added. Negative indices count from there.
    private func index(_ key: String, below count: Int) throws(PatchRefusal) -> Int {
        guard let number = Int(key) else { throw refusal("\(key) is no index of an array") }
        let index = number < 0 ? number &+ count : number
        guard (0..<count).contains(index) else { throw refusal("index \(key) is outside the array") }
        return index
    }

    // MARK: - Operations

    private func get(_ path: [String]) throws(PatchRefusal) -> JSONValue {
        var value = root
        for key in path {
            switch value {
            case .object:
                guard let child = value[key] else { throw missing(path) }
                value = child
            case .array(let array): value = array[try index(key, below: array.count)]
            default: throw missing(path)
            }
        }
        return value
    }

    private mutating func add(_ value: JSONValue, at path: [String]) throws(PatchRefusal) {
        try checkDepth(of: value, below: path.count)
        guard let key = path.last else {
            root = value
            return
        }
        try change(at: path.dropLast()) { document, container throws(PatchRefusal) in
            switch container {
            case .object(var object):
                container = .null
                object[key] = value
                container = .object(object)
            case .array(var array):
                let index = key == "-" ? array.count : try document.index(key, below: array.count + 1)
                container = .null
                array.insert(value, at: index)
                container = .array(array)
            default: throw document.missing(path)
            }
        }
    }

    private mutating func remove(at path: [String]) throws(PatchRefusal) -> JSONValue {
        guard let key = path.last else { throw refusal("the whole document cannot be removed") }
        var removed = JSONValue.null
        try change(at: path.dropLast()) { document, container throws(PatchRefusal) in
            switch container {
            case .object(var object):
                guard let value = object[key] else { throw document.missing(path) }
                container = .null
                removed = value
                object[key] = nil
                container = .object(object)
            case .array(var array):
                let index = try document.index(key, below: array.count)
                container = .null
                removed = array.remove(at: index)
                container = .array(array)
            default: throw document.missing(path)
            }
        }
        return removed
    }

    private mutating func replace(with value: JSONValue, at path: [String]) throws(PatchRefusal) {
        try checkDepth(of: value, below: path.count)
        try change(at: path[...]) { _, old throws(PatchRefusal) in old = value }
    }

    /// Runs `body` on what stands at `path`. It is taken out of its container meanwhile, so that nothing is copied.
    private mutating func change(
        at path: ArraySlice<String>, _ body: (PatchedDocument, inout JSONValue) throws(PatchRefusal) -> Void
    ) throws(PatchRefusal) {
        var value = root
        root = .null
        defer { root = value }
        try change(&value, path, body)
    }

    private func change(
        _ value: inout JSONValue, _ path: ArraySlice<String>,
        _ body: (PatchedDocument, inout JSONValue) throws(PatchRefusal) -> Void
    ) throws(PatchRefusal) {
        guard let key = path.first else { return try body(self, &value) }
        switch value {
        case .object(var object):
            guard let index = object.members.lastIndex(where: { $0.key == key }) else { throw missing(path) }
            value = .null
            defer { value = .object(object) }
            try change(&object.members[index].value, path.dropFirst(), body)
        case .array(var array):
            let index = try index(key, below: array.count)
            value = .null
            defer { value = .array(array) }
            try change(&array[index], path.dropFirst(), body)
        default: throw missing(path)
        }
    }

    /// No deeper than what the parser takes, so that no walk through the document exhausts the stack.
    private mutating func checkDepth(of value: JSONValue, below depth: Int) throws(PatchRefusal) {
        guard depth <= JSONParser.maximumDepth else { throw refusal("the document grows too deep") }
        visited += 1
        guard visited < Self.maximumVisited else { throw refusal("the patch moves too much") }
        switch value {
        case .array(let array): for element in array { try checkDepth(of: element, below: depth + 1) }
        case .object(let object): for member in object.members { try checkDepth(of: member.value, below: depth + 1) }
        default: break
        }
    }
}
