import KubeAPI

/// Why a patch was not applied, with upstream's status code and words.
public struct PatchRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// 400: not a patch.
        case badRequest
        /// 413.
        case tooLarge
        /// 422: a patch, but not for this object. The client learns no more than that; `description` says what.
        case unprocessable
        /// 500: what upstream does not translate.
        case `internal`
    }

    public var kind: Kind
    public var description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// The answer to the client.
    public var status: Status {
        switch kind {
        case .badRequest: Status(code: 400, reason: "BadRequest", message: description)
        case .tooLarge: Status(code: 413, reason: "RequestEntityTooLarge", message: description)
        case .unprocessable:
            Status(
                code: 422, reason: "Invalid",
                message: "the server rejected our request due to an error in our request")
        case .internal: Status(code: 500, reason: "", message: description)
        }
    }

    /// `what` must be an object for a merge patch, an array for a JSON patch.
    static func wrongForm(_ patch: JSONValue, _ expected: String) -> PatchRefusal {
        return PatchRefusal(
            .badRequest,
            "error decoding patch: json: cannot unmarshal \(patch.goName) into Go value of type \(expected)")
    }
}
