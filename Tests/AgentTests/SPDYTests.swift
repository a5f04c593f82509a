import Compression
import NIOCore
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
