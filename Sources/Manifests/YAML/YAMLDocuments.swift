import KubeAPI
import Yams

/// Reads a manifest: several YAML documents, or one JSON value when the name ends in `.json`.
public enum YAMLDocuments {
    /// How many values aliases may add to what the text itself holds.
    static let aliasBudget = 100_000
    /// That some editors begin UTF-8 with; it says nothing.
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Empty documents are left out. `file` is its name, for errors.
    public static func parse(_ text: String, file: String) throws(ManifestFailure) -> [YAMLDocument] {
        var documents: [YAMLDocument] = []
        try forEach(in: Array(text.utf8), file: file) { documents.append($0) }
        return documents
    }

    /// The same, one document in memory at a time. Those before an error have been handed out when it is thrown.
    static func forEach(
        in bytes: [UInt8], file: String, _ body: (YAMLDocument) -> Void
    ) throws(ManifestFailure) {
        let bytes = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes
        if file.hasSuffix(".json") { return body(try json(bytes, file)) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ManifestFailure(file: file, reason: "the text is not UTF-8")
        }
        do {
            try AliasGuard.check(text)
            try yaml(text, body)
        } catch let fault as YAMLFault {
            throw ManifestFailure(file: file, position: fault.position, reason: fault.reason)
        } catch let error as YamlError {
            let (position, reason) = explain(error, text)
            throw ManifestFailure(file: file, position: position, reason: reason)
        } catch {
            throw ManifestFailure(file: file, reason: "\(error)")
        }
    }

    private static func json(_ bytes: [UInt8], _ file: String) throws(ManifestFailure) -> YAMLDocument {
        do {
            return YAMLDocument(try JSONParser.parse(bytes), json: bytes)
        } catch {
            throw ManifestFailure(file: file, position: error.position, reason: error.reason)
        }
    }

    /// The resolver without rules leaves the meaning of scalars to `YAMLScalar`.
    private static func yaml(_ text: String, _ body: (YAMLDocument) -> Void) throws {
        let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
        var converter = YAMLConverter(budget: text.utf8.count + aliasBudget)
        while let node = try parser.nextRoot() {
            let value = try converter.value(node)
            if value != .null { body(YAMLDocument(value, yaml: node)) }
        }
    }

    private static func explain(_ error: YamlError, _ text: String) -> (TextPosition?, String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let prefix = context.map { "\($0.text) at line \($0.mark.line), " } ?? ""
            return (TextPosition(mark), prefix + problem)
        case .reader(let problem, let offset, _, _):
            return (offset.map { TextPosition(character: $0, of: text) }, problem)
        case .duplicatedKeysInMapping(let keys, let context):
            return (TextPosition(context.mark), "field \(keys.joined(separator: ", ")) is given twice")
        default: return (nil, "\(error)")
        }
    }
}

extension TextPosition {
    fileprivate init(character offset: Int, of text: String) {
        let head = text.prefix(offset)
        let line = head.reduce(1) { $1.isNewline ? $0 + 1 : $0 }
        let column = head.reversed().prefix { !$0.isNewline }.count + 1
        self.init(line: line, column: column)
    }
}
