import CLinux
import Glibc
import Lab
import NetTypes

/// One UDP datagram after the other, each from a socket of its own: what the first packet of a flow costs, there and
/// back.
enum FirstPackets {
    private static let patience: CInt = 1000

    /// On the calling thread and in its namespace; targets take turns.
    static func run(_ targets: [AddressPort], for duration: Duration) throws(BenchError) -> LoadOutcome {
        var outcome = LoadOutcome()
        var byte: UInt8 = UInt8(ascii: "?")
        var buffer = [UInt8](repeating: 0, count: 2048)
        let started = ContinuousClock.now
        while started.duration(to: .now) < duration {
            let target = targets[(outcome.answers + outcome.failures) % targets.count]
            let socket = try TCPSocket.open(target.address.family, SOCK_DGRAM)
            defer { close(socket) }
            guard target.withSockaddr({ connect(socket, $0, $1) }) == 0 else {
                throw BenchError("cannot reach \(target): errno \(errno)")
            }
            let asked = ContinuousClock.now
            guard send(socket, &byte, 1, CInt(MSG_NOSIGNAL)) == 1 else {
                outcome.fail("a datagram was not taken")
                continue
            }
            var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, patience) == 1, case let count = recv(socket, &buffer, buffer.count, 0), count > 0
            else {
                outcome.fail("a datagram had no answer within a second")
                continue
            }
            outcome.answers += 1
            outcome.bytes += count
            outcome.latencies.add(nanoseconds: Int(asked.duration(to: .now).seconds * 1e9))
        }
        outcome.seconds = started.duration(to: .now).seconds
        return outcome
    }
}
