import KubeAPI

extension Validation {
    @Sendable static func limitRange(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        var types: Set<String> = []
        for limit in object["spec"]["limits"].items {
            let type = limit["type"].holding(.string(limit["type"].string))
            let details = NameFormats.qualifiedName(type.string)
            findings.invalid(type, details)
            let isStandard = ["Pod", "Container", "PersistentVolumeClaim"].contains(type.string)
            if details.isEmpty, !isStandard, !type.string.contains("/") {
                findings.invalid(type, "must be a standard limit type or fully qualified")
            }
            if !types.insert(type.string).inserted { findings.duplicate(type) }
            LimitRangeItem(limit).check(&findings)
        }
    }
}

/// The bounds of one type of object.
private struct LimitRangeItem {
    private typealias Amounts = [String: Quantity]

    private let limit: FieldCursor
    private let type: String

    init(_ limit: FieldCursor) {
        self.limit = limit
        type = limit["type"].string
    }

    func check(_ findings: inout Findings) {
        let max = amounts("max", &findings)
        let min = amounts("min", &findings)
        var (standard, request): (Amounts, Amounts) = ([:], [:])
        if type == "Pod" {
            for name in ["default", "defaultRequest"] where !limit[name].isEmpty {
                findings.forbidden(limit[name], "may not be specified when `type` is 'Pod'")
            }
        } else {
            standard = amounts("default", &findings)
            request = amounts("defaultRequest", &findings)
        }
        if type == "PersistentVolumeClaim", min["storage"] == nil, max["storage"] == nil {
            findings.missing(
                limit["limits"], "either minimum or maximum storage value is required, but neither was provided")
        }
        let ratio = amounts("maxLimitRequestRatio", &findings)
        let names = [max, min, standard, request, ratio].reduce(into: Set<String>()) { $0.formUnion($1.keys) }
        for name in names.sorted() {
            order(name, min[name], request[name], standard[name], max[name], &findings)
            check(ratio: ratio[name], name, min[name], max[name], &findings)
            overcommitment(name, standard[name], request[name], &findings)
        }
    }

    /// Upstream's findings about names have no key.
    private func amounts(_ field: String, _ findings: inout Findings) -> Amounts {
        var amounts: Amounts = [:]
        for (name, amount) in limit[field].entries {
            let place = amount.placed(at: limit[field].path)
            if type == "Pod" || type == "Container" {
                findings.containerResourceName(name, place)
            } else {
                findings.resourceName(name, place)
            }
            amounts[name] = (amount.value?.string).flatMap { try? Quantity(parsing: $0) }
        }
        return amounts
    }

    private func order(
        _ name: String, _ min: Quantity?, _ request: Quantity?, _ standard: Quantity?, _ max: Quantity?,
        _ findings: inout Findings
    ) {
        func compare(
            _ less: Quantity?, _ lessName: String, _ more: Quantity?, _ moreName: String, at field: String,
            showing shown: Quantity?
        ) {
            guard let less, let more, less > more else { return }
            findings.invalid(
                limit[field][key: name].holding(shown.map { .string($0.description) }),
                "\(lessName) value \(less) is greater than \(moreName) value \(more)")
        }
        compare(min, "min", max, "max", at: "min", showing: min)
        compare(min, "min", request, "default request", at: "defaultRequest", showing: request)
        compare(request, "default request", max, "max", at: "defaultRequest", showing: request)
        compare(request, "default request", standard, "default limit", at: "defaultRequest", showing: request)
        // Upstream shows the other bound in these two.
        compare(min, "min", standard, "default", at: "default", showing: min)
        compare(standard, "default", max, "max", at: "default", showing: max)
    }

    private func check(
        ratio: Quantity?, _ name: String, _ min: Quantity?, _ max: Quantity?, _ findings: inout Findings
    ) {
        guard let ratio else { return }
        let field = limit["maxLimitRequestRatio"][key: name].holding(.string(ratio.description))
        if ratio.milliValue < 1000 { findings.invalid(field, "ratio \(ratio) is less than 1") }
        guard let min, let max, min.milliValue > 0 else { return }
        let most = Double(max.milliValue) / Double(min.milliValue)
        if Double(ratio.milliValue) / 1000 > most {
            findings.invalid(field, "ratio \(ratio) is greater than max/min = \(Self.sixPlaces(most))")
        }
    }

    private static func sixPlaces(_ number: Double) -> String {
        let millionths = Int64((number * 1_000_000).rounded())
        let rest = String(millionths % 1_000_000)
        return "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
    }

    private func overcommitment(
        _ name: String, _ standard: Quantity?, _ request: Quantity?, _ findings: inout Findings
    ) {
        guard let standard, let request, standard != request, !ResourceNames.mayOvercommit(name) else { return }
        findings.invalid(
            limit["defaultRequest"][key: name],
            "default value \(standard) must equal to defaultRequest value \(request) in \(name)")
    }
}
