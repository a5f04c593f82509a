import Compression
import NIOCore
import TestRandom
import Testing

@testable import Agent

@Suite struct SPDYTests {
    /// RFC 1950's checksum.
    private func adler(_ bytes: [UInt8]) -> UInt32 {
        var (a, b) = (UInt32(1), UInt32(0))
        for byte in bytes { (a, b) = ((a + UInt32(byte)) % 65521, (b + (a + UInt32(byte)) % 65521) % 65521) }
        return b << 16 | a
    }

    @Test func theDictionaryIsSPDYs() { #expect(adler(SPDYDictionary.bytes) == 0xE3C6_A7C2) }

    @Test func headerBlocksSurviveTheirCompression() {
        guard var deflater = HeaderDeflater(dictionary: SPDYDictionary.bytes),
            var inflater = HeaderInflater(dictionary: SPDYDictionary.bytes)
        else {
            Issue.record("no memory")
            return
        }
        let block: [UInt8] =
            [0, 0, 0, 1, 0, 0, 0, 4] + Array("port".utf8) + [0, 0, 0, 4] + Array("8080".utf8)
        for _ in 0..<3 {
            let piece = deflater.deflate(block)
            let plain = inflater.inflate(piece, limit: 1000)
            #expect(plain == block)
        }
        #expect(SPDYFrame.pairs(block) == ["port": "8080"])
        let broken = inflater.inflate([1, 2, 3, 4, 5, 6, 7], limit: 1000)
        #expect(broken == nil)
    }

    /// Any bytes in any pieces: the same frames come out, or the same end.
    @Test(arguments: 0..<20 as Range<UInt64>) func changedFramesAreTakenOrRefused(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var opening = ByteBuffer(bytes: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        opening.writeBytes([0x78, 0xBB, 0xE3, 0xC6, 0xA7, 0xC2, 2, 0, 1, 2])
        var good = Array(SPDYFrame.control(SPDYFrame.Kind.open, opening).readableBytesView)
        for kind in [SPDYFrame.Kind.ping, SPDYFrame.Kind.reset, SPDYFrame.Kind.headers, 9] {
            good += SPDYFrame.control(kind, ByteBuffer(bytes: [0, 0, 0, 1, 0, 0, 0, 5])).readableBytesView
            good += SPDYFrame.data(1, ByteBuffer(repeating: 7, count: 30), isLast: kind == 9).readableBytesView
        }
        for round in 0..<200 {
            var bytes = good
            for _ in 0..<(round == 0 ? 0 : Int.random(in: 1...4, using: &random)) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let whole = Self.frames(bytes) { $0.count }
            #expect(
                Self.frames(bytes) { _ in Int.random(in: 1...9, using: &random) } == whole, "seed \(seed): \(bytes)")
            if round == 0 { #expect(whole.count == 9) }
        }
    }

    /// What is taken from pieces of the lengths that `next` says, as text.
    private static func frames(_ bytes: [UInt8], _ next: (ArraySlice<UInt8>) -> Int) -> [String] {
        var (rest, buffer, found) = (bytes[...], ByteBuffer(), [String]())
        while !rest.isEmpty {
            let piece = rest.prefix(next(rest))
            rest = rest.dropFirst(piece.count)
            buffer.writeBytes(piece)
            do throws(SPDYFrame.Malformed) {
                while let frame = try SPDYFrame.take(&buffer) { found.append(text(frame)) }
            } catch {
                return found + ["malformed"]
            }
        }
        return found
    }

    private static func text(_ frame: SPDYFrame) -> String {
        func hex(_ bytes: ByteBuffer) -> String { bytes.readableBytesView.map { String($0, radix: 16) }.joined() }
        return switch frame {
        case .data(let stream, let bytes, let isLast): "data \(stream) \(hex(bytes)) \(isLast)"
        case .open(let stream, let headers, let isLast): "open \(stream) \(hex(headers)) \(isLast)"
        case .reset(let stream): "reset \(stream)"
        case .ping(let payload): "ping \(hex(payload))"
        case .headers(let block): "headers \(hex(block))"
        case .other: "other"
        }
    }

    /// Header blocks: what is broken is refused, and what means much comes to an end.
    @Test(arguments: 0..<20 as Range<UInt64>) func changedHeaderBlocksAreReadOrRefused(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let block: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 4] + Array("port".utf8) + [0, 0, 0, 4] + Array("8080".utf8)
        var (read, refused) = (0, 0)
        for _ in 0..<40 {
            guard var deflater = HeaderDeflater(dictionary: SPDYDictionary.bytes),
                var inflater = HeaderInflater(dictionary: SPDYDictionary.bytes)
            else {
                Issue.record("no memory")
                return
            }
            var piece = deflater.deflate(block + [UInt8](repeating: 0, count: Int.random(in: 0...3000, using: &random)))
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                piece[Int.random(in: piece.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let plain = inflater.inflate(piece, limit: 2000)
            #expect((plain?.count ?? 0) <= 2000)
            if let plain { _ = SPDYFrame.pairs(plain) }
            if plain == nil { refused += 1 } else { read += 1 }
        }
        #expect(read > 0 && refused > 0)
        for _ in 0..<300 {
            var bytes = block
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            #expect((SPDYFrame.pairs(bytes)?.count ?? 0) <= 100)
        }
    }

    @Test func framesAreTakenWhole() throws {
        var buffer = SPDYFrame.data(5, ByteBuffer(string: "abc"), isLast: true)
        buffer.writeBytes([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0])
        guard case .data(5, let bytes, true) = try SPDYFrame.take(&buffer) else {
            Issue.record("no data frame")
            return
        }
        #expect(String(buffer: bytes) == "abc")
        #expect(try SPDYFrame.take(&buffer) == nil)
        buffer.writeBytes([0, 9])
        guard case .ping(let payload) = try SPDYFrame.take(&buffer) else {
            Issue.record("no ping")
            return
        }
        #expect(Array(payload.readableBytesView) == [0, 0, 0, 9])
        var long = ByteBuffer(bytes: [0, 0, 0, 1, 0, 0xFF, 0xFF, 0xFF])
        #expect(throws: SPDYFrame.Malformed.self) { try SPDYFrame.take(&long) }
    }
}
