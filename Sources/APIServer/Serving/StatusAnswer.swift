import KubeAPI
import NIOHTTP1

/// An error as an answer.
enum StatusAnswer {
    static func response(_ status: Status, _ form: OutputForm) -> HTTPResponse {
        var plain = form
        plain.shape = .object
        let bytes = (try? WireEncoder.bytes(status.json, plain)) ?? WireEncoder.json(status.json, .json)
        var response = HTTPResponse(
            status: status.code == 0 ? 500 : status.code,
            plain.format == .protobuf ? plain.contentType : plain.contentType,
            bytes)
        if let seconds = status.retryAfterSeconds, seconds > 0 {
            response.headers.add(name: "Retry-After", value: String(seconds))
        }
        return response
    }
}
