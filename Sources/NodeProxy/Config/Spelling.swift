/// Finds what a misspelt name was meant to be.
enum Spelling {
    /// The candidate that differs least, when it differs by no more than a third of the name.
    static func nearest(to name: String, in candidates: some Sequence<String>) -> String? {
        let ranked = Set(candidates).map { (distance: distance(name.lowercased(), $0.lowercased()), name: $0) }
        guard let best = ranked.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }),
            best.distance <= max(1, name.count / 3)
        else { return nil }
        return best.name
    }

    /// Levenshtein's: letters added, removed or replaced.
    static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
