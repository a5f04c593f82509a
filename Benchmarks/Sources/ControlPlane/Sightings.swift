import Synchronization

/// When marks were sent, and how long until watchers saw them.
final class Sightings: Sendable {
    private struct State {
        var sent: [String: ContinuousClock.Instant] = [:]
        var delays: [Double] = []
        var ready = 0
    }

    private let state = Mutex(State())

    /// Watchers that have seen what was there before.
    var ready: Int { state.withLock(\.ready) }

    /// Milliseconds, of every watcher and mark.
    var delays: [Double] { state.withLock(\.delays) }

    func send(_ mark: String) { state.withLock { $0.sent[mark] = .now } }

    /// A piece of a watch's answer.
    func see(_ text: String, at now: ContinuousClock.Instant) {
        if text.contains("initial-events-end") { state.withLock { $0.ready += 1 } }
        guard text.contains("ADDED"), let start = text.firstRange(of: "\"text\":\"")?.upperBound else { return }
        let mark = String(text[start...].prefix(6))
        state.withLock { state in
            guard let sent = state.sent[mark] else { return }
            state.delays.append((now - sent) / .milliseconds(1))
        }
    }
}
