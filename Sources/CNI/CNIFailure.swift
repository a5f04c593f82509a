import KubeAPI

/// What a plugin answers instead of a result (CNI specification, section 5, Error), and what Apus says of one that answers
/// nothing useful. The description is one sentence for people.
public struct CNIFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Codes of the specification; those from 100 on are the plugins' own.
    public enum Code {
        public static let incompatibleVersion = 1
        public static let unsupportedField = 2
        public static let unknownContainer = 3
        public static let invalidEnvironment = 4
        public static let ioFailure = 5
        public static let decodingFailure = 6
        public static let invalidNetworkConfig = 7
        public static let tryAgainLater = 11
        /// Of STATUS.
        public static let notAvailable = 50
        public static let limitedConnectivity = 51
        public static let `internal` = 999
    }

    public var code: Int
    public var message: String
    public var details: String

    public init(_ code: Int, _ message: String, details: String = "") {
        self.code = code
        self.message = message
        self.details = details
    }

    public var description: String { details.isEmpty ? message : "\(message) (\(details))" }

    /// Nil when the object has no code.
    init?(_ value: JSONValue) {
        guard let code = value["code"]?.integer else { return nil }
        self.init(Int(code), value["msg"]?.string ?? "", details: value["details"]?.string ?? "")
    }

    public func json(version: CNIVersion) -> JSONValue {
        var value: JSONValue = [
            "cniVersion": .string("\(version)"), "code": .integer(Int64(code)), "msg": .string(message),
        ]
        if !details.isEmpty { value[path: "details"] = .string(details) }
        return value
    }
}
