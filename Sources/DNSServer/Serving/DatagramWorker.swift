import CLinux
import DNSCore
import Glibc
import Synchronization
import Threads

/// One thread with one UDP socket: takes what has arrived, answers all of it from one copy of the zone, and sends the
/// answers together.
final class DatagramWorker: Sendable {
    private let socket: DatagramSocket
    private let board: ZoneBoard
    private let resolver: Resolver
    private let forwarder: Forwarder?
    private let isStopping = Atomic(false)

    init(_ socket: DatagramSocket, _ board: ZoneBoard, _ resolver: Resolver, _ forwarder: Forwarder?) {
        self.socket = socket
        self.board = board
        self.resolver = resolver
        self.forwarder = forwarder
    }

    func start() throws -> OwnThread { try OwnThread { self.work() } }

    /// What has arrived is still answered.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        socket.endReceiving()
    }

    private func work() {
        guard let batch = DatagramBatch() else { return }
        var tally = DNSTally(.udp)
        var rotation = Int.random(in: 0..<1024)
        while true {
            let isLast = isStopping.load(ordering: .acquiring)
            let count = batch.receive(socket, mayWait: !isLast)
            answer(batch, count, &rotation, &tally)
            if isLast, count < DatagramBatch.capacity { return }
        }
    }

    private func answer(_ batch: borrowing DatagramBatch, _ count: Int, _ rotation: inout Int, _ tally: inout DNSTally)
    {
        guard count > 0 else { return }
        let zone = board.current
        for index in 0..<count {
            guard let message = batch.bytes(index) else { continue }
            rotation = (rotation &+ 1) & 0xffff
            switch resolver.resolve(message, over: .udp, zone, rotation: rotation, &tally) {
            case .ignore: break
            case .reply(let reply): batch.answer(index, reply)
            case .forward(let query): forward(query, batch.origin(index))
            }
        }
        batch.send(socket)
        resolver.metrics.add(tally)
        tally.clear()
    }

    private func forward(_ query: ForwardedQuery, _ origin: apus_origin) {
        forwarder?.ask(query, over: .udp) { [socket] reply in socket.send(reply, to: origin) }
    }
}
