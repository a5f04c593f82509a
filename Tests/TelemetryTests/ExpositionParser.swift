/// Reads Prometheus' text format 0.0.4 back, as strictly as promtool checks it.
struct ExpositionParser {
    struct Sample: Equatable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var help: [String: String] = [:]
    private(set) var types: [String: String] = [:]
    private(set) var samples: [Sample] = []

    init(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem(description: "not UTF-8") }
        guard text.isEmpty || text.hasSuffix("\n") else { throw Problem(description: "no line feed at the end") }
        var last = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# HELP ") {
                let (name, rest) = try Self.halves(line.dropFirst(7))
                guard help.updateValue(rest, forKey: name) == nil else {
                    throw Problem(description: "two HELP: \(name)")
                }
                guard last < name else { throw Problem(description: "\(name) is out of order") }
                last = name
            } else if line.hasPrefix("# TYPE ") {
                let (name, rest) = try Self.halves(line.dropFirst(7))
                guard name == last else { throw Problem(description: "TYPE \(name) without HELP") }
                types[name] = rest
            } else {
                let sample = try Self.sample(line)
                let names = types[last] == "histogram" ? ["_bucket", "_sum", "_count"].map { last + $0 } : [last]
                guard names.contains(sample.name) else { throw Problem(description: "\(line) stands under \(last)") }
                guard !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
                    throw Problem(description: "\(line) is there twice")
                }
                samples.append(sample)
            }
        }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    private static func halves(_ text: Substring) throws -> (String, String) {
        guard let space = text.firstIndex(of: " ") else { throw Problem(description: "\(text) has one word") }
        return (String(text[..<space]), String(text[text.index(after: space)...]))
    }

    private static func sample(_ line: Substring) throws -> Sample {
        var rest = line
        let name = String(rest.prefix { $0 != "{" && $0 != " " })
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                let label = String(rest.prefix { $0 != "=" })
                rest = rest.dropFirst(label.count)
                guard rest.hasPrefix("=\""), labels[label] == nil else {
                    throw Problem(description: "bad label: \(line)")
                }
                rest = rest.dropFirst(2)
                labels[label] = try quoted(&rest)
                if rest.first == "," { rest = rest.dropFirst() }
            }
            rest = rest.dropFirst()
        }
        guard rest.first == " ", let value = number(rest.dropFirst()) else {
            throw Problem(description: "bad value: \(line)")
        }
        return Sample(name: name, labels: labels, value: value)
    }

    private static func quoted(_ rest: inout Substring) throws -> String {
        var text = ""
        while let letter = rest.popFirst() {
            switch letter {
            case "\"": return text
            case "\\":
                switch rest.popFirst() {
                case "n": text.append("\n")
                case "\\": text.append("\\")
                case "\"": text.append("\"")
                default: throw Problem(description: "bad escape")
                }
            default: text.append(letter)
            }
        }
        throw Problem(description: "no closing quote")
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: Double(text)
        }
    }
}
