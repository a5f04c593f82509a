import KubeAPI

/// How a namespace that is being deleted comes to its end.
public enum NamespaceDeletion {
    /// What was found when its contents were deleted.
    public struct Findings: Sendable, Hashable {
        /// Objects that are still there, per `resource.group`.
        public var remaining: [String: Int] = [:]
        /// Finalizers of those objects, and how many have each.
        public var finalizers: [String: Int] = [:]
        /// Why the server could not tell what it serves; empty when it could.
        public var discoveryErrors: [String] = []
        public var deletionErrors: [String] = []
        /// The longest that a pod still may take, in seconds.
        public var longestGrace: Int64 = 0

        public init() {}

        /// Adds what was found elsewhere.
        public mutating func merge(_ other: Findings) {
            remaining.merge(other.remaining, uniquingKeysWith: +)
            finalizers.merge(other.finalizers, uniquingKeysWith: +)
            discoveryErrors = (discoveryErrors + other.discoveryErrors).sorted()
            deletionErrors = (deletionErrors + other.deletionErrors).sorted()
            longestGrace = max(longestGrace, other.longestGrace)
        }

        public var isEmpty: Bool { remaining.isEmpty && discoveryErrors.isEmpty && deletionErrors.isEmpty }
    }

    static let finalizer = "kubernetes"

    /// True when it waits for its contents to be deleted.
    public static func isDue(_ namespace: APIObject) -> Bool {
        namespace.isBeingDeleted && finalizers(namespace).contains(finalizer)
    }

    private static func finalizers(_ namespace: APIObject) -> [String] {
        namespace.spec?["finalizers"]?.array?.compactMap(\.string) ?? []
    }

    public static func decide(_ namespace: APIObject, _ findings: Findings, now: Int64) -> Decision {
        guard isDue(namespace) else { return Decision() }
        guard !findings.isEmpty else {
            var finalized = namespace
            finalized[path: "spec", "finalizers"] = .array(
                finalizers(namespace).filter { $0 != finalizer }.map { .string($0) })
            return Decision([Action(.update(.namespace, finalized, subresource: "finalize"))])
        }
        var decision = Decision()
        var status = namespace.status ?? .emptyObject
        for condition in conditions(findings) { Conditions.set(condition, in: &status, now: now) }
        if let changed = namespace.changing(status: status) { decision.perform(.updateStatus(.namespace, changed)) }
        // Sooner when only pods are waited for that end soon.
        decision.look(after: findings.longestGrace > 0 ? .seconds(min(findings.longestGrace / 2 + 1, 10)) : .seconds(1))
        return decision
    }

    private static func conditions(_ findings: Findings) -> [Condition] {
        [
            findings.discoveryErrors.isEmpty
                ? Condition(
                    "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
                    "All resources successfully discovered")
                : Condition(
                    "NamespaceDeletionDiscoveryFailure", true, "DiscoveryFailed",
                    "Discovery failed for some groups, \(findings.discoveryErrors.count) failing: "
                        + findings.discoveryErrors.joined(separator: ", ")),
            Condition(
                "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
                "All legacy kube types successfully parsed"),
            findings.deletionErrors.isEmpty
                ? Condition(
                    "NamespaceDeletionContentFailure", false, "ContentDeleted",
                    "All content successfully deleted, may be waiting on finalization")
                : Condition(
                    "NamespaceDeletionContentFailure", true, "ContentDeletionFailed",
                    "Failed to delete all resource types, \(findings.deletionErrors.count) remaining: "
                        + findings.deletionErrors.joined(separator: ", ")),
            findings.remaining.isEmpty
                ? Condition(
                    "NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed")
                : Condition(
                    "NamespaceContentRemaining", true, "SomeResourcesRemain",
                    "Some resources are remaining: " + list(findings.remaining) { "\($0) has \($1) resource instances" }
                ),
            findings.finalizers.isEmpty
                ? Condition(
                    "NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers",
                    "All content-preserving finalizers finished")
                : Condition(
                    "NamespaceFinalizersRemaining", true, "SomeFinalizersRemain",
                    "Some content in the namespace has finalizers remaining: "
                        + list(findings.finalizers) { "\($0) in \($1) resource instances" }),
        ]
    }

    private static func list(_ counts: [String: Int], _ text: (String, Int) -> String) -> String {
        counts.sorted { $0.key < $1.key }.map { text($0.key, $0.value) }.joined(separator: ", ")
    }
}
