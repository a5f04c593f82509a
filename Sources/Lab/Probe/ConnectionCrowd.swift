import CLinux
import Glibc
import NetTypes
import Synchronization
import Threads

/// Many TCP connections that are open at the same time, from the namespace of the thread that makes them.
///
/// They live on threads that each have a descriptor table of their own, so that the limit of one table bounds `threads`
/// and not the crowd.
public final class ConnectionCrowd: Sendable {
    private let members: [Member]

    /// Opens `count` connections to an echo server at `target`, in equal parts on `threads` threads. With
    /// `awaitingAnswers` it has an answer over each before it opens the next. Throws when one cannot be opened or gives none.
    public init(
        _ count: Int, to target: AddressPort, threads: Int, awaitingAnswers: Bool = true
    ) throws(LabError) {
        var members: [Member] = []
        for number in 0..<threads {
            let share = count * (number + 1) / threads - count * number / threads
            members.append(try Member(share, target, awaitingAnswers))
        }
        self.members = members
        let code = members.reduce(0) { max($0, $1.finish().failure) }
        guard code == 0 else {
            for member in members { member.end() }
            throw LabError("open \(count) connections to \(target)", code: code)
        }
    }

    deinit { for member in members { member.end() } }

    /// Sends a line over every connection, and tells how many had an answer within thirty seconds.
    public func ask() -> Int {
        for member in members { member.begin(.ask) }
        return members.reduce(0) { $0 + $1.finish().answers }
    }

    /// One thread's share.
    private final class Member: Sendable {
        enum Work: UInt64 { case open = 1, ask, end }

        struct Outcome {
            var failure: CInt = 0
            var answers = 0
        }

        private let count: Int
        private let target: AddressPort
        private let awaitsAnswers: Bool
        private let command: CInt
        private let outcome = Mutex<Outcome?>(nil)
        private let thread = Mutex<OwnThread?>(nil)

        init(_ count: Int, _ target: AddressPort, _ awaitsAnswers: Bool) throws(LabError) {
            self.awaitsAnswers = awaitsAnswers
            self.count = count
            self.target = target
            command = eventfd(0, CInt(EFD_CLOEXEC))
            guard command >= 0 else { throw .last("make an eventfd") }
            do {
                let thread = try OwnThread { [self] in run() }
                self.thread.withLock { $0 = thread }
            } catch {
                throw LabError("start a thread", code: error.code)
            }
            begin(.open)
        }

        deinit { close(command) }

        func begin(_ work: Work) {
            outcome.withLock { $0 = nil }
            eventfd_write(command, work.rawValue)
        }

        /// Waits for what `begin` began.
        func finish() -> Outcome {
            while true {
                if let outcome = outcome.withLock({ $0 }) { return outcome }
                usleep(1000)
            }
        }

        func end() {
            begin(.end)
            thread.withLock({ $0 })?.join()
        }

        private func run() {
            var sockets: [CInt] = []
            guard apus_own_descriptors(command) == 0 else { return fail() }
            defer { for socket in sockets { close(socket) } }
            while true {
                var value: eventfd_t = 0
                guard eventfd_read(command, &value) == 0, let work = Work(rawValue: value) else { return fail() }
                var result = Outcome()
                switch work {
                case .open: result.failure = open(&sockets)
                case .ask: result.answers = sockets.count { ask($0) }
                case .end: return close(command)
                }
                outcome.withLock { $0 = result }
            }
        }

        private func fail() {
            let code = errno
            outcome.withLock { $0 = Outcome(failure: code) }
        }

        /// 0, or the errno of the first that failed.
        private func open(_ sockets: inout [CInt]) -> CInt {
            let family = target.address.family == .ipv4 ? AF_INET : AF_INET6
            for _ in 0..<count {
                let socket = socket(family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
                guard socket >= 0 else { return errno }
                sockets.append(socket)
                var limit = timeval(tv_sec: 30, tv_usec: 0)
                setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
                setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
                guard target.withSockaddr({ connect(socket, $0, $1) }) == 0 else { return errno }
                // A relay takes a connection before it has one to its endpoint: only an answer shows both.
                guard !awaitsAnswers || ask(socket) else { return ETIMEDOUT }
            }
            return 0
        }

        private func ask(_ socket: CInt) -> Bool {
            guard send(socket, "?\n", 2, CInt(MSG_NOSIGNAL)) == 2 else { return false }
            var byte: UInt8 = 0
            while recv(socket, &byte, 1, 0) == 1 { if byte == UInt8(ascii: "\n") { return true } }
            return false
        }

        private func close(_ descriptor: CInt) { Glibc.close(descriptor) }
    }
}
