import KubeAPI
import Manifests

/// The text of a configuration file, YAML or JSON.
public struct ConfigurationFile: Sendable {
    /// Named in errors.
    public var name: String
    public var text: String

    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// The file's fields, defaults filled in, not yet validated. Unknown fields, wrong types and another kind are errors.
    /// `mode` is for a file that names none.
    func decode(mode: ProxyMode) throws(ConfigurationError) -> KubeProxyConfiguration {
        let document = try document()
        var decoding = Decoding(problem: { problem(document, $0) })
        decoding.read(document.value)
        guard decoding.problems.isEmpty else { throw ConfigurationError(decoding.problems) }
        var configuration = decoding.configuration
        configuration.applyDefaults(mode: mode)
        return configuration
    }

    /// `kube-proxy.yaml:12`, where the field at `path` stands.
    func origin(of path: String) -> String {
        (try? document()).map { "\(name):\($0.position(of: path).line)" } ?? name
    }

    private func document() throws(ConfigurationError) -> YAMLDocument {
        let documents: [YAMLDocument]
        do {
            documents = try YAMLDocuments.parse(text, file: name)
        } catch {
            let origin = error.position.map { "\(name):\($0.line)" } ?? name
            throw ConfigurationError([ConfigurationProblem(origin: origin, path: "", reason: error.reason)])
        }
        guard let first = documents.first, documents.count == 1 else {
            let reason = documents.isEmpty ? "the file is empty" : "must hold one document, got \(documents.count)"
            throw ConfigurationError([ConfigurationProblem(origin: name, path: "", reason: reason)])
        }
        return first
    }

    private func problem(_ document: YAMLDocument, _ failure: DecodingFailure) -> ConfigurationProblem {
        let line = document.position(of: failure.path).line
        return ConfigurationProblem(origin: "\(name):\(line)", path: failure.path, reason: failure.reason)
    }
}

/// Walks a document along the field table.
private struct Decoding {
    var configuration = KubeProxyConfiguration()
    var problems: [ConfigurationProblem] = []
    let problem: (DecodingFailure) -> ConfigurationProblem

    init(problem: @escaping (DecodingFailure) -> ConfigurationProblem) { self.problem = problem }

    mutating func read(_ value: JSONValue) {
        guard case .object(let root) = value else {
            return add(DecodingFailure("", "must be an object, got \(value.typeName)"))
        }
        expect("apiVersion", KubeProxyConfiguration.apiVersion, root)
        expect("kind", KubeProxyConfiguration.kind, root)
        guard problems.isEmpty else { return }
        read(JSONObject(root.members.filter { $0.key != "apiVersion" && $0.key != "kind" }), under: "")
    }

    private mutating func expect(_ field: String, _ text: String, _ root: JSONObject) {
        switch root[field] {
        case .string(text): break
        case nil, .null: add(DecodingFailure(field, "required, must be \(text)"))
        case let value?: add(DecodingFailure.mustBe(text, value).under(field))
        }
    }

    private mutating func read(_ object: JSONObject, under prefix: String) {
        var seen: Set<String> = []
        for member in object.members {
            let path = prefix + member.key
            if !seen.insert(member.key).inserted { add(DecodingFailure(path, "given twice")) }
            if let field = ConfigurationField.at(path) {
                if member.value != .null { read(member.value, field) }
            } else if ConfigurationField.all.contains(where: { $0.path.hasPrefix(path + ".") }) {
                readObject(member.value, path)
            } else {
                add(DecodingFailure(path, "unknown field" + suggestion(for: member.key, under: prefix)))
            }
        }
    }

    private mutating func readObject(_ value: JSONValue, _ path: String) {
        switch value {
        case .null: break
        case .object(let object): read(object, under: path + ".")
        default: add(DecodingFailure(path, "must be an object, got \(value.typeName)"))
        }
    }

    private mutating func read(_ value: JSONValue, _ field: ConfigurationField) {
        do {
            try field.read(value, &configuration)
        } catch {
            add(error.under(field.path))
        }
    }

    /// `; did you mean masqueradeBit?`
    private func suggestion(for name: String, under prefix: String) -> String {
        let siblings = ConfigurationField.all.map(\.path).filter { $0.hasPrefix(prefix) }.compactMap {
            $0.dropFirst(prefix.count).split(separator: ".").first.map(String.init)
        }
        return Spelling.nearest(to: name, in: siblings).map { "; did you mean \($0)?" } ?? ""
    }

    private mutating func add(_ failure: DecodingFailure) { problems.append(problem(failure)) }
}
