import Glibc
import NIOCore
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
    func see(_ piece: ByteBufferView, at now: ContinuousClock.Instant) {
        if Self.place(of: "initial-events-end", in: piece) != nil { state.withLock { $0.ready += 1 } }
        guard let place = Self.place(of: "\"text\":\"", in: piece) else { return }
        let mark = String(decoding: piece.dropFirst(place).prefix(6), as: UTF8.self)
        state.withLock { state in
            guard let sent = state.sent[mark] else { return }
            state.delays.append((now - sent) / .milliseconds(1))
        }
    }

    /// Where the bytes after `text` begin.
    private static func place(of text: StaticString, in piece: ByteBufferView) -> Int? {
        piece.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while let start = rest.firstIndex(of: text.utf8Start[0]) {
                let end = start + text.utf8CodeUnitCount
                guard end <= bytes.count, let base = bytes.baseAddress else { return nil }
                if memcmp(base + start, text.utf8Start, text.utf8CodeUnitCount) == 0 { return end }
                rest = bytes[(start + 1)...]
            }
            return nil
        }
    }
}
