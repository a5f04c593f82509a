import Compression
import Synchronization

/// Long answers to GET as gzip, where the client takes that (upstream's APIResponseCompression).
enum CompressedAnswer {
    /// Shorter ones are not worth it.
    static let leastBytes = 128 << 10
    /// Upstream's too: speed before size.
    private static let level: Int32 = 1

    static func apply(to response: inout HTTPResponse, _ request: HTTPRequest) {
        guard request.method == "GET", response.status == 200, takesGzip(request),
            !response.headers.contains(name: "content-encoding")
        else { return }
        switch response.body {
        case .bytes(let bytes) where bytes.count >= leastBytes:
            guard var writer = GzipWriter(level: level) else { return }
            response.body = .bytes(writer.add(bytes, isLast: true))
        // Only answers that are known to be long come in pieces.
        case .stream(isLong: false, let write):
            guard let gzip = GzipPieces(level: level) else { return }
            response.body = .stream(isLong: false) { writer in
                try await write(writer.through { gzip.add($0) })
                try await writer.write(gzip.finish())
            }
        default: return
        }
        response.headers.add(name: "Content-Encoding", value: "gzip")
        response.headers.add(name: "Vary", value: "Accept-Encoding")
    }

    private static func takesGzip(_ request: HTTPRequest) -> Bool {
        MediaType.accepted(request.headers["accept-encoding"]).contains { $0.name == "gzip" }
    }
}

/// A text that is made in a task of its own.
private final class GzipPieces: Sendable {
    private let writer: Mutex<GzipWriter>

    init?(level: Int32) {
        guard let writer = GzipWriter(level: level) else { return nil }
        self.writer = Mutex(writer)
    }

    func add(_ bytes: [UInt8]) -> [UInt8] { writer.withLock { $0.add(bytes) } }

    func finish() -> [UInt8] { writer.withLock { $0.add([], isLast: true) } }
}
