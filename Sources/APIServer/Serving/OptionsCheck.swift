import KubeAPI
import KubeSchema

/// What is wrong with the options that a change carries in its query (apimachinery's meta/v1/validation), told in one 422.
enum OptionsCheck {
    private static let longestManager = 128

    static func check(_ query: Query, verb: String, isApply: Bool) throws(Status) {
        guard let kind = kind(verb) else { return }
        var errors: [FieldError] = []
        let manager = query["fieldManager"] ?? ""
        if kind == "PatchOptions" { errors += patch(query, manager, isApply) }
        errors += self.manager(manager)
        errors += dryRun(stages(query))
        errors += fieldValidation(query["fieldValidation"] ?? "")
        guard errors.isEmpty else { throw .invalid(kind: kind, group: "meta.k8s.io", "", errors) }
    }

    /// Those of a deletion may be its body; `DeleteOptions` checks them.
    private static func kind(_ verb: String) -> String? {
        switch verb {
        case "create": "CreateOptions"
        case "update": "UpdateOptions"
        case "patch": "PatchOptions"
        default: nil
        }
    }

    static func stages(_ query: Query) -> [String] { query.all("dryRun").filter { !$0.isEmpty } }

    private static func patch(_ query: Query, _ manager: String, _ isApply: Bool) -> [FieldError] {
        if isApply {
            return manager.isEmpty ? [FieldError(.required, "fieldManager", nil, "is required for apply patch")] : []
        }
        return query["force"] == nil
            ? [] : [FieldError(.forbidden, "force", nil, "may not be specified for non-apply patch")]
    }

    private static func manager(_ manager: String) -> [FieldError] {
        var errors: [FieldError] = []
        if manager.utf8.count > longestManager {
            errors.append(FieldError(.tooLong, "fieldManager", nil, "may not be more than \(longestManager) bytes"))
        }
        var position = 0
        for scalar in manager.unicodeScalars {
            if !scalar.isPrintable {
                let code = String(scalar.value, radix: 16, uppercase: true)
                let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
                errors.append(
                    FieldError(
                        .invalid, "fieldManager", .string(manager),
                        "invalid character U+\(padded) (at position \(position))"))
            }
            position += UTF8.width(scalar)
        }
        return errors
    }

    static func dryRun(_ stages: [String]) -> [FieldError] {
        guard stages.contains(where: { $0 != "All" }) else { return [] }
        return [
            FieldError(.notSupported, "dryRun", .array(stages.map { .string($0) }), "supported values: \"All\"")
        ]
    }

    private static func fieldValidation(_ text: String) -> [FieldError] {
        guard !text.isEmpty, BodyDecoder.FieldValidation(rawValue: text) == nil else { return [] }
        return [
            FieldError(
                .notSupported, "fieldValidation", .string(text),
                #"supported values: "", "Ignore", "Strict", "Warn""#)
        ]
    }
}

extension Unicode.Scalar {
    /// As Go's unicode.IsPrint.
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        default: true
        }
    }
}
