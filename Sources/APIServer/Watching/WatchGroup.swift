import KubeAPI
import NIOCore
import StoreCore
import Synchronization

/// Watches that see the same. One task reads the store and makes the frames; each event loop writes them to its members
/// in one turn, from the same bytes. A member whose client does not keep up leaves and goes on by itself.
final class WatchGroup: Sendable {
    private struct LoopMembers {
        let loop: any EventLoop
        var members: [ObjectIdentifier: WatchMember] = [:]
    }

    private struct State {
        /// Everything up to it has been sent on its way.
        var position: Revision
        var loops: [ObjectIdentifier: LoopMembers] = [:]
        var count = 0
        var reader: Task<Void, Never>?
        /// Nobody can join any more.
        var isOver = false
    }

    private static let bookmarkInterval = Duration.seconds(60)

    private let frames: WatchFrames
    private let counted: @Sendable (Int) -> Void
    private let state: Mutex<State>

    /// For members that have seen everything up to `position`.
    init(_ frames: WatchFrames, from position: Revision, counted: @escaping @Sendable (Int) -> Void) {
        self.frames = frames
        self.counted = counted
        state = Mutex(State(position: position))
    }

    var isOver: Bool { state.withLock(\.isOver) }

    /// False when the member lags behind, or the group has ended.
    func join(_ member: WatchMember, _ watch: @escaping @Sendable (Revision) async throws -> any StoreWatch) -> Bool {
        state.withLock { state in
            guard !state.isOver, member.seen >= state.position else { return false }
            let loop = member.loop
            state.loops[ObjectIdentifier(loop), default: LoopMembers(loop: loop)]
                .members[ObjectIdentifier(member)] = member
            state.count += 1
            if state.reader == nil {
                let first = state.position + 1
                state.reader = Task { [self] in await read(watch, from: first) }
            }
            return true
        }
    }

    /// True when nobody is left: the group is over.
    func leave(_ member: WatchMember) -> Bool {
        state.withLock { state in
            let loop = ObjectIdentifier(member.loop)
            guard state.loops[loop]?.members.removeValue(forKey: ObjectIdentifier(member)) != nil else {
                return state.isOver
            }
            if state.loops[loop]?.members.isEmpty == true { state.loops[loop] = nil }
            state.count -= 1
            guard state.count == 0 else { return false }
            state.isOver = true
            state.reader?.cancel()
            return true
        }
    }

    private func read(_ watch: (Revision) async throws -> any StoreWatch, from first: Revision) async {
        do {
            let watch = try await watch(first)
            var bookmark = ContinuousClock.now + Self.bookmarkInterval
            while true {
                let batch = try await watch.next(patience: max(.zero, ContinuousClock.now.duration(to: bookmark)))
                var news = WatchNews(revision: batch.revision)
                for event in batch.events {
                    if let frame = try frames.frame(event) { news.add(frame, event.revision) }
                }
                if !news.isEmpty { send(news) }
                guard bookmark <= .now else { continue }
                send(try WatchNews(bookmark: frames.encoder.bookmark(batch.revision, endsInitialEvents: false), batch))
                bookmark = .now + Self.bookmarkInterval
            }
        } catch {
            // Each finds out by itself what it is to say to its client.
            let members = state.withLock { state in
                state.isOver = true
                return state.loops.values.flatMap(\.members.values)
            }
            for member in members { member.end(.alone) }
        }
    }

    private func send(_ news: WatchNews) {
        let loops = state.withLock { state in
            state.position = max(state.position, news.revision)
            return Array(state.loops.values)
        }
        for members in loops {
            members.loop.execute { [counted] in
                var count = 0
                for member in members.members.values { count += member.take(news) }
                counted(count)
            }
        }
    }
}

/// Frames of some changes, one after another, for members that have seen more or less of them.
struct WatchNews: Sendable {
    let revision: Revision
    let isBookmark: Bool
    private(set) var bytes = ByteBuffer()
    private var ends: [(revision: Revision, end: Int)] = []

    init(revision: Revision) {
        self.revision = revision
        isBookmark = false
    }

    init(bookmark: [UInt8], _ batch: WatchBatch) {
        revision = batch.revision
        isBookmark = true
        add(bookmark, batch.revision)
    }

    var isEmpty: Bool { ends.isEmpty }

    mutating func add(_ frame: [UInt8], _ revision: Revision) {
        bytes.writeBytes(frame)
        ends.append((revision, bytes.writerIndex))
    }

    /// What came after `seen`, and how many frames that is. A bookmark says nothing new to who has seen its revision, but
    /// that time has passed.
    func after(_ seen: Revision) -> (bytes: ByteBuffer, count: Int)? {
        guard let first = ends.firstIndex(where: { $0.revision > seen || isBookmark && $0.revision == seen }) else {
            return nil
        }
        guard first > 0 else { return (bytes, ends.count) }
        let start = ends[first - 1].end
        guard let rest = bytes.getSlice(at: start, length: bytes.writerIndex - start) else { return nil }
        return (rest, ends.count - first)
    }
}
