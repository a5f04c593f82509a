/// A service account's token for one pod, and when it is to be made anew (KEP-1205). Nanoseconds since 1970.
public struct AccountToken: Sendable, Hashable {
    /// No token is used longer than a day, however long it would be good.
    private static let longest: Int64 = 86_400 * Seconds.one

    public let text: String
    private let expires: Int64
    private let renewal: Int64

    /// One that was made at `now`.
    public init(_ text: String, expires: Int64, now: Int64) {
        self.text = text
        self.expires = expires
        renewal = now &+ min((expires &- now) / 5 * 4, Self.longest)
    }

    /// Until four fifths of its life, or a day, are over.
    public func isFresh(_ now: Int64) -> Bool { now < renewal }

    /// One that cannot be made anew is good to its end.
    public func isValid(_ now: Int64) -> Bool { now < expires }
}
