import CLinux
import Glibc
import Synchronization
import Threads

/// The streams of a process in a container, through its monitor. Ends when it is closed or the process has ended.
public final class ContainerSession: Sendable {
    public enum Output: Sendable, Hashable {
        case stdout([UInt8])
        case stderr([UInt8])
        /// The last: how the process ended.
        case exit(Int32)
    }

    /// The kinds of packets (Sources/ContainerMonitor/monitor.h).
    private enum Kind {
        static let stdin: UInt8 = 0, stdinEnd: UInt8 = 1, resize: UInt8 = 2, stdout: UInt8 = 3, stderr: UInt8 = 4
        static let exit: UInt8 = 5
    }

    private static let packetLength = 8192
    private let descriptor: CInt
    private let isClosed = Mutex(false)
    /// Of an exec session: its process.
    public let process: ProcessIdentity?
    private let cleanup: @Sendable () -> Void

    init(descriptor: CInt, process: ProcessIdentity? = nil, cleanup: @escaping @Sendable () -> Void = {}) {
        self.descriptor = descriptor
        self.process = process
        self.cleanup = cleanup
    }

    deinit {
        Glibc.close(descriptor)
        cleanup()
    }

    /// The next piece; nil at the end. One caller at a time.
    public func receive() async throws -> Output? {
        try await OwnThread.wait { self.receiveBlocking() }
    }

    /// Waits while the process is slow to read. One caller at a time.
    public func send(_ bytes: [UInt8]) async throws {
        try await OwnThread.wait {
            var rest = bytes[...]
            while !rest.isEmpty {
                guard self.put([Kind.stdin] + rest.prefix(Self.packetLength)) else { return }
                rest = rest.dropFirst(Self.packetLength)
            }
        }
    }

    /// The process reads to the end of what was sent.
    public func endInput() { _ = put([Kind.stdinEnd]) }

    public func resize(rows: UInt16, columns: UInt16) {
        _ = put([Kind.resize, UInt8(rows >> 8), UInt8(rows & 255), UInt8(columns >> 8), UInt8(columns & 255)])
    }

    /// Whoever waits for output hears the end; the process gets no more input.
    public func close() {
        let isFirst = isClosed.withLock { closed in
            defer { closed = true }
            return !closed
        }
        if isFirst { shutdown(descriptor, CInt(SHUT_RDWR)) }
    }

    private func put(_ packet: [UInt8]) -> Bool {
        while true {
            let count = packet.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count >= 0 { return true }
            guard errno == EINTR else { return false }
        }
    }

    private func receiveBlocking() -> Output? {
        var packet = [UInt8](repeating: 0, count: Self.packetLength + 1)
        while true {
            let count = recv(descriptor, &packet, packet.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            switch packet[0] {
            case Kind.stdout: return .stdout(Array(packet[1..<count]))
            case Kind.stderr: return .stderr(Array(packet[1..<count]))
            case Kind.exit where count == 5: return .exit(Int32(packet[3]) << 8 | Int32(packet[4]))
            default: continue
            }
        }
    }
}
