/// What is wrong with a key, certificate or token: what, where and what to do.
public struct PKIError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
