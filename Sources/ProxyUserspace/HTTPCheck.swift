import NetTypes

/// The words of an active HTTP check (RFC 9112).
enum HTTPCheck {
    static func request(_ path: String, _ endpoint: AddressPort) -> [UInt8] {
        Array(
            "GET \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nUser-Agent: apus-health-check\r\nAccept: */*\r\nConnection: close\r\n\r\n"
                .utf8)
    }

    /// Whether an answer that begins so is a success: a status of 200 to 399. nil when more is needed to tell.
    static func isSuccess(_ answer: [UInt8]) -> Bool? {
        let form = Array("HTTP/1.x ".utf8)
        for (index, byte) in answer.prefix(form.count).enumerated() {
            let isGood = index == 7 ? isDigit(byte) : byte == form[index]
            if !isGood { return false }
        }
        let status = answer.dropFirst(form.count).prefix(3)
        guard status.allSatisfy(isDigit) else { return false }
        guard status.count == 3 else { return nil }
        return (200...399).contains(status.reduce(0) { $0 * 10 + Int($1 - 0x30) })
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
