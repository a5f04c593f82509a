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
        // A negative one counts as a second.
        gracePeriodSeconds = (json["gracePeriodSeconds"]?.integer).map { $0 < 0 ? 1 : $0 }
        uid = json[path: "preconditions", "uid"]?.string ?? ""
        resourceVersion = json[path: "preconditions", "resourceVersion"]?.string ?? ""
        let stages = (json["dryRun"]?.array ?? []).compactMap(\.string)
        isDryRun = !stages.isEmpty
        let orphans = json["orphanDependents"]?.bool
        let policy = json["propagationPolicy"]?.string ?? ""
        propagation = Propagation(rawValue: policy) ?? orphans.map { $0 ? .orphan : .background }
        let errors = Self.errors(policy: policy, orphans: orphans) + OptionsCheck.dryRun(stages)
        guard errors.isEmpty else { throw .invalid(kind: "DeleteOptions", group: "meta.k8s.io", "", errors) }
    }

    private static func errors(policy: String, orphans: Bool?) -> [FieldError] {
        guard !policy.isEmpty else { return [] }
        var errors: [FieldError] = []
        if orphans != nil {
            errors.append(
                FieldError(
                    .invalid, "propagationPolicy", .string(policy),
                    "orphanDependents and deletionPropagation cannot be both set"))
        }
        if Propagation(rawValue: policy) == nil {
            errors.append(
                FieldError(
                    .notSupported, "propagationPolicy", .string(policy),
                    #"supported values: "Foreground", "Background", "Orphan", "nil""#))
        }
        return errors
    }
}

extension DeleteOptions {
    /// Whether it is the object that is meant.
    func check(_ object: JSONValue, _ definition: ResourceDefinition) throws(Status) {
        if !uid.isEmpty, uid != object.meta("uid") {
            throw .failedPrecondition(
                definition, object.meta("name"),
                "the UID in the precondition (\(uid)) does not match the UID in record (\(object.meta("uid"))). "
                    + "The object might have been deleted and then recreated")
        }
        let version = object.meta("resourceVersion")
        if !resourceVersion.isEmpty, resourceVersion != version {
            throw .failedPrecondition(
                definition, object.meta("name"),
                "the ResourceVersion in the precondition (\(resourceVersion)) does not match the ResourceVersion in "
                    + "record (\(version)). The object might have been modified")
        }
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

    /// How long an object may still take; nil when its end has been set already and is not to come sooner.
    /// `period`: of its kind, nil when the kind goes at once.
    static func grace(_ object: JSONValue, requested: Int64?, period: Int64?) -> Int64? {
        guard let period else { return 0 }
        guard object[path: "metadata", "deletionTimestamp"]?.string != nil else { return period }
        guard let left = object[path: "metadata", "deletionGracePeriodSeconds"]?.integer, left > 0 else { return 0 }
        guard let requested, requested < left else { return nil }
        return requested
    }

    /// The object once its deletion has been asked for; equal to `object` when it changes nothing.
    static func marked(
        _ object: JSONValue, finalizers: [String], grace: Int64, now: Int64
    ) -> JSONValue {
        var marked = object
        marked.setMeta("finalizers", finalizers.isEmpty ? nil : .array(finalizers.map { .string($0) }))
        if let asked = object[path: "metadata", "deletionTimestamp"]?.string.flatMap(RFC3339.seconds) {
            let earlier = object[path: "metadata", "deletionGracePeriodSeconds"]?.integer ?? 0
            guard grace < earlier else { return marked }
            let due = (asked - earlier + grace) * 1_000_000_000
            marked.setMeta("deletionTimestamp", .string(RFC3339.text(nanoseconds: due, .seconds)))
            marked.setMeta("deletionGracePeriodSeconds", .integer(grace))
            return marked
        }
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
