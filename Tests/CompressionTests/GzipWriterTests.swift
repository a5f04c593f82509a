import Foundation
import Processes
import TestPrograms
import Testing

@testable import Compression

@Suite struct GzipWriterTests {
    /// What gzip makes of it.
    private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        let gzip = Program.start("gzip", ["-dc"])
        let finished = try FinishedProcess.run(gzip, input: bytes, limit: .seconds(60), outputLimit: 64 << 20)
        #expect(finished.end == .exit(0), "\(finished.errorText)")
        return finished.output
    }

    @Test(arguments: [[], [0], [1, 70_000, 0, 5], [65_536, 65_536], [1_000_000]])
    func gzipUnpacksIt(sizes: [Int]) throws {
        var generator = SystemRandomNumberGenerator()
        let pieces = sizes.map { size in (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        let text = Array(repeating: Array("kubernetes ".utf8), count: 10_000).flatMap(\.self)
        guard var writer = GzipWriter(level: 1) else {
            Issue.record("there is no writer")
            return
        }
        var bytes: [UInt8] = []
        for piece in pieces { bytes += writer.add(piece) }
        bytes += writer.add(text, isLast: true)
        #expect(bytes.count < pieces.reduce(0) { $0 + $1.count } + text.count / 10 + 1000)
        let expected = pieces.flatMap(\.self) + text
        #expect(try unpacked(bytes) == expected)
    }

    @Test func unknownLevelsAreRefused() {
        for level: Int32 in [-2, 0, 10] {
            let writer = GzipWriter(level: level)
            let isNone = writer == nil
            #expect(isNone)
        }
    }
}
