import KubeAPI

/// For people, and for programs.
extension Explanation {
    /// Nodes by verdict: the feasible by falling total, then the refused by name.
    private var ranking: [Int] {
        let totals = feasible.indices.map(total)
        return feasible.indices.sorted {
            totals[$0] != totals[$1] ? totals[$0] > totals[$1] : feasible[$0] < feasible[$1]
        }
    }

    /// The table node × plugin: `ok` or `NO` of filters, 0 to 100 of scores; below it each reason with its nodes.
    public func table() -> String {
        var rows: [[String]] = []
        rows.append(
            ["NODE", "TOTAL"] + filters.map(\.rawValue)
                + columns.map { "\($0.plugin.rawValue)\u{d7}\($0.weight)" })
        for index in ranking {
            rows.append(
                [feasible[index], "\(total(index))"] + filters.map { _ in "ok" }
                    + columns.map { "\($0.scores[index])" })
        }
        for node in refused.sorted(by: { $0.node < $1.node }) {
            let refusing = Set(node.refusals.map(\.plugin))
            rows.append(
                [node.node, "-"] + filters.map { refusing.contains($0) ? "NO" : "ok" } + columns.map { _ in "-" })
        }
        let text = TextTable.text(rows)
        return reasons.isEmpty ? text : text + "\n" + reasons.joined(separator: "\n") + "\n"
    }

    /// `NodeResourcesFit: Insufficient cpu: node-1, node-2`
    private var reasons: [String] {
        var nodes: [String: [String]] = [:]
        for node in refused {
            for refusal in node.refusals {
                for reason in refusal.reasons {
                    nodes["\(refusal.plugin.rawValue): \(reason)", default: []].append(node.node)
                }
            }
        }
        return nodes.sorted { $0.key < $1.key }.map { reason, nodes in
            let shown = nodes.sorted().prefix(10).joined(separator: ", ")
            return "\(reason): \(shown)\(nodes.count > 10 ? " and \(nodes.count - 10) more" : "")"
        }
    }

    public var json: JSONValue {
        let good: [JSONValue] = ranking.map { index in
            let scores = columns.map { column -> JSONValue in
                [
                    "plugin": .string(column.plugin.rawValue), "score": .integer(column.scores[index]),
                    "weight": .integer(column.weight),
                ]
            }
            return ["node": .string(feasible[index]), "total": .integer(total(index)), "scores": .array(scores)]
        }
        let bad: [JSONValue] = refused.sorted { $0.node < $1.node }.map { node in
            let refusals = node.refusals.map { refusal -> JSONValue in
                [
                    "plugin": .string(refusal.plugin.rawValue),
                    "reasons": .array(refusal.reasons.map(JSONValue.string)),
                ]
            }
            return ["node": .string(node.node), "refusals": .array(refusals)]
        }
        return ["feasible": .array(good), "refused": .array(bad)]
    }
}

enum TextTable {
    /// Left-aligned columns, two spaces apart.
    static func text(_ rows: [[String]]) -> String {
        guard let first = rows.first else { return "" }
        let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: max(0, width - cell.count))
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
