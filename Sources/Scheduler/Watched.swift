import KubeAPI
import KubeSchema
import SchedulerCore

/// A value that scheduling reads of an object.
protocol SchedulingInput: Sendable {
    init(json: JSONValue) throws(DecodingFailure)
}

extension Pod: SchedulingInput {}
extension NodeDescription: SchedulingInput {}
extension PersistentVolume: SchedulingInput {}
extension PersistentVolumeClaim: SchedulingInput {}
extension StorageClass: SchedulingInput {}
extension VolumeLimits: SchedulingInput {}
extension DisruptionBudget: SchedulingInput {}
extension ServiceSelector: SchedulingInput {}
extension ControllerSelector: SchedulingInput {}

/// metadata.labels of a Namespace.
struct NamespaceLabels: SchedulingInput {
    let labels: [String: String]

    init(json: JSONValue) throws(DecodingFailure) {
        let members = json["metadata"]?["labels"]?.object?.members ?? []
        labels = Dictionary(members.map { ($0.key, $0.value.string ?? "") }) { $1 }
    }
}

/// An object as a reflector reads it: only what scheduling needs is kept.
struct Watched<Value: SchedulingInput>: DecodableObject {
    let key: NamespacedName
    let resourceVersion: String
    let value: Value

    init(json: JSONValue) throws(DecodingFailure) {
        let identity = ObjectIdentity(json)
        guard let key = identity.key else { throw DecodingFailure("metadata.name", "required") }
        self.key = key
        resourceVersion = identity.resourceVersion
        value = try Value(json: json)
    }
}
