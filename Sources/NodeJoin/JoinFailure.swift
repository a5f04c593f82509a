/// Why a node could not join: what, where, what to do.
public struct JoinFailure: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
