import NIOCore
import NIOPosix
import Synchronization

@testable import GRPCServer

/// A server on loopback with methods of every kind, and what they have noticed.
final class TestMethods: Sendable {
    final class Notes: Sendable {
        let begun = Atomic<Int>(0)
        let cancelled = Atomic<Int>(0)
        let written = Atomic<Int>(0)
        /// Large answers that were made.
        let made = Atomic<Int>(0)
    }

    let notes = Notes()
    let server: RPCServer
    let port: Int

    static let floodMessages = 400
    static let floodBytes = 64 << 10

    static let largeBytes = 512 << 10

    init(_ change: (inout RPCLimits) -> Void = { _ in }) async throws {
        let notes = notes
        var methods = MethodTable()
        methods.direct("/t.T/Echo") { request, reply in reply.send { $0.writeImmutableBuffer(request) } }
        methods.direct("/t.T/Fail") { _, reply in reply.fail(RPCStatus(.outOfRange, "50% of ü")) }
        methods.direct("/t.T/Twice") { request, reply in
            reply.send { $0.writeImmutableBuffer(request) }
            reply.fail(RPCStatus(.aborted, "too late"))
        }
        methods.task("/t.T/Task") { request in
            try await Task.sleep(for: .milliseconds(20))
            return { $0.writeImmutableBuffer(request) }
        }
        methods.stream("/t.T/Each") { stream in
            while let message = try await stream.next() {
                try await stream.write { $0.writeImmutableBuffer(message) }
            }
        }
        methods.task("/t.T/Forever") { _ in
            notes.begun.add(1, ordering: .relaxed)
            do {
                try await Task.sleep(for: .seconds(600))
            } catch {
                notes.cancelled.add(1, ordering: .relaxed)
                throw error
            }
            return { _ in }
        }
        methods.stream("/t.T/Deaf") { _ in try await Task.sleep(for: .seconds(600)) }
        methods.stream("/t.T/Flood") { stream in
            _ = try await stream.next()
            for _ in 0..<Self.floodMessages {
                try await stream.write { $0.writeRepeatingByte(7, count: Self.floodBytes) }
                notes.written.add(1, ordering: .relaxed)
            }
        }
        let large: Encode = { buffer in
            notes.made.add(1, ordering: .relaxed)
            buffer.writeRepeatingByte(7, count: Self.largeBytes)
        }
        methods.direct("/t.T/Large") { _, reply in reply.send(large) }
        methods.direct("/t.T/Long") { _, reply in reply.sendLong { large } }
        var limits = RPCLimits()
        limits.messageBytes = 1 << 20
        limits.unfinishedBytes = 3 << 20
        change(&limits)
        server = RPCServer(methods, limits: limits)
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
        port = try await server.listen(address, tls: nil).port ?? 0
    }

    /// Looks until it holds, for at most a minute.
    static func soon(_ condition: @Sendable () -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return condition()
    }
}
