import CLinux
import Glibc
import Synchronization

/// Commands to a loop, from any thread. Descriptors do not travel with them: each loop has a table of its own, and opens
/// what it serves.
final class LoopMailbox: Sendable {
    enum Command: Sendable {
        /// Listens on a port, 0 for any, and answers which.
        case listen(EventLoop.Listener, port: UInt16, Answer<UInt16>)
        /// The same for UDP, of every frontend.
        case intercept(EventLoop.Listener, port: UInt16, Answer<UInt16>)
        case stopAccepting
        case serveDatagrams(RouteKey, isInside: Bool, Answer<DatagramSocket>)
        case stopDatagrams(CInt)
        case endpointsChanged(RouteKey)
        case stop
    }

    let wakeUp: CInt
    private let commands = Mutex<[Command]>([])

    init() throws(UserspaceError) {
        wakeUp = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeUp >= 0 else { throw .last("make an eventfd") }
    }

    deinit { close(wakeUp) }

    func send(_ command: Command) {
        commands.withLock { $0.append(command) }
        eventfd_write(wakeUp, 1)
    }

    /// Everything sent since the last call.
    func take() -> [Command] {
        var value: eventfd_t = 0
        eventfd_read(wakeUp, &value)
        return commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }
}

/// A UDP socket of a frontend, in the table of the loop that opened it.
struct DatagramSocket: Sendable {
    let fd: CInt
    let port: UInt16
}

/// What a loop answers to a command. Given once, waited for once.
final class Answer<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, UserspaceError>?>(nil)
    /// Any thread may post and wait.
    private nonisolated(unsafe) let arrival = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(arrival, 0, 0) }

    deinit {
        sem_destroy(arrival)
        arrival.deallocate()
    }

    func give(_ value: Result<Value, UserspaceError>) {
        result.withLock { $0 = value }
        sem_post(arrival)
    }

    /// Blocks until `give`.
    func wait() throws(UserspaceError) -> Value {
        while true {
            while sem_wait(arrival) != 0 {}
            if let value = result.withLock({ $0 }) { return try value.get() }
        }
    }
}
