import Glibc
import Synchronization

/// What waits in a mailbox, and since when.
public struct Batch<Element: Sendable>: Sendable {
    public let elements: [Element]
    /// When the first of them came.
    public let oldest: ContinuousClock.Instant
}

/// A queue from any thread to one consumer that waits on file descriptors: a byte in a pipe says that it is not empty.
public final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isSignalled = false
        var oldest = ContinuousClock.now
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// More than this many elements wait: `sendWhenRoom` waits too.
    private static var roomy: Int { 4096 }

    private let state = Mutex(State())
    /// Readable while elements wait.
    let descriptor: CInt
    private let signal: CInt

    public init() {
        var ends: [CInt] = [-1, -1]
        let isOpen = pipe(&ends) == 0
        precondition(isOpen, "the process is out of file descriptors at start")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (descriptor, signal) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(signal)
    }

    public func send(_ element: Element) {
        let mustSignal = state.withLock { state in
            if state.elements.isEmpty { state.oldest = .now }
            state.elements.append(element)
            defer { state.isSignalled = true }
            return !state.isSignalled
        }
        if mustSignal {
            var byte: UInt8 = 1
            write(signal, &byte, 1)
        }
    }

    /// As `send`, but slows its caller down while the consumer is behind.
    public func sendWhenRoom(_ element: Element) async {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                guard state.elements.count >= Self.roomy else { return true }
                state.waiting.append(continuation)
                return false
            }
            if hasRoom { continuation.resume() }
        }
        send(element)
    }

    /// Everything that waits, oldest first.
    func drain() -> Batch<Element> {
        let (batch, waiting) = state.withLock { state in
            if state.isSignalled {
                var byte: UInt8 = 0
                read(descriptor, &byte, 1)
                state.isSignalled = false
            }
            defer {
                state.elements = []
                state.waiting = []
            }
            return (Batch(elements: state.elements, oldest: state.oldest), state.waiting)
        }
        for continuation in waiting { continuation.resume() }
        return batch
    }
}
