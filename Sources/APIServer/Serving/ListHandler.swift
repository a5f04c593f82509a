import KubeAPI
import KubeSchema
import StoreCore

/// GET of a collection.
struct ListHandler: Sendable {
    let registry: Registry
    let request: APIRequest

    /// What was found: all of one revision.
    struct Found: Sendable {
        var keyValues: [KeyValue] = []
        var revision: Revision = 0
        var continuation = ""
        var remaining: Int64?
    }

    func run() async throws -> HTTPResponse {
        let list = try ListQuery(request.query)
        try list.check(isWatch: false)
        let found = try await find(list, try request.selection())
        return try ListEncoder(request, found).response()
    }

    func find(_ list: ListQuery, _ selection: Selection) async throws -> Found {
        let range = request.range(selection)
        var query = RangeQuery(range)
        let isContinued = !list.continuation.isEmpty
        if isContinued {
            let token = try ContinueToken(parsing: list.continuation)
            let start = Array((request.served.definition.storePrefix + "/" + token.start).utf8)
            guard range.isSingle || range.contains(start), let end = range.end else {
                throw ContinueToken.refusal("continue key is not valid")
            }
            query.range = KeyRange(start, end)
            query.revision = max(0, token.revision)
            if list.revision ?? 0 > 0 {
                throw Status.badRequest(
                    "specifying resource version is not allowed when using continue")
            }
        } else if let revision = list.revision, revision > 0 {
            try await registry.wait(for: revision)
            // With a limit and no match an old client means exactly that version.
            if list.match == .exact || list.match == nil && list.limit > 0 { query.revision = revision }
        }
        do {
            return try await read(query, limit: list.limit, selection)
        } catch StoreError.compacted {
            throw expired(query.range.start, isContinued: isContinued)
        }
    }

    /// Reads on until the limit is reached or there is no more.
    private func read(_ first: RangeQuery, limit: Int64, _ selection: Selection) async throws -> Found {
        var query = first
        var found = Found()
        if limit > 0 { query.limit = limit }
        while true {
            let (result, latest) = try await registry.store.range(query)
            if found.revision == 0 { found.revision = query.revision > 0 ? query.revision : latest }
            let chosen = selection.isEverything ? result.keyValues : try result.keyValues.filter(matches(selection))
            found.keyValues += chosen
            guard result.more, let last = result.keyValues.last, let end = query.range.end else { return found }
            // One at a time more is never needed: a page may hold more than the limit only when filtered.
            if found.keyValues.count >= limit {
                let excess = found.keyValues.count - Int(limit)
                let stop = excess > 0 ? found.keyValues[Int(limit) - 1] : last
                found.keyValues.removeLast(excess)
                found.continuation = continuation(after: stop.key, found.revision)
                if selection.isEverything { found.remaining = result.count - Int64(result.keyValues.count) }
                return found
            }
            query.range = KeyRange(last.key + [0], end)
            query.revision = found.revision
            query.limit = max(limit, 500)
        }
    }

    private func matches(_ selection: Selection) -> (KeyValue) throws -> Bool {
        let form = StoredForm(request.served)
        return { selection.matches(try form.tree($0, leavingOut: JSONParser.managedFields)) }
    }

    private func continuation(after key: Bytes, _ revision: Revision) -> String {
        let below = key.dropFirst(request.served.definition.storePrefix.utf8.count + 1)
        return ContinueToken(revision: revision, start: String(decoding: below, as: UTF8.self) + "\0").text
    }

    /// 410; a list that was being continued can go on at the latest revision with the token in the answer.
    private func expired(_ start: Bytes, isContinued: Bool) -> Status {
        guard isContinued else {
            return .expired("The resourceVersion for the provided list is too old.")
        }
        let below = start.dropFirst(request.served.definition.storePrefix.utf8.count + 1)
        let token = ContinueToken(revision: -1, start: String(decoding: below, as: UTF8.self)).text
        var status = Status.expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list "
                + "without the continue parameter, or use the continue token in this response to retrieve the "
                + "remainder of the results. Continuing with the provided token results in an inconsistent list - "
                + "objects that were created, modified, or deleted between the time the first chunk was returned "
                + "and now may show up in the list.")
        status.continuation = token
        return status
    }
}

extension Registry {
    /// Waits a little for a revision that a client has seen elsewhere.
    func wait(for revision: Revision) async throws {
        if store.revisions.latest >= revision { return }
        for attempt in 0... {
            // Another server of the same store may have written it.
            let latest = try await store.currentRevision()
            if latest >= revision { return }
            if attempt == 30 { throw Status.futureVersion(revision, current: latest) }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
