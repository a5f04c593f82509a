import AccessControl
import KubeAPI
import KubeSchema
import StoreCore

/// Which objects of a resource a list or a watch is about.
struct Selection: Sendable {
    private let labels: LabelSelector
    private var fields: FieldSelector
    private var paths: [String: FieldLabel]

    static let everything = Selection(labels: .everything, fields: .everything, paths: [:])

    private init(labels: LabelSelector, fields: FieldSelector, paths: [String: FieldLabel]) {
        self.labels = labels
        self.fields = fields
        self.paths = paths
    }

    init(labelSelector: String?, fieldSelector: String?, _ served: ServedResource) throws(Status) {
        do {
            labels = try LabelSelector(parsing: labelSelector ?? "")
        } catch {
            throw .badRequest(error.description)
        }
        do {
            fields = try FieldSelector(parsing: fieldSelector ?? "")
        } catch {
            throw .badRequest(error.description)
        }
        var paths: [String: FieldLabel] = [:]
        for term in fields.terms {
            guard let label = served.fieldLabel(term.field) else {
                throw .badRequest(Self.unsupported(term.field, served))
            }
            paths[term.field] = label
        }
        self.paths = paths
    }

    /// In the words of the kind's conversion function; clients put what they asked for before it.
    private static func unsupported(_ label: String, _ served: ServedResource) -> String {
        let definition = served.definition
        switch (definition.group, definition.kind) {
        case ("batch", "Job"): return "field label \(GoText.quoted(label)) not supported for batchv1.Job"
        case ("resource.k8s.io", "ResourceSlice"):
            return "field label not supported for \(definition.apiVersion), Kind=ResourceSlice: \(label)"
        case let (group, kind)
        where served.isCustom
            || APICatalog.builtin.hasOwnFieldLabels(group: group, version: definition.version, kind: kind):
            return "field label not supported: \(label)"
        default:
            return "\(GoText.quoted(label)) is not a known field selector: only \"metadata.name\", "
                + "\"metadata.namespace\""
        }
    }

    /// Only the object of that name; an empty one changes nothing.
    mutating func narrow(to wanted: String) throws(Status) {
        guard !wanted.isEmpty else { return }
        guard fields.isEverything || name == wanted else {
            throw .badRequest("fieldSelector metadata.name doesn't match requested name")
        }
        guard name == nil else { return }
        fields.terms.append(.init(field: "metadata.name", value: wanted))
        paths["metadata.name"] = FieldLabel(path: "metadata.name")
    }

    var isEverything: Bool { labels.isEverything && fields.isEverything }

    /// The one name that objects can have.
    var name: String? { fields.requiredValue(of: "metadata.name") }

    /// The one namespace that objects can have.
    var namespace: String? { fields.requiredValue(of: "metadata.namespace") }

    /// `object` in the served version.
    func matches(_ object: JSONValue) -> Bool {
        (labels.isEverything || labels.matches(labels: object[path: "metadata", "labels"]))
            && (fields.isEverything || fields.matches { text(of: $0, in: object) })
    }

    private func text(of field: String, in object: JSONValue) -> String? {
        guard let label = paths[field], label.isIndexed else { return nil }
        switch object[path: label.path[...]] {
        case .string(let text)?: return text
        case .integer(let number)?: return String(number)
        case .bool(let flag)?: return flag ? "true" : "false"
        default: return label.absent
        }
    }
}
