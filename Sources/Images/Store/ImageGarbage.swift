/// Which images to remove when the disk fills up, as kubelet decides (pkg/kubelet/images, image_gc_manager.go).
public enum ImageGarbage {
    /// kubelet's `imageGCHighThresholdPercent`, `imageGCLowThresholdPercent` and `imageMinimumGCAge`.
    public struct Policy: Sendable, Hashable {
        public var highPercent: Int
        public var lowPercent: Int
        /// Seconds that an image is kept after it was first seen.
        public var minimumAge: Int64

        public init(highPercent: Int = 85, lowPercent: Int = 80, minimumAge: Int64 = 120) {
            self.highPercent = highPercent
            self.lowPercent = lowPercent
            self.minimumAge = minimumAge
        }
    }

    /// Of the file system that holds the images, in bytes.
    public struct Disk: Sendable, Hashable {
        public var capacity: Int64
        public var available: Int64

        public init(capacity: Int64, available: Int64) {
            self.capacity = capacity
            self.available = available
        }

        /// Rounded down.
        public var usedPercent: Int {
            capacity <= 0
                ? 0 : 100 - Int((Double(max(0, min(available, capacity))) / Double(capacity) * 100).rounded(.up))
        }
    }

    public struct Candidate: Sendable, Hashable {
        /// Of the manifest.
        public var digest: String
        public var bytes: Int64
        /// Seconds since 1970.
        public var firstSeen: Int64
        public var lastUsed: Int64
        /// A container uses it, or it is pinned.
        public var isInUse: Bool

        public init(digest: String, bytes: Int64, firstSeen: Int64, lastUsed: Int64, isInUse: Bool) {
            self.digest = digest
            self.bytes = bytes
            self.firstSeen = firstSeen
            self.lastUsed = lastUsed
            self.isInUse = isInUse
        }
    }

    public struct Plan: Sendable, Hashable {
        /// Digests, in the order in which to remove them.
        public var remove: [String]
        /// Bytes that should be free and will not be: nothing more may be removed.
        public var missing: Int64
    }

    /// Nothing below the high threshold; above it, those that were used the longest time ago until the low one is met.
    public static func plan(_ images: [Candidate], disk: Disk, policy: Policy, now: Int64) -> Plan {
        guard disk.usedPercent >= policy.highPercent else { return Plan(remove: [], missing: 0) }
        let allowed = Double(disk.capacity) * Double(100 - max(0, min(100, policy.lowPercent))) / 100
        var missing = Int64(allowed) - disk.available
        var remove: [String] = []
        let oldestFirst = images.filter { !$0.isInUse }.sorted {
            ($0.lastUsed, $0.firstSeen, $0.digest) < ($1.lastUsed, $1.firstSeen, $1.digest)
        }
        for image in oldestFirst where missing > 0 {
            // Used since the list was made, or too young.
            guard image.lastUsed < now, now - image.firstSeen >= policy.minimumAge else { continue }
            remove.append(image.digest)
            missing -= image.bytes
        }
        return Plan(remove: remove, missing: max(0, missing))
    }
}
