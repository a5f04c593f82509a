import CLinux
import Glibc
import NetTypes
import Synchronization
import Threads

/// An echo server on a thread with a descriptor table of its own: its connections do not count against the limit of
/// others in this process. It ends with this value.
public final class SeparateEcho: Sendable {
    private let start: Start
    private let thread: OwnThread

    /// Listens on `ports` in the calling thread's namespace.
    public init(ports: [UInt16], name: String) throws(LabError) {
        start = try Start(ports: ports, name: name)
        do {
            thread = try OwnThread { [start] in start.run() }
        } catch {
            throw LabError("start the echo thread", code: error.code)
        }
        if let error = start.waitUntilListening() {
            thread.join()
            throw error
        }
    }

    deinit {
        eventfd_write(start.wakeUp, 1)
        thread.join()
    }

    private final class Start: Sendable {
        private enum State: Sendable {
            case starting, listening
            case failed(LabError)
        }

        let wakeUp: CInt
        private let ports: [UInt16]
        private let name: String
        private let state = Mutex(State.starting)

        init(ports: [UInt16], name: String) throws(LabError) {
            self.ports = ports
            self.name = name
            wakeUp = eventfd(0, CInt(EFD_CLOEXEC))
            guard wakeUp >= 0 else { throw .last("make an eventfd") }
        }

        deinit { close(wakeUp) }

        func run() {
            do throws(LabError) {
                guard apus_own_descriptors(wakeUp) == 0 else { throw .last("leave the descriptor table") }
                // The server closes its table's copy of the eventfd.
                let server = try EchoServer([EchoListener(name: name, ports: ports)], wakeUp: wakeUp)
                state.withLock { $0 = .listening }
                try server.run()
            } catch {
                state.withLock { $0 = .failed(error) }
            }
        }

        func waitUntilListening() -> LabError? {
            while true {
                switch state.withLock({ $0 }) {
                case .starting: usleep(1000)
                case .listening: return nil
                case .failed(let error): return error
                }
            }
        }
    }
}
