import Compression
import Glibc

/// What gzip text holds.
final class GzipSource: ByteSource {
    private let source: any ByteSource
    private let name: String
    private var reader: GzipReader
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var start = 0
    private var end = 0

    init(_ source: any ByteSource, name: String) throws(ImageError) {
        guard let reader = GzipReader() else { throw ImageError(.system(ENOMEM), "no memory to unpack \(name)") }
        self.source = source
        self.name = name
        self.reader = reader
    }

    deinit { input.deallocate() }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
        while true {
            if start == end {
                end = try source.read(into: input)
                start = 0
                if end == 0 {
                    if reader.isAtMemberEnd { return 0 }
                    throw ImageError(.malformed, "\(name) is cut short: its gzip text has no end")
                }
            }
            let step: GzipReader.Step
            do {
                step = try reader.read(UnsafeRawBufferPointer(rebasing: input[start..<end]), into: buffer)
            } catch {
                throw ImageError(.malformed, "\(name) is no gzip text, or is damaged")
            }
            start += step.consumed
            if step.produced > 0 { return step.produced }
        }
    }
}
