import KubeAPI
import KubeSchema
import StoreCore

/// Which objects of a resource a list or a watch is about.
struct Selection: Sendable {
    private let labels: LabelSelector
    private let fields: FieldSelector
    private let paths: [String: FieldLabel]

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
            throw .badRequest("unable to parse requirement: \(error.description)")
        }
        do {
            fields = try FieldSelector(parsing: fieldSelector ?? "")
        } catch {
            throw .badRequest(error.description)
        }
        var paths: [String: FieldLabel] = [:]
        for term in fields.terms {
            guard let label = served.fieldLabel(term.field) else {
                let definition = served.definition
                let group = definition.group.isEmpty ? "/\(definition.version)" : definition.apiVersion
                throw .badRequest(
                    "Unable to find \"\(group), Resource=\(definition.resource)\" that match label selector "
                        + "\"\(labelSelector ?? "")\", field selector \"\(fieldSelector ?? "")\": field label not "
                        + "supported: \(term.field)")
            }
            paths[term.field] = label
        }
        self.paths = paths
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
