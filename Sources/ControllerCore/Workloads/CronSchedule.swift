import KubeAPI

/// A schedule in the five fields of cron: minute, hour, day of month, month, day of week; or `@hourly` and its like, or
/// `@every 5m`.
///
/// As in cron, when both days are restricted either of them suffices.
public struct CronSchedule: Sendable, Hashable {
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    private enum Kind: Hashable {
        case fields(minutes: Set<Int>, hours: Set<Int>, days: Set<Int>, months: Set<Int>, weekdays: Set<Int>)
        case every(seconds: Int64)
    }

    private let kind: Kind
    private let isAnyDay: Bool
    private let isAnyWeekday: Bool

    private static let shorthands = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    public init(_ text: String) throws(Refusal) {
        if text.hasPrefix("@every ") {
            guard let seconds = Self.seconds(text.dropFirst(7)), seconds > 0 else {
                throw Refusal(description: "the schedule \(text) names no time as 5m or 1h30m")
            }
            kind = .every(seconds: seconds)
            (isAnyDay, isAnyWeekday) = (true, true)
            return
        }
        let fields = (Self.shorthands[text] ?? text).split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard fields.count == 5 else {
            throw Refusal(description: "the schedule \(text) has \(fields.count) fields and needs 5")
        }
        var weekdays = try Self.values(fields[4], 0...7, names: Self.weekdays, from: 0)
        if weekdays.remove(7) != nil { weekdays.insert(0) }
        kind = .fields(
            minutes: try Self.values(fields[0], 0...59), hours: try Self.values(fields[1], 0...23),
            days: try Self.values(fields[2], 1...31),
            months: try Self.values(fields[3], 1...12, names: Self.months, from: 1), weekdays: weekdays)
        isAnyDay = fields[2].hasPrefix("*") || fields[2] == "?"
        isAnyWeekday = fields[4].hasPrefix("*") || fields[4] == "?"
    }

    /// Go's durations in whole seconds.
    private static func seconds(_ text: Substring) -> Int64? {
        var total: Int64 = 0
        var number = ""
        for character in text {
            if character.isNumber {
                number.append(character)
                continue
            }
            guard let value = Int64(number), value < 1 << 32 else { return nil }
            number = ""
            switch character {
            case "h": total += value * 3600
            case "m": total += value * 60
            case "s": total += value
            default: return nil
            }
        }
        return number.isEmpty ? total : nil
    }

    private static func values(
        _ field: Substring, _ bounds: ClosedRange<Int>, names: [String] = [], from first: Int = 0
    ) throws(Refusal) -> Set<Int> {
        var values: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = halves.count == 2 ? Int(halves[1]) ?? 0 : 1
            let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
                number($0, names, first)
            }
            var range: ClosedRange<Int>?
            if halves[0] == "*" || halves[0] == "?" {
                range = bounds
            } else if let lower = ends[0], bounds.contains(lower) {
                // `5/15` goes on to the end.
                let upper = ends.count == 2 ? ends[1] : halves.count == 2 ? bounds.upperBound : lower
                if let upper, upper >= lower, upper <= bounds.upperBound { range = lower...upper }
            }
            guard let range, step > 0 else {
                throw Refusal(
                    description:
                        "the part \(part) of the schedule is not within \(bounds.lowerBound)-\(bounds.upperBound)")
            }
            values.formUnion(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        return values
    }

    private static func number(_ text: Substring, _ names: [String], _ first: Int) -> Int? {
        if let number = Int(text) { return number }
        return names.firstIndex(of: text.lowercased()).map { $0 + first }
    }

    // MARK: - Times

    /// The first time after `time`, in seconds since 1970; nil when there is none within five years.
    public func next(after time: Int64, zone: TimeZoneRules = .utc) -> Int64? {
        guard case .fields(let minutes, let hours, _, _, _) = kind else {
            guard case .every(let seconds) = kind else { return nil }
            return time + seconds
        }
        var local = WallTime(secondsSince1970: time + zone.offset(at: time)).minuteAfter
        for _ in 0..<(5 * 366) {
            if isDay(local) {
                for hour in hours.sorted() where hour >= local.hour {
                    for minute in minutes.sorted() where hour > local.hour || minute >= local.minute {
                        let found = zone.instant(local.at(hour: hour, minute: minute))
                        // A time that the clocks skip is not; one that they repeat is taken once.
                        if let found, found > time { return found }
                    }
                }
            }
            local = local.nextDay
        }
        return nil
    }

    private func isDay(_ time: WallTime) -> Bool {
        guard case .fields(_, _, let days, let months, let weekdays) = kind, months.contains(time.month) else {
            return false
        }
        let isDay = days.contains(time.day)
        let isWeekday = weekdays.contains(time.weekday)
        return isAnyDay || isAnyWeekday ? isDay && isWeekday : isDay || isWeekday
    }
}

/// What clocks on the wall show.
struct WallTime: Hashable {
    /// Days since 1970-01-01.
    let epochDay: Int64
    let hour: Int
    let minute: Int

    init(epochDay: Int64, hour: Int, minute: Int) {
        self.epochDay = epochDay
        self.hour = hour
        self.minute = minute
    }

    init(secondsSince1970 seconds: Int64) {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = Int(seconds - day * 86_400)
        self.init(epochDay: day, hour: rest / 3600, minute: rest / 60 % 60)
    }

    var secondsSince1970: Int64 { epochDay * 86_400 + Int64(hour * 3600 + minute * 60) }
    var minuteAfter: WallTime { WallTime(secondsSince1970: secondsSince1970 + 60) }
    var nextDay: WallTime { WallTime(epochDay: epochDay + 1, hour: 0, minute: 0) }
    func at(hour: Int, minute: Int) -> WallTime { WallTime(epochDay: epochDay, hour: hour, minute: minute) }

    /// 0 is Sunday; 1970-01-01 was a Thursday.
    var weekday: Int { Int((epochDay % 7 + 11) % 7) }
    var day: Int { date.day }
    var month: Int { date.month }

    /// Howard Hinnant's civil_from_days, in the proleptic Gregorian calendar.
    private var date: (month: Int, day: Int) {
        let shifted = epochDay + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        return (Int(part < 10 ? part + 3 : part - 9), Int(dayOfYear - (153 * part + 2) / 5 + 1))
    }
}
