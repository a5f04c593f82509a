import DNSCore
import Synchronization

/// Where the zone as it is now hangs: readers take a copy, which shares what does not change.
final class ZoneBoard: Sendable {
    private let zone: Mutex<Zone>

    init(_ zone: Zone) { self.zone = Mutex(zone) }

    var current: Zone { zone.withLock { $0 } }

    func publish(_ next: Zone) {
        // The old one ends outside the lock.
        let old = zone.withLock { zone in
            defer { zone = next }
            return zone
        }
        _ = old
    }
}
