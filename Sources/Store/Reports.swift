/// How large the store is on disk, in bytes, without its write-ahead log.
public struct StoreSize: Sendable, Hashable {
    public let allocated: Int64
    /// Without pages that are free to be used again.
    public let used: Int64
}

/// One write to disk.
public struct CommitReport: Sendable {
    /// How many requests it answered.
    public let requests: Int
    public let changes: Int
    /// Until all was synced.
    public let time: Duration
}
