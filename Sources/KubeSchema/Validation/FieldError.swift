import KubeAPI

/// One finding about one field, with the words of upstream's `field.Error`.
public struct FieldError: Sendable, Hashable, Error {
    /// Raw values are the reasons of `Status.details.causes`.
    public enum Reason: String, Sendable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case notSupported = "FieldValueNotSupported"
        case forbidden = "FieldValueForbidden"
        case duplicate = "FieldValueDuplicate"
        case notFound = "FieldValueNotFound"
        case tooLong = "FieldValueTooLong"
        case tooMany = "FieldValueTooMany"
        case typeInvalid = "FieldValueTypeInvalid"
        case internalError = "InternalError"
    }

    public var reason: Reason
    /// `spec.ports[0].port`.
    public var path: String
    /// What stands there; nil when the message does not show it.
    public var value: JSONValue?
    public var detail: String

    public init(_ reason: Reason, _ path: String, _ value: JSONValue? = nil, _ detail: String = "") {
        self.reason = reason
        self.path = path
        self.value = value
        self.detail = detail
    }

    /// Without the path, as in a cause: `Invalid value: 0: must be between 1 and 65535, inclusive`.
    public var message: String {
        let head =
            switch reason {
            case .required: "Required value"
            case .forbidden: "Forbidden"
            case .invalid: "Invalid value"
            case .notSupported: "Unsupported value"
            case .duplicate: "Duplicate value"
            case .notFound: "Not found"
            case .tooLong: "Too long"
            case .tooMany: "Too many"
            case .typeInvalid: "Invalid value"
            case .internalError: "Internal error"
            }
        let shown = value.map { ": \(JSONWriter.text($0))" } ?? ""
        return head + shown + (detail.isEmpty ? "" : ": \(detail)")
    }
}
