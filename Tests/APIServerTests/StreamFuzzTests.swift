import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOWebSocket
import TestRandom
import Testing

@testable import APIServer

/// The two decoders of streams read any bytes, in any pieces.
struct StreamFuzzTests {
    static let seeds = Array(UInt64(1)...40)

    /// Cut where the generator says.
    private static func pieces(_ bytes: [UInt8], _ random: inout SeededRandom) -> [ByteBuffer] {
        var rest = bytes[...]
        var pieces: [ByteBuffer] = []
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...max(1, min(rest.count, 90)), using: &random))
            pieces.append(ByteBuffer(bytes: piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }

    private static func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
            default: bytes.removeSubrange(index...)
            }
        }
        return bytes
    }

    // MARK: - Heads

    private enum Outcome: Equatable {
        case needsMore, malformed
        case head(HTTPResponseHead, rest: [UInt8])
    }

    private static func outcome(_ pieces: [ByteBuffer]) -> Outcome {
        var reader = ResponseHeadReader()
        for (index, piece) in pieces.enumerated() {
            var piece = piece
            switch reader.read(&piece) {
            case .needsMore: continue
            case .malformed: return .malformed
            case .head(let head, var rest):
                for later in pieces.dropFirst(index + 1) { rest.writeImmutableBuffer(later) }
                return .head(head, rest: Array(rest.readableBytesView))
            }
        }
        return .needsMore
    }

    @Test(arguments: seeds) func headsMeanTheSameInAnyPieces(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let good = Array(
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\n"
                + "X-Stream-Protocol-Version: v4.channel.k8s.io\r\nConnection: Upgrade\r\n\r\nrest \r\n\r\n of it").utf8
        )
        for _ in 0..<200 {
            let bytes = Self.mutated(good, &random)
            let whole = Self.outcome([ByteBuffer(bytes: bytes)])
            #expect(Self.outcome(Self.pieces(bytes, &random)) == whole, "seed \(seed): \(bytes)")
        }
    }

    // MARK: - WebSockets

    /// Everything that came out of the tunnel, and whether it found the bytes wrong.
    private static func tunnelled(_ pieces: [ByteBuffer]) throws -> (bytes: [UInt8], isWrong: Bool) {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish() }
        try WebSocketTunnel.add(to: channel)
        var bytes: [UInt8] = []
        for piece in pieces {
            do {
                try channel.writeInbound(piece)
            } catch {
                return (bytes, true)
            }
            while let read = try channel.readInbound(as: ByteBuffer.self) { bytes += read.readableBytesView }
            while try channel.readOutbound(as: ByteBuffer.self) != nil {}
        }
        return (bytes, false)
    }

    @Test(arguments: seeds) func framesCarryTheirBytes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var sent: [UInt8] = []
        var wire: [UInt8] = []
        for _ in 0..<20 {
            let data = (0..<Int.random(in: 0...700, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            sent += data
            wire += RawClient.masked(2, data)
            if Int.random(in: 0..<5, using: &random) == 0 { wire += RawClient.masked(9, [1, 2]) }
        }
        let whole = try Self.tunnelled(Self.pieces(wire, &random))
        #expect(!whole.isWrong && whole.bytes == sent, "seed \(seed)")
        for _ in 0..<30 {
            let bytes = Self.mutated(wire, &random)
            let out = try Self.tunnelled(Self.pieces(bytes, &random))
            #expect(out.bytes.count <= bytes.count, "seed \(seed): more came out than went in")
        }
    }

    @Test func aFrameWithoutEndIsRefused() throws {
        // 2^40 bytes announced.
        let head: [UInt8] = [0x82, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5]
        #expect(try Self.tunnelled([ByteBuffer(bytes: head)]).isWrong)
    }
}
