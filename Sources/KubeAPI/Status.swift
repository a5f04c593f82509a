/// metav1.Status: an error answer of the API server.
public struct Status: Sendable, Hashable, Error {
    public struct Cause: Sendable, Hashable {
        /// Machine-readable, such as `ResourceVersionTooLarge`.
        public var reason: String
        public var message: String
        public var field: String

        public init(reason: String = "", message: String = "", field: String = "") {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// HTTP status code; 0 when absent.
    public var code: Int
    /// Machine-readable, such as `Expired`.
    public var reason: String
    public var message: String
    /// Seconds to stay away; nil when the server names none.
    public var retryAfterSeconds: Int?
    public var causes: [Cause]
    /// What the answer is about: the object's name, and its group and resource (`kind` in upstream's words).
    public var name = ""
    public var group = ""
    public var kind = ""
    public var uid = ""
    /// Of a list that has expired: how to go on with it.
    public var continuation = ""

    public init(
        code: Int = 0, reason: String = "", message: String = "", retryAfterSeconds: Int? = nil, causes: [Cause] = []
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
        self.causes = causes
    }

    public init(json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json)
        self.init(
            code: try reader.integer("code") ?? 0, reason: try reader.string("reason") ?? "",
            message: try reader.string("message") ?? "")
        try reader.object("details") { details throws(DecodingFailure) in
            let seconds: Int = try details.integer("retryAfterSeconds") ?? 0
            retryAfterSeconds = seconds > 0 ? seconds : nil
            causes = try details.objects("causes") { cause throws(DecodingFailure) in
                Cause(
                    reason: try cause.string("reason") ?? "", message: try cause.string("message") ?? "",
                    field: try cause.string("field") ?? "")
            }
        }
    }
}
