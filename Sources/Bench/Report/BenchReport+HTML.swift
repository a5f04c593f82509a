import Glibc

extension Double {
    var logarithm: Double { log(self) }
}

extension BenchReport {
    /// One page that needs nothing else: plots, tables, and what it was measured on.
    public var html: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>Apus: service data planes compared</title>
        <style>\(Self.style)</style></head><body>
        <header><h1>Service data planes compared</h1>
        <p>\(machine.description.escaped). Repeat it with <code>\(command.escaped)</code>.</p>
        <p class="legend">\(legend)</p></header>
        <main>
        \(metrics.filter(\.isPlotted).map(card).joined(separator: "\n"))
        </main>
        \(notes)
        \(tables)
        </body></html>

        """
    }

    private var legend: String {
        contenders.enumerated().map { index, name in
            #"<span><svg viewBox="0 0 10 10"><rect class="c\#(index % 8)" width="10" height="10" rx="2"/></svg>"#
                + "\(name.escaped)</span>"
        }.joined(separator: " ")
    }

    // MARK: Plots

    private func card(_ metric: BenchMetric) -> String {
        let hint = metric.better == .less ? "shorter is better" : "longer is better"
        let scale = metric.isWide ? ", logarithmic" : ""
        let chart = ModeChart(groups: groups(metric), unit: metric.unit, isLogarithmic: metric.isWide)
        return """
            <section><h2>\(metric.title.escaped)</h2><p class="hint">\(hint)\(scale)</p>
            \(chart.svg)</section>
            """
    }

    /// Contenders to which the number of Services means nothing are in every group.
    private func groups(_ metric: BenchMetric) -> [ModeChart.Group] {
        let sections = sizes.isEmpty ? [Int?.none] : sizes.map { $0 }
        return sections.compactMap { size in
            let bars = contenders.enumerated().compactMap { index, contender in
                value(metric, contender, services: size).map { value in
                    ModeChart.Bar(
                        colour: index, label: contender.escaped, value: value.number,
                        low: value.spread?.lowerBound ?? value.number,
                        high: value.spread?.upperBound ?? value.number)
                }
            }
            let title = size.map { "\(NumberText.grouped($0)) Services" } ?? ""
            return bars.isEmpty ? nil : ModeChart.Group(title: title, bars: bars)
        }
    }

    // MARK: Text

    private var notes: String {
        let abouts = scenarios.filter { !$0.about.isEmpty }.map { "<b>\($0.name.escaped)</b>: \($0.about.escaped)" }
        let missing = omissions.map { "Not measured: \($0.escaped)" }
        let all = abouts + missing
        let items = all.map { "<li>\($0)</li>" }.joined()
        return """
            <aside><h2>How to read it</h2><ul>\(items)
            <li>Bars are medians of rounds; whiskers, and the numbers in brackets, go from the smallest to the largest (of \
            more than 50 values: to the 95th percentile).</li>
            <li>Everything ran in network namespaces of one machine: client, node and pods share its processors. Compare \
            the bars with each other, not with other machines.</li>
            <li>\(Self.aboutRatios)</li>
            <li>Processor time is that of clients, servers and proxy together, for each answer.</li></ul></aside>
            """
    }

    private var tables: String {
        let sections = sizes.isEmpty ? [Int?.none] : sizes.map { $0 }
        return sections.map { size in
            let title = size.map { "\(NumberText.grouped($0)) Services" } ?? "Traffic"
            let head = (["", "unit"] + contenders).map { "<th>\($0.escaped)</th>" }.joined()
            let rows = rows(services: size).map { row in
                "<tr>" + row.map { "<td>\($0.escaped)</td>" }.joined() + "</tr>"
            }
            return """
                <div class="table"><h2>\(title)</h2><table><thead><tr>\(head)</tr></thead>
                <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
                """
        }.joined(separator: "\n")
    }

    private static let style = """
        :root{color-scheme:light dark;--ink:#1c2430;--quiet:#647083;--paper:#f6f7f9;--card:#fff;--edge:#dfe3e9;
        --c0:#8b95a5;--c1:#2563eb;--c2:#d97706;--c3:#059669;--c4:#be185d;--c5:#7c3aed;--c6:#0891b2;--c7:#65a30d}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--quiet:#97a3b4;--paper:#12161c;--card:#1a2029;
        --edge:#2b3440;--c1:#60a5fa;--c2:#fbbf24;--c3:#34d399;--c4:#f472b6;--c5:#a78bfa;--c6:#22d3ee;--c7:#a3e635}}
        *{box-sizing:border-box}body{margin:0 auto;padding:1.5rem;max-width:1500px;background:var(--paper);
        color:var(--ink);font:15px/1.5 system-ui,sans-serif}h1{margin:0;font-size:1.6rem}h2{margin:0;font-size:1rem}
        header p{margin:.3rem 0;color:var(--quiet)}code{background:var(--edge);padding:.1em .35em;border-radius:4px}
        .legend span{margin-right:1.1rem;color:var(--ink)}.legend svg{width:.75em;height:.75em;margin-right:.35em}
        main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(440px,100%),1fr));gap:1rem;margin:1rem 0}
        section,aside,.table{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:1rem}
        aside,.table{margin:1rem 0}.table{overflow-x:auto}.hint{margin:0 0 .4rem;color:var(--quiet);font-size:.8rem}
        svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg .label{text-anchor:end;fill:var(--quiet)}
        svg .group{font-weight:600}svg .spread{stroke:var(--ink);stroke-width:1;opacity:.55;fill:none}
        .c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)}
        .c5{fill:var(--c5)}.c6{fill:var(--c6)}.c7{fill:var(--c7)}
        table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin-top:.5rem}
        th,td{padding:.2rem .8rem;text-align:right;border-bottom:1px solid var(--edge);white-space:nowrap}
        th:first-child,td:first-child,th:nth-child(2),td:nth-child(2){text-align:left}
        td:nth-child(2){color:var(--quiet)}
        """
}

extension String {
    /// For HTML text.
    var escaped: String {
        var text = ""
        for character in self {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.append(character)
            }
        }
        return text
    }
}
