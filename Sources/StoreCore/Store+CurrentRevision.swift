extension Store {
    /// The latest revision of all, also when another process has written it: `revisions` may not know it yet.
    public func currentRevision() async throws -> Revision {
        var query = RangeQuery(KeyRange(key: [0]))
        query.countOnly = true
        return try await range(query).revision
    }
}
