import Glibc

/// A pipe from a child, read to its end or to a deadline.
final class ReportPipe {
    private let readEnd: CInt
    private(set) var writeEnd: CInt

    init() throws(RuntimeFailure) {
        var ends: [CInt] = [0, 0]
        guard pipe(&ends) == 0 else { throw .last("make a pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        closeWriteEnd()
    }

    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    /// Up to the end of the stream; false when that did not come in time. What is beyond 64 KiB is dropped.
    func read(seconds: Int) -> (text: String, isWhole: Bool) {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let left = (deadline - ContinuousClock.now) / .milliseconds(1)
            guard left > 0 else { return (String(decoding: bytes, as: UTF8.self), false) }
            var wait = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, CInt(min(left + 1, 60_000))) > 0 else { continue }
            let count = Glibc.read(readEnd, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return (String(decoding: bytes, as: UTF8.self), true) }
            if bytes.count < 65_536 { bytes += chunk[..<count] }
        }
    }
}
