import Glibc
import NodeServices

extension ImageStore {
    public func collectGarbage(
        _ extent: ImageExtent, inUse: Set<String>, lastUsed: [String: Int64]
    ) throws -> [String] {
        let policy =
            switch extent {
            case .oldest(let high, let low): ImageGarbage.Policy(highPercent: high, lowPercent: low)
            case .unused: ImageGarbage.Policy(highPercent: 0, lowPercent: 0)
            }
        return try collectGarbage(inUse: inUse, lastUsed: lastUsed, policy: policy).remove
    }

    /// Removes images that were not used for the longest time when the disk is too full. Those that were imported or
    /// built stay while they have a name: nobody could fetch them again.
    /// - Parameters:
    ///   - inUse: digests of manifests that containers use.
    ///   - lastUsed: when each was last in use, by digest; others count as unused since they came. Seconds since 1970.
    /// - Returns: what was removed, and how much is still missing to the low threshold.
    public func collectGarbage(
        inUse: Set<String>, lastUsed: [String: Int64] = [:], policy: ImageGarbage.Policy = ImageGarbage.Policy()
    ) throws -> ImageGarbage.Plan {
        let plan = ImageGarbage.plan(
            try index().images.map { record in
                let digest = record.manifest.description
                return ImageGarbage.Candidate(
                    digest: digest, bytes: record.bytes, firstSeen: record.added,
                    lastUsed: lastUsed[digest] ?? 0,
                    isInUse: inUse.contains(digest) || record.isLocal && !record.references.isEmpty)
            }, disk: try disk(), policy: policy, now: clock())
        let gone = Set(plan.remove)
        guard !gone.isEmpty else { return plan }
        _ = try change { index in index.removeAll { gone.contains($0.manifest.description) } }
        try sweep()
        return plan
    }

    /// Removes images without a name, or with `all` every image, but those in use (digests of manifests). Returns their
    /// digests.
    public func prune(all: Bool = false, inUse: Set<String> = []) throws -> [String] {
        let candidates = try index().images.filter { (all || $0.references.isEmpty) }
        let layers = LayersInUse.find(among: Set(candidates.flatMap { $0.layers.map(\.hex) }))
        // An image is its topmost layer; those below may be another's.
        func isInUse(_ record: ImageRecord) -> Bool {
            inUse.contains(record.manifest.description) || record.layers.last.map { layers.contains($0.hex) } ?? false
        }
        let gone = Set(candidates.filter { !isInUse($0) }.map(\.manifest))
        let removed = try change { index in index.removeAll { gone.contains($0.manifest) } }
        try sweep()
        return removed.map(\.manifest.description)
    }

    /// The file system that holds the store.
    public func disk() throws -> ImageGarbage.Disk {
        var found = statvfs()
        guard statvfs(layout.root, &found) == 0 else { throw ImageError.last("look at the disk of \(layout.root)") }
        let block = Int64(found.f_frsize)
        return ImageGarbage.Disk(
            capacity: Int64(clamping: found.f_blocks).multipliedClamping(block),
            available: Int64(clamping: found.f_bavail).multipliedClamping(block))
    }
}

extension Int64 {
    fileprivate func multipliedClamping(_ other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
