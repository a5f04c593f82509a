import KubeAPI

/// How the client wants its answer.
struct OutputForm: Sendable, Hashable {
    enum Format: Sendable, Hashable { case json, yaml, protobuf }

    enum Shape: Sendable, Hashable {
        case object
        /// meta.k8s.io, `version` v1 or v1beta1.
        case table(version: String)
        case partialMetadata(version: String)
    }

    var format: Format
    var shape = Shape.object
    /// Indented, for people.
    var isPretty = false

    static let json = OutputForm(format: .json)

    static let acceptedTypes = [
        "application/json", "application/yaml", "application/vnd.kubernetes.protobuf",
    ]

    var contentType: String {
        switch format {
        case .json: "application/json"
        case .yaml: "application/yaml"
        case .protobuf: "application/vnd.kubernetes.protobuf"
        }
    }

    /// Of a watch.
    var streamType: String {
        format == .json ? "application/json" : "\(contentType);stream=watch"
    }

    /// Chooses by the `Accept` header. `allowsShapes`: tables and metadata alone can be made of the answer.
    static func negotiate(
        accept: [String], formats: Set<Format> = [.json, .yaml, .protobuf], allowsShapes: Bool, isPretty: Bool = false
    ) throws(Status) -> OutputForm {
        let accepted = MediaType.accepted(accept)
        if accepted.isEmpty { return OutputForm(format: .json, isPretty: isPretty) }
        for type in accepted {
            guard let format = format(of: type.name), formats.contains(format) else { continue }
            var form = OutputForm(format: format, isPretty: isPretty && format == .json)
            if let kind = type.parameters["as"] {
                guard allowsShapes, let shape = shape(kind, type.parameters) else { continue }
                form.shape = shape
            }
            return form
        }
        throw .notAcceptable(acceptedTypes)
    }

    private static func format(of name: String) -> Format? {
        switch name {
        case "application/json", "*/*", "application/*": .json
        case "application/yaml": .yaml
        case "application/vnd.kubernetes.protobuf": .protobuf
        default: nil
        }
    }

    private static func shape(_ kind: String, _ parameters: [String: String]) -> Shape? {
        let version = parameters["v"] ?? "v1"
        guard parameters["g"] == "meta.k8s.io", version == "v1" || version == "v1beta1" else { return nil }
        switch kind {
        case "Table": return .table(version: version)
        case "PartialObjectMetadata", "PartialObjectMetadataList": return .partialMetadata(version: version)
        default: return nil
        }
    }
}
