import KubeAPI

/// The part of kubectl's JSONPath that CustomResourceDefinitions use: `.spec.list[0].name`, `['quoted.key']`, `[*]` and
/// `[?(@.type=="Ready")]`.
public struct FieldQuery: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member(String)
        case index(Int)
        case all
        /// Elements whose member at the path equals the text.
        case matching([String], String)
    }

    let steps: [Step]

    /// nil when it is not of that form.
    public init?(_ text: String) {
        var reader = Reader(rest: text[...])
        guard let steps = reader.steps() else { return nil }
        self.steps = steps
    }

    /// Members alone, as `.spec.replicas`: what can be written too.
    public var members: [String]? {
        var names: [String] = []
        for step in steps {
            guard case .member(let name) = step else { return nil }
            names.append(name)
        }
        return names
    }

    public func values(in object: JSONValue) -> [JSONValue] {
        steps.reduce([object]) { found, step in found.flatMap { Self.values(step, in: $0) } }
    }

    private static func values(_ step: Step, in value: JSONValue) -> [JSONValue] {
        switch step {
        case .member(let name): value[name].map { [$0] } ?? []
        case .index(let index):
            if let elements = value.array, elements.indices.contains(index) { [elements[index]] } else { [] }
        case .all: value.array ?? value.object?.members.map(\.value) ?? []
        case .matching(let path, let text):
            (value.array ?? []).filter { element in
                let found = element[path: path[...]]
                return (found?.string ?? found.map { JSONWriter.text($0) }) == text
            }
        }
    }
}

private struct Reader {
    var rest: Substring

    mutating func steps() -> [FieldQuery.Step]? {
        var steps: [FieldQuery.Step] = []
        while !rest.isEmpty {
            guard let step = step() else { return nil }
            steps.append(step)
        }
        return steps
    }

    private mutating func step() -> FieldQuery.Step? {
        if take(".") {
            let name = name()
            return name.isEmpty ? nil : .member(name)
        }
        guard take("[") else { return nil }
        if take("*]") { return .all }
        if take("?(@.") { return condition() }
        if let quoted = quoted(), take("]") { return .member(quoted) }
        let digits = rest.prefix { $0 != "]" }
        guard let index = Int(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        return take("]") ? .index(index) : nil
    }

    /// Up to the next `.` or `[`; a backslash takes what follows as it is.
    private mutating func name() -> String {
        var name = ""
        while let character = rest.first, character != ".", character != "[" {
            rest = rest.dropFirst()
            name.append(character == "\\" ? rest.popFirst() ?? character : character)
        }
        return name
    }

    /// After `[?(@.`: `type=="Ready")]`.
    private mutating func condition() -> FieldQuery.Step? {
        let path = rest.prefix { $0 != "=" && $0 != " " && $0 != ")" }
        rest = rest.dropFirst(path.count)
        skipSpaces()
        guard take("==") else { return nil }
        skipSpaces()
        var text = quoted()
        if text == nil {
            let bare = rest.prefix { $0 != ")" && $0 != " " }
            rest = rest.dropFirst(bare.count)
            text = String(bare)
        }
        skipSpaces()
        guard let text, take(")]") else { return nil }
        return .matching(path.split(separator: ".").map(String.init), text)
    }

    private mutating func quoted() -> String? {
        guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
        let text = rest.dropFirst().prefix { $0 != quote }
        guard text.endIndex < rest.endIndex else { return nil }
        rest = rest[rest.index(after: text.endIndex)...]
        return String(text)
    }

    private mutating func skipSpaces() { rest = rest.drop { $0 == " " } }

    private mutating func take(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }
}
