import Glibc

/// Checks with the kernel's own tools as witnesses; each is a line of the report.
protocol Witness: ~Copyable {}

extension Witness where Self: ~Copyable {
    func expect(_ what: String, _ isRight: Bool, _ seen: @autoclosure () -> String = "") {
        report(isRight ? "check" : "wrong", isRight ? what : "\(what): \(seen())")
    }

    func output(_ command: String) -> String {
        guard let stream = popen("\(command) 2>&1", "re") else { return "no shell" }
        defer { pclose(stream) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { text += buffer[..<count] }
        return String(decoding: text, as: UTF8.self)
    }

    func expect(_ what: String, _ command: String, prints expected: String...) {
        let seen = output(command)
        expect(what, expected.allSatisfy { seen.contains($0) }, seen)
    }
}
