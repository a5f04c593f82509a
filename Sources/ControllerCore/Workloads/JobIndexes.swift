/// The indexes of an Indexed Job as its status writes them: `0-2,5,7-9`.
public struct JobIndexes: Sendable, Hashable, CustomStringConvertible {
    public private(set) var values: Set<Int>

    public init(_ values: Set<Int> = []) { self.values = values }

    /// What is no number, or not below `limit`, is left out.
    public init(parsing text: String, limit: Int) {
        values = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first >= 0, first <= last, first < limit else {
                continue
            }
            values.formUnion(first...min(last, limit - 1))
        }
    }

    public mutating func insert(_ index: Int) { values.insert(index) }

    public var description: String {
        var parts: [String] = []
        var run: ClosedRange<Int>?
        func text(_ run: ClosedRange<Int>) -> String {
            switch run.count {
            case 1: "\(run.lowerBound)"
            case 2: "\(run.lowerBound),\(run.upperBound)"
            default: "\(run.lowerBound)-\(run.upperBound)"
            }
        }
        for value in values.sorted() {
            if let known = run, known.upperBound + 1 == value {
                run = known.lowerBound...value
            } else {
                if let run { parts.append(text(run)) }
                run = value...value
            }
        }
        if let run { parts.append(text(run)) }
        return parts.joined(separator: ",")
    }
}
