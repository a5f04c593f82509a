import KubeAPI
import KubeSchema
import StoreCore

/// How an object is to be deleted (metav1.DeleteOptions).
public struct DeleteOptions: Sendable {
    public enum Propagation: String, Sendable {
        case background = "Background", foreground = "Foreground", orphan = "Orphan"
    }

    public var gracePeriodSeconds: Int64?
    public var propagation: Propagation?
    /// Only an object with these may go.
    public var uid = ""
    public var resourceVersion = ""
    public var isDryRun = false

    public init() {}

    /// A body, or the query parameters made into one.
    init(json: JSONValue) throws(Status) {
        gracePeriodSeconds = json["gracePeriodSeconds"]?.integer
        if let text = json["propagationPolicy"]?.string, !text.isEmpty {
            guard let propagation = Propagation(rawValue: text) else {
                throw Self.invalid(
                    "propagationPolicy: Unsupported value: \"\(text)\": supported values: \"Background\", "
                        + "\"Foreground\", \"Orphan\"")
            }
            guard json["orphanDependents"]?.bool == nil else {
                throw Self.invalid(
                    "propagationPolicy: Invalid value: \"\(text)\": orphanDependents and deletionPropagation cannot be "
                        + "both set")
            }
            self.propagation = propagation
        } else if let orphans = json["orphanDependents"]?.bool {
            propagation = orphans ? .orphan : .background
        }
        uid = json[path: "preconditions", "uid"]?.string ?? ""
        resourceVersion = json[path: "preconditions", "resourceVersion"]?.string ?? ""
        let stages = json["dryRun"]?.array ?? []
        guard stages.allSatisfy({ $0 == "All" }) else {
            throw Self.invalid(
                "dryRun: Unsupported value: \(JSONWriter.text(.array(stages))): supported values: \"All\"")
        }
        isDryRun = !stages.isEmpty
    }

    private static func invalid(_ why: String) -> Status {
        Status(code: 422, reason: "Invalid", message: "DeleteOptions.meta.k8s.io \"\" is invalid: \(why)")
    }
}

/// The rules of deletion, apart from the store.
enum Deletion {
    /// Asked for, its grace over, and nobody holds it.
    static func isDue(_ object: JSONValue) -> Bool {
        guard object[path: "metadata", "deletionTimestamp"]?.string != nil else { return false }
        let seconds = object[path: "metadata", "deletionGracePeriodSeconds"]?.integer ?? 0
        return seconds == 0 && finalizers(object).isEmpty
    }

    static func finalizers(_ object: JSONValue) -> [String] {
        object[path: "metadata", "finalizers"]?.array?.compactMap(\.string) ?? []
    }

    /// With those that the garbage collector takes away when it has dealt with the dependents. `kindDefault`: when
    /// neither the request nor the object says what becomes of these.
    static func finalizers(
        _ object: JSONValue, _ asked: DeleteOptions.Propagation?, kindDefault: DeleteOptions.Propagation?
    ) -> [String] {
        let own = finalizers(object)
        let others = own.filter { $0 != "orphan" && $0 != "foregroundDeletion" }
        guard let propagation = asked ?? (others.count == own.count ? kindDefault : nil) else { return own }
        return switch propagation {
        case .background: others
        case .foreground: others + ["foregroundDeletion"]
        case .orphan: others + ["orphan"]
        }
    }

    /// The object once its deletion has been asked for; equal to `object` when it changes nothing.
    static func marked(
        _ object: JSONValue, finalizers: [String], grace: Int64, now: Int64
    ) -> JSONValue {
        var marked = object
        marked.setMeta("finalizers", finalizers.isEmpty ? nil : .array(finalizers.map { .string($0) }))
        let earlier = object[path: "metadata", "deletionGracePeriodSeconds"]?.integer
        if object[path: "metadata", "deletionTimestamp"]?.string != nil, let earlier, earlier <= grace { return marked }
        let (nanoseconds, overflow) = grace.multipliedReportingOverflow(by: 1_000_000_000)
        let (due, carry) = now.addingReportingOverflow(overflow ? 0 : nanoseconds)
        marked.setMeta("deletionTimestamp", .string(RFC3339.text(nanoseconds: carry ? now : due, .seconds)))
        marked.setMeta("deletionGracePeriodSeconds", .integer(grace))
        if let generation = object[path: "metadata", "generation"]?.integer, generation > 0 {
            marked.setMeta("generation", .integer(generation &+ 1))
        }
        return marked
    }
}
