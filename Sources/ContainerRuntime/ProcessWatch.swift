import CLinux
import Glibc
import Synchronization
import Threads

/// One thread that waits for the ends of any number of processes, children or not, through pidfds.
final class ProcessWatch: Sendable {
    private struct State {
        var nextKey: UInt64 = 1
        var watched: [UInt64: (descriptor: CInt, pid: pid_t, then: @Sendable () -> Void)] = [:]
    }

    private let state = Mutex(State())
    private let epoll: CInt

    init() throws {
        epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw RuntimeFailure.last("make an epoll instance") }
        // It lives as long as the process: who watches has something to wait for.
        try OwnThread { [self] in wait() }.detach()
    }

    /// Calls `then` once, when the process is gone, on the watching thread; it must not block. At once for one that is gone.
    func end(of process: ProcessIdentity, _ then: @escaping @Sendable () -> Void) {
        let descriptor = apus_process_descriptor(process.pid)
        guard descriptor >= 0, process.isAlive else {
            if descriptor >= 0 { close(descriptor) }
            waitpid(process.pid, nil, WNOHANG)
            return then()
        }
        let key = state.withLock { state in
            defer { state.nextKey += 1 }
            state.watched[state.nextKey] = (descriptor, process.pid, then)
            return state.nextKey
        }
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data(u64: key))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0 else { return }
        finish(key)
    }

    private func wait() {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            let count = epoll_wait(epoll, &events, CInt(events.count), -1)
            guard count > 0 else { continue }
            for event in events[..<Int(count)] { finish(event.data.u64) }
        }
    }

    private func finish(_ key: UInt64) {
        guard let ended = state.withLock({ $0.watched.removeValue(forKey: key) }) else { return }
        close(ended.descriptor)
        // Nothing happens to one that is not our child.
        waitpid(ended.pid, nil, WNOHANG)
        ended.then()
    }
}
