import Glibc

/// The `nft` command, for reading what Apus wrote and for loading what it printed. Runs in the calling thread's
/// network namespace.
public enum NftWitness {
    public struct Failure: Error { public let output: String }

    /// Runs nft with a shell's arguments and returns what it printed; throws that when it failed.
    @discardableResult
    public static func run(_ arguments: String, input: String = "") throws -> String {
        var path = Array("/tmp/apus-nft-XXXXXX".utf8CString)
        let file = mkstemp(&path)
        defer {
            close(file)
            unlink(path)
        }
        _ = input.withCString { write(file, $0, input.utf8.count) }
        let name = String(decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let stream = popen("nft \(arguments) < \(name) 2>&1", "re") else { throw Failure(output: "no shell") }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { output += buffer[..<count] }
        let text = String(decoding: output, as: UTF8.self)
        guard pclose(stream) == 0 else { throw Failure(output: text) }
        return text
    }

    /// The ruleset with elements and objects in an order of our own: nft lists elements in hash order, and it writes
    /// `tcp dport` for `th dport` (the same bytes) after it has loaded a rule that matches tcp.
    public static func listing() throws -> [String] {
        try run("-n list ruleset").split(separator: "\n").map { line in
            line.drop { " \t".contains($0) }.split(separator: "elements = { ").joined()
        }.flatMap { line in
            line.split(separator: ",").map { item in
                String(item.drop { $0 == " " }.reversed().drop { " {}".contains($0) }.reversed())
                    .split(separator: "tcp dport", omittingEmptySubsequences: false).joined(separator: "th dport")
            }
        }.filter { !$0.isEmpty }.sorted()
    }
}
