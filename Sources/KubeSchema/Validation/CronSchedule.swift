/// The five fields of cron, or `@daily` and its like.
enum CronSchedule {
    private static let macros: Set<String> = [
        "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
    ]
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// nil when it is a schedule.
    static func fault(_ text: String) -> String? {
        if text.hasPrefix("@") {
            return macros.contains(text) || text.hasPrefix("@every ") ? nil : "unrecognized descriptor: \(text)"
        }
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 5 else {
            return "expected exactly 5 fields, found \(fields.count): \(fields.map(String.init))"
        }
        let bounds: [(Int, Int, [String], Int)] = [
            (0, 59, [], 0), (0, 23, [], 0), (1, 31, [], 0), (1, 12, months, 1), (0, 6, days, 0),
        ]
        for (field, bound) in zip(fields, bounds) {
            for part in field.split(separator: ",", omittingEmptySubsequences: false) {
                if let fault = fault(of: part, bound) { return fault }
            }
        }
        return nil
    }

    private static func fault(of part: Substring, _ bound: (low: Int, high: Int, names: [String], first: Int))
        -> String?
    {
        let steps = part.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.count <= 2, steps.count == 1 || Int(steps[1]).map({ $0 > 0 }) ?? false else {
            return "failed to parse step of \(part)"
        }
        if steps[0] == "*" || steps[0] == "?" { return nil }
        var last = bound.low
        let ends = steps[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else { return "too many hyphens: \(part)" }
        for end in ends {
            let named = bound.names.firstIndex(of: end.lowercased()).map { $0 + bound.first }
            guard let number = named ?? Int(end) else { return "failed to parse int from \(end): \(part)" }
            if number < bound.low { return "beginning of range (\(number)) below minimum (\(bound.low)): \(part)" }
            if number > bound.high { return "end of range (\(number)) above maximum (\(bound.high)): \(part)" }
            if number < last { return "beginning of range (\(last)) beyond end of range (\(number)): \(part)" }
            last = number
        }
        return nil
    }
}
