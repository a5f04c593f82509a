/// Whether someone who holds some rules holds others too (upstream's component-helpers/auth/rbac/validation).
extension PolicyRule {
    /// The smallest parts of `wanted` that no rule of `held` covers.
    public static func missing(_ wanted: [PolicyRule], from held: [PolicyRule]) -> [PolicyRule] {
        wanted.flatMap(\.parts).filter { part in !held.contains { $0.covers(part) } }
    }

    /// One verb on one resource of one group, or on one path, each.
    var parts: [PolicyRule] {
        var parts: [PolicyRule] = []
        for group in apiGroups {
            for resource in resources {
                for verb in verbs {
                    let part = PolicyRule(verbs: [verb], apiGroups: [group], resources: [resource])
                    guard !resourceNames.isEmpty else {
                        parts.append(part)
                        continue
                    }
                    for name in resourceNames {
                        var named = part
                        named.resourceNames = [name]
                        parts.append(named)
                    }
                }
            }
        }
        for path in nonResourceURLs {
            for verb in verbs { parts.append(PolicyRule(verbs: [verb], nonResourceURLs: [path])) }
        }
        return parts
    }

    private func covers(_ other: PolicyRule) -> Bool {
        Self.covers(verbs, other.verbs) && Self.covers(apiGroups, other.apiGroups)
            && coversResources(other.resources) && coversNames(other.resourceNames)
            && other.nonResourceURLs.allSatisfy { path in
                nonResourceURLs.contains { Self.path($0, covers: path) }
            }
    }

    private static func covers(_ words: [String], _ others: [String]) -> Bool {
        words.contains(all) || others.allSatisfy(words.contains)
    }

    private func coversResources(_ others: [String]) -> Bool {
        resources.contains(Self.all)
            || others.allSatisfy { other in
                if resources.contains(other) { return true }
                guard let slash = other.firstIndex(of: "/") else { return false }
                return resources.contains("*" + other[slash...])
            }
    }

    /// A rule for some names does not cover one for all names.
    private func coversNames(_ names: [String]) -> Bool {
        resourceNames.isEmpty || !names.isEmpty && names.allSatisfy(resourceNames.contains)
    }

    /// The rules with parts for the same resource and name written as one; the order is that of the first part.
    static func compact(_ parts: [PolicyRule]) -> [PolicyRule] {
        var compact: [PolicyRule] = []
        var places: [PolicyRule: Int] = [:]
        for part in parts {
            var place = part
            place.verbs = []
            if part.nonResourceURLs.isEmpty, let index = places[place] {
                compact[index].verbs += part.verbs
            } else {
                places[place] = compact.count
                compact.append(part)
            }
        }
        return compact
    }

    /// `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`, as upstream's messages have it.
    var compactText: String {
        let lists = [
            ("APIGroups", apiGroups), ("Resources", resources), ("NonResourceURLs", nonResourceURLs),
            ("ResourceNames", resourceNames), ("Verbs", verbs),
        ]
        return "{"
            + lists.filter { !$0.1.isEmpty }.map { "\($0.0):\(GoText.quoted($0.1))" }.joined(separator: ", ") + "}"
    }
}
