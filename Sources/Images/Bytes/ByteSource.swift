/// Bytes that are read once, from the beginning. Reads block.
protocol ByteSource: AnyObject {
    /// Fills the beginning of `buffer`, which is not empty; 0 is the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int
    /// Passes over bytes and says over how many: fewer when the end comes first.
    func skip(_ count: Int64) throws(ImageError) -> Int64
}

extension ByteSource {
    func skip(_ count: Int64) throws(ImageError) -> Int64 { try skipByReading(count) }

    func skipByReading(_ count: Int64) throws(ImageError) -> Int64 {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { scratch.deallocate() }
        var rest = count
        while rest > 0 {
            let part = UnsafeMutableRawBufferPointer(rebasing: scratch[..<Int(min(rest, Int64(scratch.count)))])
            let got = try read(into: part)
            if got == 0 { break }
            rest -= Int64(got)
        }
        return count - rest
    }

    /// Reads to the end, so that what counts or hashes below has seen everything.
    func drain() throws(ImageError) { _ = try skip(.max) }

    /// Fills `buffer` unless the end comes first; how much was filled.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if got == 0 { break }
            filled += got
        }
        return filled
    }

    /// Fewer than `count` bytes only at the end.
    func read(upTo count: Int) throws(ImageError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { buffer.deallocate() }
        let filled = try fill(buffer)
        return Array(buffer[..<filled])
    }

    /// Everything; `tooLarge` past `limit` bytes.
    func readAll(limit: Int, name: String) throws(ImageError) -> [UInt8] {
        var all: [UInt8] = []
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { scratch.deallocate() }
        while true {
            let got = try read(into: scratch)
            if got == 0 { return all }
            all += scratch[..<got]
            if all.count > limit { throw ImageError(.tooLarge, "\(name) is larger than \(limit) bytes") }
        }
    }
}
