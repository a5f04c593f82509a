import CLinux
import Glibc

/// Room for datagrams that are received, and answered, with one call.
struct DatagramBatch: ~Copyable {
    private let batch: OpaquePointer
    static let capacity: UInt32 = 64
    /// Of a datagram either way; bytes.
    private static let size = 2048

    /// nil without memory.
    init?() {
        guard let batch = apus_batch_make(Self.capacity, Self.size) else { return nil }
        self.batch = batch
    }

    deinit { apus_batch_free(batch) }

    /// The number of datagrams; 0 when there are none, or the kernel has no memory for them.
    func receive(_ socket: DatagramSocket, mayWait: Bool) -> Int {
        let count = apus_batch_receive(batch, socket.descriptor, mayWait ? 1 : 0)
        guard count < 0 else { return Int(count) }
        // Not at once again.
        if mayWait, errno != EINTR { usleep(10_000) }
        return 0
    }

    /// nil for one that was too large.
    func bytes(_ index: Int) -> [UInt8]? {
        var length = 0
        guard let start = apus_batch_bytes(batch, UInt32(index), &length) else { return nil }
        return Array(UnsafeBufferPointer(start: start, count: length))
    }

    func origin(_ index: Int) -> apus_origin {
        var origin = apus_origin()
        apus_batch_origin(batch, UInt32(index), &origin)
        return origin
    }

    func answer(_ index: Int, _ bytes: [UInt8]) { apus_batch_answer(batch, UInt32(index), bytes, bytes.count) }

    func send(_ socket: DatagramSocket) { apus_batch_send(batch, socket.descriptor) }
}
