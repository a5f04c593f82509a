/// Lets command lines that were written for Go programs be read by ones that know `--flag` and `--no-flag`.
public enum GoArguments {
    /// Turns `--flag=true` into `--flag` and `--flag=false` into `--no-flag` for the booleans among the flags, and
    /// underscores in names into dashes. What follows `--` stays. Fails on `--cleanup=maybe`.
    public static func normalised(
        _ arguments: [String], booleans: Set<String> = Set(ProxyFlag.all.filter(\.isBoolean).map(\.name)),
        besides others: Set<String> = []
    ) throws(ConfigurationProblem) -> [String] {
        let booleans = booleans.union(others)
        var result: [String] = []
        var isPastFlags = false
        for argument in arguments {
            isPastFlags = isPastFlags || argument == "--"
            result.append(isPastFlags ? argument : try normalised(argument, booleans))
        }
        return result
    }

    private static func normalised(
        _ argument: String, _ booleans: Set<String>
    ) throws(ConfigurationProblem) -> String {
        guard argument.hasPrefix("--"), argument.count > 2 else { return argument }
        let halves = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(halves[0].map { $0 == "_" ? "-" : $0 })
        guard halves.count == 2 else { return "--\(name)" }
        guard booleans.contains(name) else { return "--\(name)=\(halves[1])" }
        do {
            return try Bool(flag: String(halves[1])) ? "--\(name)" : "--no-\(name)"
        } catch {
            throw ConfigurationProblem(origin: "", path: "--\(name)", reason: error.reason)
        }
    }
}
