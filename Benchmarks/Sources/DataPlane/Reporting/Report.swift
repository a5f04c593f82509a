import Bench
import Glibc

/// All figures of a run, in the forms people and programs read.
struct Report {
    let machine: Machine
    let isQuick: Bool
    let figures: [Figure]

    var isGood: Bool { figures.allSatisfy { $0.isMet ?? true } }

    private var groups: [(Figure.Group, [Figure])] {
        Figure.Group.allCases.map { group in (group, figures.filter { $0.group == group }) }.filter { !$0.1.isEmpty }
    }

    private static let head = ["Work", "Services", "Figure", "Target", "", "Spread (values)"]

    private func row(_ figure: Figure) -> [String] {
        [
            figure.name, NumberText.grouped(figure.services), figure.valueText, figure.targetText, figure.verdictText,
            figure.spreadText,
        ]
    }

    // MARK: Terminal

    var terminalTable: String {
        let rows = [Self.head] + figures.map(row)
        let widths = Self.head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }
        return ([machine.description] + lines).joined(separator: "\n")
    }

    // MARK: Markdown

    var markdown: String {
        var text = "\(machine.description).\(isQuick ? " A quick run: not to be judged." : "")\n"
        for (group, figures) in groups {
            text += "\n## \(group.rawValue)\n\n"
            text += "| \(Self.head.joined(separator: " | ")) |\n|---|---:|---:|---:|---|---|\n"
            for figure in figures { text += "| \(row(figure).joined(separator: " | ")) |\n" }
            if let plot = Plots.plot(group, figures) { text += "\n![\(group.rawValue)](\(plot.file))\n" }
        }
        return text
    }

    /// Writes `results.md` and the plots it shows.
    func write(to folder: String) throws {
        mkdir(folder, 0o755)
        try TextFile.write(markdown, to: "\(folder)/results.md")
        for (group, figures) in groups {
            guard let plot = Plots.plot(group, figures) else { continue }
            try TextFile.write(plot.svg, to: "\(folder)/\(plot.file)")
        }
    }

    // MARK: JSON

    var json: String {
        let rows = figures.map { figure in
            let met = figure.isMet.map { "\($0)" } ?? "null"
            return """
                    {"group": \(quoted(figure.group.rawValue)), "name": \(quoted(figure.name)), \
                "services": \(figure.services), "unit": \(quoted(figure.unit.rawValue)), "value": \(figure.value), \
                "percentile": \(figure.percentile), "smallest": \(figure.statistics.smallest), \
                "median": \(figure.statistics.median), "largest": \(figure.statistics.largest), \
                "values": \(figure.statistics.count), "target": \(quoted(figure.targetText)), "met": \(met)}
                """
        }
        return """
            {
              "machine": {"processor": \(quoted(machine.processor)), "cores": \(machine.cores), \
            "memory": \(quoted(machine.memory)), "kernel": \(quoted(machine.kernel)), "date": \(quoted(machine.date))},
              "quick": \(isQuick),
              "figures": [
            \(rows.joined(separator: ",\n"))
              ]
            }

            """
    }

    /// The texts are our own and the kernel's: no control characters.
    private func quoted(_ text: String) -> String {
        let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "\"\(escaped)\""
    }
}
