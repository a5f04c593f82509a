/// Lets command lines that were written for Go programs be read by ones that know `--flag` and `--no-flag`.
public enum GoArguments {
    /// Turns `--flag=true` into `--flag` and `--flag=false` into `--no-flag` for the booleans among the flags; of others
    /// `--flag=` into two words, the second empty, and a negative number in the word after them into `--flag=-1`;
    /// underscores in names into dashes. What follows `--` stays. Fails on `--cleanup=maybe`.
    public static func normalised(
        _ arguments: [String], booleans: Set<String> = Set(ProxyFlag.all.filter(\.isBoolean).map(\.name)),
        besides others: Set<String> = []
    ) throws(ConfigurationProblem) -> [String] {
        let booleans = booleans.union(others)
        var result: [String] = []
        var words = arguments[...]
        while let word = words.popFirst() {
            guard word != "--" else { return result + [word] + words }
            guard let flag = Flag(word) else {
                result.append(word)
                continue
            }
            if booleans.contains(flag.name) {
                result.append(try flag.boolean())
            } else if let value = flag.value {
                result += value.isEmpty ? ["--\(flag.name)", ""] : ["--\(flag.name)=\(value)"]
            } else if let next = words.first, isNegativeNumber(next) {
                result.append("--\(flag.name)=\(words.removeFirst())")
            } else {
                result.append("--\(flag.name)")
            }
        }
        return result
    }

    /// Also a duration: `-1s`.
    private static func isNegativeNumber(_ word: String) -> Bool {
        word.hasPrefix("-") && word.dropFirst().first.map { $0.isASCII && $0.isNumber || $0 == "." } == true
    }

    private struct Flag {
        let name: String
        /// What follows `=`.
        let value: Substring?

        init?(_ word: String) {
            guard word.hasPrefix("--"), word.count > 2 else { return nil }
            let halves = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            name = String(halves[0].map { $0 == "_" ? "-" : $0 })
            value = halves.count == 2 ? halves[1] : nil
        }

        func boolean() throws(ConfigurationProblem) -> String {
            guard let value else { return "--\(name)" }
            do {
                return try Bool(flag: String(value)) ? "--\(name)" : "--no-\(name)"
            } catch {
                throw ConfigurationProblem(origin: "", path: "--\(name)", reason: error.reason)
            }
        }
    }
}
