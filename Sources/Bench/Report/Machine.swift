import Glibc

/// What the figures were measured on.
public struct Machine: Sendable {
    public let processor: String
    public let cores: Int
    public let kernel: String
    public let memory: String
    public let date: String

    public init() {
        func field(_ file: String, _ name: String) -> String? {
            let line = TextFile.read(file)?.split(separator: "\n").first { $0.hasPrefix(name) }
            return line?.split(separator: ":", maxSplits: 1).last.map { text in
                String(text.drop { $0 == " " || $0 == "\t" })
            }
        }
        processor = field("/proc/cpuinfo", "model name") ?? "unknown"
        cores = Processor.count
        kernel = TextFile.read("/proc/sys/kernel/osrelease")?.split(separator: "\n").first.map(String.init) ?? "unknown"
        let kibibytes = field("/proc/meminfo", "MemTotal")?.split(separator: " ").first.flatMap { Int(String($0)) } ?? 0
        memory = "\(kibibytes >> 20) GiB"
        date = Self.today
    }

    private static var today: String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let length = strftime(&buffer, buffer.count, "%Y-%m-%d", &parts)
        return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    public var description: String { "\(processor), \(cores) cores, \(memory), Linux \(kernel), \(date)" }
}
