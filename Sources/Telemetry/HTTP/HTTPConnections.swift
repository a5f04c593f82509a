import NIOCore
import Synchronization

/// The connections of one listener. Where there are too many, those nobody misses make room for new ones.
final class HTTPConnections: Sendable {
    /// In the order in which they have to go.
    enum Use: Int { case new, idle, answering }

    private struct Open {
        let channel: any Channel
        var use = Use.new
        /// The number of the change that made it so; less is longer ago.
        var since: UInt64
    }

    private struct State {
        var open: [ObjectIdentifier: Open] = [:]
        var changes: UInt64 = 0
        var isCrowded = false

        mutating func nextChange() -> UInt64 {
            changes += 1
            return changes
        }

        /// Without a complete request, and the longest so; those that never asked come first.
        var leastMissed: ObjectIdentifier? {
            open.filter { $0.value.use != .answering }
                .min { ($0.value.use.rawValue, $0.value.since) < ($1.value.use.rawValue, $1.value.since) }?.key
        }
    }

    private let state = Mutex(State())
    private let limit: Int
    private let tellOfCrowd: @Sendable () -> Void

    /// `tellOfCrowd` is called once, when the limit is met for the first time.
    init(limit: Int, tellOfCrowd: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.tellOfCrowd = tellOfCrowd
    }

    var count: Int { state.withLock { $0.open.count } }

    /// False when there are too many, all of them being answered.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let (isWelcome, leaving, isNews) = state.withLock { state in
            var leaving: (any Channel)?
            var isNews = false
            if state.open.count >= limit {
                isNews = !state.isCrowded
                state.isCrowded = true
                guard let place = state.leastMissed else { return (false, leaving, isNews) }
                leaving = state.open.removeValue(forKey: place)?.channel
            }
            state.open[id] = Open(channel: channel, since: state.nextChange())
            return (true, leaving, isNews)
        }
        if isNews { tellOfCrowd() }
        leaving?.close(promise: nil)
        if isWelcome {
            channel.closeFuture.whenComplete { _ in self.state.withLock { $0.open[id] = nil } }
        }
        return isWelcome
    }

    func note(_ use: Use, _ channel: any Channel) {
        state.withLock { state in
            let change = state.nextChange()
            state.open[ObjectIdentifier(channel)]?.use = use
            state.open[ObjectIdentifier(channel)]?.since = change
        }
    }

    func closeAll() {
        for open in state.withLock({ Array($0.open.values) }) { open.channel.close(promise: nil) }
    }
}
