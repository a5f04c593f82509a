import KubeAPI
import KubeSchema

/// What the labels of a namespace ask of its Pods.
struct PodSecurityPolicy: Sendable, Hashable {
    enum Mode: String, CaseIterable { case enforce, audit, warn }

    struct Rule: Sendable, Hashable, CustomStringConvertible {
        var level = PodSecurityLevel.privileged
        var version = latest

        /// `restricted:latest`
        var description: String { "\(level.rawValue):\(version)" }
    }

    static let latest = "latest"
    private static let prefix = "pod-security.kubernetes.io/"

    private(set) var enforced = Rule()
    private(set) var audited = Rule()
    private(set) var warned = Rule()
    /// Labels that say nothing; the strictest level holds in their stead.
    private(set) var errors: [FieldError] = []

    init(labels: JSONValue?) {
        enforced = rule(.enforce, labels)
        audited = rule(.audit, labels)
        warned = rule(.warn, labels)
        // Who makes the Pods of a workload is refused later, so whoever writes the workload is warned.
        if labels?[Self.prefix + "warn"] == nil { warned = enforced }
    }

    /// Nothing is asked.
    var isPrivileged: Bool { [enforced, audited, warned].allSatisfy { $0.level == .privileged } }

    private mutating func rule(_ mode: Mode, _ labels: JSONValue?) -> Rule {
        var rule = Rule()
        let label = Self.prefix + mode.rawValue
        if let text = labels?[label]?.string {
            if let level = PodSecurityLevel(rawValue: text) {
                rule.level = level
            } else {
                rule.level = mode == .enforce ? .restricted : .privileged
                refuse(label, text, "must be one of privileged, baseline, restricted")
            }
        }
        if let text = labels?[label + "-version"]?.string {
            if text == Self.latest || text.wholeMatch(of: /v1\.(0|[1-9][0-9]*)/) != nil {
                rule.version = text
            } else {
                refuse(label + "-version", text, #"must be "latest" or "v1.x""#)
            }
        }
        return rule
    }

    private mutating func refuse(_ label: String, _ text: String, _ why: String) {
        errors.append(FieldError(.invalid, "metadata.labels[\(label)]", .string(text), why))
    }
}
