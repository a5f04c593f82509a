import KubeAPI

/// The kinds of API priority and fairness.
extension Validation {
    // MARK: - FlowSchema

    @Sendable static func flowSchema(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let (spec, name) = (object["spec"], object["metadata"]["name"].string)
        let precedence = spec["matchingPrecedence"].holding(.integer(spec["matchingPrecedence"].integer ?? 0))
        let number = precedence.integer ?? 0
        if number <= 0 { findings.invalid(precedence, "must be a positive value") }
        if number > 10_000 { findings.invalid(precedence, "must not be greater than 10000") }
        if number == 1, name != "exempt" {
            findings.invalid(precedence, "only the schema named 'exempt' may have matchingPrecedence 1")
        }
        let method = spec["distinguisherMethod"]
        if method.isSet, !["ByNamespace", "ByUser"].contains(method["type"].string) {
            findings.notSupported(method["type"].holding(method.value), ["ByNamespace", "ByUser"])
        }
        let level = spec["priorityLevelConfiguration"]["name"]
        if level.isEmpty {
            findings.missing(level, "must reference a priority level")
        } else {
            findings.invalid(level, NameFormats.dns1123Subdomain(level.string))
        }
        for rule in spec["rules"].items { flowRule(rule, &findings) }
        if let fixed = mandatoryFlowSchemas[name], !(spec.value ?? .null).isEquivalent(to: fixed) {
            findings.invalid(spec, "spec of '\(name)' must equal the fixed value")
        }
        uniqueConditions(object["status"], &findings)
    }

    private static func uniqueConditions(_ status: FieldCursor, _ findings: inout Findings) {
        findings.unique(status["conditions"].items.map { $0["type"] })
        for condition in status["conditions"].items { findings.require(condition["type"], "must not be empty") }
    }

    private static func flowRule(_ rule: FieldCursor, _ findings: inout Findings) {
        findings.require(rule["subjects"], "subjects must contain at least one value")
        for subject in rule["subjects"].items { flowSubject(subject, &findings) }
        if rule["resourceRules"].isEmpty, rule["nonResourceRules"].isEmpty {
            findings.missing(rule, "at least one of resourceRules and nonResourceRules has to be non-empty")
        }
        for resources in rule["resourceRules"].items {
            flowVerbs(resources["verbs"], &findings)
            wildcardAlone(
                resources["apiGroups"], "api groups", "resource rules must supply at least one api group", &findings)
            wildcardAlone(
                resources["resources"], "resources", "resource rules must supply at least one resource", &findings)
            flowNamespaces(resources, &findings)
        }
        for urls in rule["nonResourceRules"].items {
            flowVerbs(urls["verbs"], &findings)
            let paths = urls["nonResourceURLs"]
            wildcardAlone(
                paths, "non-resource URLs", "nonResourceURLs must contain at least one value", &findings)
            guard !hasWildcard(paths) else { continue }
            for path in paths.items { if let fault = pathFault(path.string) { findings.invalid(path, fault) } }
        }
    }

    private static func hasWildcard(_ list: FieldCursor) -> Bool { list.items.contains { $0.string == "*" } }

    private static func wildcardAlone(
        _ list: FieldCursor, _ others: String, _ whenEmpty: String, _ findings: inout Findings
    ) {
        if list.isEmpty { findings.missing(list, whenEmpty) }
        if list.count > 1, hasWildcard(list) {
            findings.invalid(list, "if '*' is present, must not specify other \(others)")
        }
    }

    private static let verbs = [
        "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch",
    ]

    private static func flowVerbs(_ list: FieldCursor, _ findings: inout Findings) {
        wildcardAlone(list, "verbs", "verbs must contain at least one value", &findings)
        if !hasWildcard(list), !list.items.allSatisfy({ verbs.contains($0.string) }) {
            findings.notSupported(list, verbs)
        }
    }

    private static func flowNamespaces(_ rule: FieldCursor, _ findings: inout Findings) {
        let list = rule["namespaces"]
        if list.isEmpty, !rule["clusterScope"].isTrue {
            findings.missing(
                list, "resource rules that are not cluster scoped must supply at least one namespace")
        } else if hasWildcard(list) {
            if list.count > 1 {
                findings.invalid(list, "if '*' is present, must not specify other namespaces")
            }
        } else {
            for namespace in list.items {
                findings.invalid(
                    namespace,
                    NameFormats.dns1123Label(namespace.string).map {
                        "each member of this list must be '*' or a DNS-1123 label; \($0)"
                    })
            }
        }
    }

    private static func pathFault(_ path: String) -> String? {
        if path.isEmpty { return "must not be empty" }
        if !path.hasPrefix("/") { return "must start with slash" }
        if path.contains(" ") { return "must not contain white-space" }
        if path.contains("//") { return "must not contain double slash" }
        let wildcards = path.count { $0 == "*" }
        return wildcards > 1 || wildcards == 1 && !path.hasSuffix("/*") ? "wildcard can only do suffix matching" : nil
    }

    private static func flowSubject(_ subject: FieldCursor, _ findings: inout Findings) {
        let kinds = ["ServiceAccount": "serviceAccount", "User": "user", "Group": "group"]
        let kind = subject["kind"].string
        guard let own = kinds[kind] else {
            return findings.notSupported(subject["kind"].holding(.string(kind)), kinds.keys.sorted())
        }
        let field = subject[own]
        if !field.isSet {
            findings.missing(field, "\(own) is required when subject kind is '\(kind)'")
        } else if kind == "ServiceAccount" {
            findings.require(field["name"])
            if field["name"].string != "*" { findings.expect(field["name"], NameFormats.dns1123Subdomain) }
            findings.require(field["namespace"], "must specify namespace for service account")
            findings.expect(field["namespace"], NameFormats.dns1123Label)
        } else {
            findings.require(field["name"])
        }
        for (other, name) in kinds.sorted(by: { $0.value > $1.value }) where name != own && subject[name].isSet {
            findings.forbidden(subject[name], "\(name) is forbidden when subject kind is not '\(other)'")
        }
    }

    // MARK: - PriorityLevelConfiguration

    @Sendable static func priorityLevelConfiguration(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let (spec, name) = (object["spec"], object["metadata"]["name"].string)
        let (limited, exempt, type) = (spec["limited"], spec["exempt"], spec["type"].string)
        if (name == "exempt") != (type == "Exempt") {
            findings.invalid(
                spec["type"].holding(.string(type)), "type must be 'Exempt' if and only if name is 'exempt'")
        }
        switch type {
        case "Limited":
            if exempt.isSet { findings.forbidden(exempt, "must be nil if the type is Limited") }
            if limited.isSet {
                shares(limited, &findings)
                if let percent = limited["borrowingLimitPercent"].integer, percent < 0 {
                    findings.invalid(
                        limited["borrowingLimitPercent"], "if specified, must be a non-negative integer")
                }
                limitResponse(limited["limitResponse"], &findings)
            } else {
                findings.missing(limited, "must not be empty when type is Limited")
            }
        case "Exempt":
            if limited.isSet { findings.forbidden(limited, "must be nil if the type is not Limited") }
            shares(exempt, &findings)
        default: findings.notSupported(spec["type"].holding(.string(type)), ["Exempt", "Limited"])
        }
        mandatoryLevel(spec, name, &findings)
        uniqueConditions(object["status"], &findings)
    }

    private static func shares(_ field: FieldCursor, _ findings: inout Findings) {
        if let shares = field["nominalConcurrencyShares"].integer, shares < 0 {
            findings.invalid(field["nominalConcurrencyShares"], "must be a non-negative integer")
        }
        findings.within(field["lendablePercent"], 0...100)
    }

    private static func limitResponse(_ response: FieldCursor, _ findings: inout Findings) {
        let queuing = response["queuing"]
        switch response["type"].string {
        case "Reject":
            if queuing.isSet {
                findings.forbidden(queuing, "must be nil if limited.limitResponse.type is not Limited")
            }
        case "Queue":
            guard queuing.isSet else {
                return findings.missing(queuing, "must not be empty if limited.limitResponse.type is Limited")
            }
            queues(queuing, &findings)
        default:
            findings.notSupported(response["type"].holding(.string(response["type"].string)), ["Queue", "Reject"])
        }
    }

    /// A hand is dealt with this many bits of a hash at most.
    private static let hashBits = 60

    private static func queues(_ queuing: FieldCursor, _ findings: inout Findings) {
        func number(_ name: String) -> (field: FieldCursor, value: Int64) {
            let value = queuing[name].integer ?? 0
            return (queuing[name].holding(.integer(value)), value)
        }
        let (limit, deck, hand) = (number("queueLengthLimit"), number("queues"), number("handSize"))
        if limit.value <= 0 { findings.invalid(limit.field, "must be positive") }
        if deck.value <= 0 {
            findings.invalid(deck.field, "must be positive")
        } else if deck.value > 10_000_000 {
            findings.invalid(deck.field, "must not be greater than 10000000")
        }
        if hand.value <= 0 {
            findings.invalid(hand.field, "must be positive")
        } else if hand.value > deck.value {
            findings.invalid(hand.field, "should not be greater than queues (\(deck.value))")
        } else if entropyBits(deck: deck.value, hand: hand.value) > hashBits {
            findings.invalid(
                hand.field,
                "required entropy bits of deckSize \(deck.value) and handSize \(hand.value) should not be greater than "
                    + "\(hashBits)")
        }
    }

    private static func entropyBits(deck: Int64, hand: Int64) -> Int {
        var capacity = 1.0
        for card in 0..<hand {
            capacity *= Double(deck - card)
            if capacity > 0x1p61 { return hashBits + 1 }
        }
        return capacity <= 1 ? 0 : (capacity - 1).exponentBits
    }

    // MARK: - What always exists

    private static let everything: JSONValue = [
        "resourceRules": [
            ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": true, "namespaces": ["*"]]
        ],
        "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]],
    ]

    private static func everything(of groups: String...) -> JSONValue {
        var rule = everything
        rule[path: "subjects"] = .array(groups.map { ["kind": "Group", "group": ["name": .string($0)]] })
        return rule
    }

    private static let mandatoryFlowSchemas: [String: JSONValue] = [
        "exempt": [
            "priorityLevelConfiguration": ["name": "exempt"], "matchingPrecedence": 1,
            "rules": [everything(of: "system:masters")],
        ],
        "catch-all": [
            "priorityLevelConfiguration": ["name": "catch-all"], "matchingPrecedence": 10_000,
            "distinguisherMethod": ["type": "ByUser"],
            "rules": [everything(of: "system:unauthenticated", "system:authenticated")],
        ],
    ]

    private static func mandatoryLevel(_ spec: FieldCursor, _ name: String, _ findings: inout Findings) {
        var value = spec.value ?? .emptyObject
        switch name {
        case "exempt":
            value[path: "exempt"] = nil
            guard !value.isEquivalent(to: ["type": "Exempt"]) else { return }
            findings.invalid(spec, "spec of 'exempt' except the 'spec.exempt' field must equal the fixed value")
        case "catch-all":
            let fixed: JSONValue = [
                "type": "Limited",
                "limited": [
                    "nominalConcurrencyShares": 5, "limitResponse": ["type": "Reject"], "lendablePercent": 0,
                ],
            ]
            guard !value.isEquivalent(to: fixed) else { return }
            findings.invalid(spec, "spec of 'catch-all' must equal the fixed value")
        default: break
        }
    }
}

extension Double {
    /// How many bits its whole part has.
    fileprivate var exponentBits: Int { self < 1 ? 0 : Int(exponent) + 1 }
}
