/// Why a body is not an object of its type, in the words of the Go decoders that upstream uses.
public struct DecodingRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// `json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32`
    public let message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}
