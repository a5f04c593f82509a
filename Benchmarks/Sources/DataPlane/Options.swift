import Bench

/// The command line.
struct Options {
    static let usage = """
        usage: apus-bench [--quick] [--only NAME,...] [--json FILE] [--docs FOLDER]
          --quick   smaller numbers, under a minute; targets of full runs are not judged
          --only    first-sync, endpoint-change, change-rate, throughput, memory (of .build/release/apus), iptables,
                    userspace (beside haproxy and nginx, measured with wrk)
          --json    write all figures and raw values there
          --docs    write a table and plots into this folder
        """

    var plan = Suite.Plan.full
    var only: Set<Suite.Part> = Set(Suite.Part.allCases)
    var json: String?
    var documents: String?

    init(_ arguments: [String]) throws(BenchError) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--quick": plan = .quick
            case "--json": json = try Self.value(of: word, &rest)
            case "--docs": documents = try Self.value(of: word, &rest)
            case "--only":
                let names = try Self.value(of: word, &rest).split(separator: ",").map(String.init)
                only = Set(names.compactMap(Suite.Part.init))
                guard only.count == names.count else { throw BenchError("unknown part\n\(Self.usage)") }
            default: throw BenchError(Self.usage)
            }
        }
    }

    private static func value(of option: String, _ rest: inout ArraySlice<String>) throws(BenchError) -> String {
        guard let value = rest.popFirst() else { throw BenchError("\(option) needs a value\n\(usage)") }
        return value
    }
}
