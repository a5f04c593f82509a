import KubeAPI

/// The object of a row, and what printers ask of it.
struct PrintedRow {
    let object: JSONValue
    /// Seconds since 1970.
    let now: Int64

    subscript(path: String...) -> JSONValue? {
        object[path: path[...]].flatMap { $0.isNull ? nil : $0 }
    }

    /// Empty when absent.
    func text(_ path: String...) -> String { object[path: path[...]]?.string ?? "" }

    /// 0 when absent.
    func integer(_ path: String...) -> Int64 { object[path: path[...]]?.integer ?? 0 }

    func array(_ path: String...) -> [JSONValue] { object[path: path[...]]?.array ?? [] }

    /// `false` when absent.
    func bool(_ path: String...) -> JSONValue { object[path: path[...]] ?? false }

    var name: String { text("metadata", "name") }

    var age: JSONValue { .string(since(text("metadata", "creationTimestamp"))) }

    var isDeleting: Bool { !text("metadata", "deletionTimestamp").isEmpty }

    /// How long ago a time was.
    func since(_ time: String) -> String {
        RFC3339.seconds(time).map { HumanDuration.text(seconds: now - $0) } ?? "<unknown>"
    }

    /// The status of a condition: `True`, `False`, `Unknown`; nil when it is not there.
    func condition(_ type: String) -> JSONValue? {
        array("status", "conditions").first { $0["type"]?.string == type }
    }

    func isTrue(_ condition: String) -> Bool { self.condition(condition)?["status"] == "True" }

    func labels(_ path: String...) -> JSONValue { .string(Self.labels(object[path: path[...]])) }

    func selector(_ path: String...) -> JSONValue { .string(Self.selector(object[path: path[...]])) }

    /// `a=1,b=2`
    static func labels(_ value: JSONValue?) -> String {
        let members = value?.members ?? []
        if members.isEmpty { return "<none>" }
        return members.sorted { $0.key.utf8Precedes($1.key) }.map { "\($0.key)=\($0.value.string ?? "")" }.joined(
            separator: ",")
    }

    /// `a=1,b in (x,y),!c`, ordered by key.
    static func selector(_ value: JSONValue?) -> String {
        var parts = (value?["matchLabels"]?.members ?? []).map { ($0.key, "\($0.key)=\($0.value.string ?? "")") }
        for expression in value?["matchExpressions"]?.array ?? [] {
            let key = expression["key"]?.string ?? ""
            let values = (expression["values"]?.array ?? []).compactMap(\.string).sorted { $0.utf8Precedes($1) }
            let list = "(\(values.joined(separator: ",")))"
            switch expression["operator"]?.string {
            case "In": parts.append((key, "\(key) in \(list)"))
            case "NotIn": parts.append((key, "\(key) notin \(list)"))
            case "DoesNotExist": parts.append((key, "!\(key)"))
            default: parts.append((key, key))
            }
        }
        if parts.isEmpty { return "<none>" }
        return parts.sorted { $0.0.utf8Precedes($1.0) }.map(\.1).joined(separator: ",")
    }

    /// The containers' names and images, each joined with commas.
    func containers(_ path: String...) -> [JSONValue] {
        let containers = object[path: path[...]]?.array ?? []
        return ["name", "image"].map { key in
            .string(containers.map { $0[key]?.string ?? "" }.joined(separator: ","))
        }
    }
}

extension String {
    /// The text, or what stands for none.
    func orElse(_ other: String) -> String { isEmpty ? other : self }
}

/// The first of a list, and how many more there are: `a,b,c + 2 more...`
func listWithMore(_ list: [String], maximum: Int = 3, separator: String = ",", ifEmpty: String) -> String {
    if list.isEmpty { return ifEmpty }
    let shown = list.prefix(maximum).joined(separator: separator)
    return list.count > maximum ? "\(shown) + \(list.count - maximum) more..." : shown
}
