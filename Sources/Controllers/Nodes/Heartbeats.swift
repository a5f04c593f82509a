import Synchronization

/// When each node was last heard of, by this process's own clock.
final class Heartbeats: Sendable {
    private struct Beat {
        var text = ""
        var seen: ContinuousClock.Instant
    }

    private let beats = Mutex<[String: Beat]>([:])

    func note(_ name: String, _ text: String) {
        beats.withLock { beats in
            guard beats[name]?.text != text else { return }
            beats[name] = Beat(text: text, seen: .now)
        }
    }

    /// A node that has never been heard of has its time too.
    func begin(_ name: String) {
        beats.withLock { beats in if beats[name] == nil { beats[name] = Beat(seen: .now) } }
    }

    func forget(_ name: String) {
        beats.withLock { beats in
            beats[name] = nil
            beats["status/\(name)"] = nil
        }
    }

    func silence(_ name: String) -> Duration {
        beats.withLock { beats in
            let last = [beats[name], beats["status/\(name)"]].compactMap { $0?.seen }.max()
            return last.map { .now - $0 } ?? .zero
        }
    }
}
