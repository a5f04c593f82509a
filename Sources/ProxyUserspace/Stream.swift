import CLinux
import Glibc

/// One direction of a connection: what is read from one socket and written to the other. Holds at most one buffer or
/// one pipe of data that the receiver does not take yet; until it does, nothing more is read.
struct Stream {
    var from: CInt = -1
    var to: CInt = -1
    /// Data read and not yet written.
    private var spill: UnsafeMutablePointer<UInt8>?
    private var spillStart = 0
    private var spillEnd = 0
    private var pipe: Pipe?
    private var inPipe = 0
    private var fullReads: UInt8 = 0
    /// The sender has closed its side; the rest must be read to the end.
    var isHungUp = false
    private(set) var isEnded = false
    private(set) var isShut = false
    private var bytes: UInt64 = 0

    struct Pipe {
        let input: CInt
        let output: CInt
    }

    enum Progress {
        /// Nothing more now: an event will come.
        case waiting
        /// More is there; others go first.
        case more
        /// All was passed on, and the end as well.
        case ended
        case broken
    }

    /// What the streams of an event loop share.
    struct Resources {
        static let bufferSize = 65536
        /// Descriptors from here on are left to connections.
        let ceiling: CInt
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: bufferSize)
        var pipes: [Pipe] = []
        var spills: [UnsafeMutablePointer<UInt8>] = []

        init(ceiling: CInt) { self.ceiling = ceiling }

        mutating func takePipe() -> Pipe? {
            if let pipe = pipes.popLast() { return pipe }
            var ends: (CInt, CInt) = (-1, -1)
            let code = withUnsafeMutableBytes(of: &ends) {
                apus_pipe($0.baseAddress?.assumingMemoryBound(to: CInt.self))
            }
            guard code == 0 else { return nil }
            if ends.1 >= ceiling {
                close(Pipe(input: ends.1, output: ends.0))
                return nil
            }
            _ = fcntl(ends.1, 1031 /* F_SETPIPE_SZ, hidden behind _GNU_SOURCE */, 1 << 19)
            return Pipe(input: ends.1, output: ends.0)
        }

        /// `pipe` must be empty.
        mutating func give(_ pipe: Pipe) {
            if pipes.count < 64 { pipes.append(pipe) } else { close(pipe) }
        }

        func close(_ pipe: Pipe) {
            Glibc.close(pipe.input)
            Glibc.close(pipe.output)
        }

        mutating func takeSpill() -> UnsafeMutablePointer<UInt8> {
            spills.popLast() ?? .allocate(capacity: Self.bufferSize)
        }

        mutating func give(_ spill: UnsafeMutablePointer<UInt8>) {
            if spills.count < 64 { spills.append(spill) } else { spill.deallocate() }
        }
    }

    /// What was read since the last call.
    mutating func takeBytes() -> UInt64 {
        defer { bytes = 0 }
        return bytes
    }

    /// True when the receiver's readiness is waited for.
    var isBlocked: Bool { inPipe > 0 || spill != nil }

    private static let budget = 1 << 20

    /// Moves what can be moved without waiting. `isLast`: the other direction is over, so that the sockets are closed after
    /// this one's end, which tells the receiver.
    mutating func pump(_ resources: inout Resources, isLast: Bool) -> Progress {
        var budget = Self.budget
        while true {
            if let progress = flush(&resources) { return progress }
            if isEnded {
                if !isShut, !isLast { shutdown(to, CInt(SHUT_WR)) }
                isShut = true
                return .ended
            }
            if budget <= 0 { return .more }
            let step = pipe == nil ? copy(&resources, &budget) : splice(&resources, &budget)
            if let step { return step }
        }
    }

    /// Writes what was left; nil when all of it went.
    private mutating func flush(_ resources: inout Resources) -> Progress? {
        while inPipe > 0, let pipe {
            let count = apus_splice(pipe.output, to, inPipe)
            guard count > 0 else { return errno == EAGAIN ? .waiting : .broken }
            inPipe -= count
        }
        guard let rest = spill else { return nil }
        while spillStart < spillEnd {
            let count = send(to, rest + spillStart, spillEnd - spillStart, CInt(MSG_NOSIGNAL))
            guard count > 0 else { return errno == EAGAIN ? .waiting : .broken }
            spillStart += count
        }
        resources.give(rest)
        spill = nil
        return nil
    }

    /// Through the loop's buffer: the cheapest way for small messages. nil to go on.
    private mutating func copy(_ resources: inout Resources, _ budget: inout Int) -> Progress? {
        let count = recv(from, resources.buffer, Resources.bufferSize, 0)
        guard count > 0 else {
            if count == 0 { return end() }
            if errno == EINTR { return nil }
            return errno == EAGAIN ? .waiting : .broken
        }
        bytes += UInt64(count)
        budget -= count
        var written = send(to, resources.buffer, count, CInt(MSG_NOSIGNAL))
        if written < 0 {
            guard errno == EAGAIN else { return .broken }
            written = 0
        }
        if written < count {
            let rest = resources.takeSpill()
            rest.update(from: resources.buffer + written, count: count - written)
            spill = rest
            spillStart = 0
            spillEnd = count - written
            return nil
        }
        guard count == Resources.bufferSize else {
            fullReads = 0
            // A short read has emptied the socket; what comes later is an event of its own.
            return isHungUp ? nil : .waiting
        }
        fullReads += 1
        if fullReads == 4 {
            fullReads = 0
            pipe = resources.takePipe()
        }
        return nil
    }

    /// Through a pipe: payload does not cross into user space. nil to go on.
    private mutating func splice(_ resources: inout Resources, _ budget: inout Int) -> Progress? {
        guard let pipe else { return nil }
        let count = apus_splice(from, pipe.input, 1 << 19)
        guard count > 0 else {
            if count == 0 {
                leaveBulk(&resources)
                return end()
            }
            guard errno == EAGAIN else { return .broken }
            leaveBulk(&resources)
            return isHungUp ? nil : .waiting
        }
        bytes += UInt64(count)
        budget -= count
        inPipe = count
        return nil
    }

    private mutating func end() -> Progress? {
        isEnded = true
        return nil
    }

    private mutating func leaveBulk(_ resources: inout Resources) {
        if let pipe { resources.give(pipe) }
        pipe = nil
        // The next full read comes back at once.
        fullReads = 3
    }

    /// Gives back what it holds; the sockets are the connection's.
    mutating func release(_ resources: inout Resources) {
        if let pipe {
            if inPipe > 0 { resources.close(pipe) } else { resources.give(pipe) }
        }
        if let spill { resources.give(spill) }
        pipe = nil
        spill = nil
        inPipe = 0
    }
}
