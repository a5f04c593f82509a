/// `application/json;as=Table;v=v1;g=meta.k8s.io`
struct MediaType: Sendable, Hashable {
    /// Lower case.
    var name: String
    var parameters: [String: String]
    /// Thousandths.
    var quality = 1000

    init(parsing text: some StringProtocol) {
        let parts = text.split(separator: ";").map { Self.trimmed($0) }
        name = (parts.first ?? "").lowercased()
        parameters = [:]
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map { Self.trimmed($0) }
            guard let key = pair.first else { continue }
            let value = pair.count > 1 ? pair[1].filter { $0 != "\"" } : ""
            if key == "q" {
                quality = Double(value).map { Int(max(0, min(1, $0)) * 1000) } ?? 1000
            } else {
                parameters[key] = value
            }
        }
    }

    /// The ranges of an `Accept` header, the most wanted first.
    static func accepted(_ values: [String]) -> [MediaType] {
        let all = values.joined(separator: ",").split(separator: ",").map { MediaType(parsing: $0) }
            .filter { !$0.name.isEmpty && $0.quality > 0 }
        if all.allSatisfy({ $0.quality == 1000 }) { return all }
        return all.enumerated().sorted {
            $0.element.quality != $1.element.quality
                ? $0.element.quality > $1.element.quality : $0.offset < $1.offset
        }.map(\.element)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
