import Bench

/// Which plot a group of figures gets.
enum Plots {
    struct Plot {
        let file: String
        let svg: String
    }

    /// nil for groups that are better read than seen.
    static func plot(_ group: Figure.Group, _ figures: [Figure]) -> Plot? {
        switch group {
        case .firstSync:
            bars(
                "first-sync.svg", "First synchronisation, seconds (logarithmic)",
                figures.filter { $0.unit == .seconds }, .logarithmic)
        case .memory: bars("memory.svg", "Resident memory, MiB", figures, .linear)
        case .change: lines("endpoint-change.svg", figures.filter { $0.unit == .milliseconds })
        case .throughput: bars("throughput.svg", "Answers a second", figures.filter { $0.unit == .perSecond }, .linear)
        case .kinds, .rate, .iptables, .userspace: nil
        }
    }

    private static func bars(_ file: String, _ title: String, _ figures: [Figure], _ scale: BarPlot.Scale) -> Plot {
        let bars = figures.map { figure in
            BarPlot.Bar(
                label: "\(figure.name), \(NumberText.grouped(figure.services)) Services".replacing("`", with: ""),
                value: figure.value, text: figure.valueText,
                isAccented: !figure.name.contains("nft") && !figure.name.contains("direct"))
        }
        return Plot(file: file, svg: BarPlot(title: title, bars: bars, scale: scale).svg)
    }

    private static func lines(_ file: String, _ figures: [Figure]) -> Plot {
        var names: [String] = []
        for figure in figures where !names.contains(figure.name) { names.append(figure.name) }
        let series = names.map { name in
            LinePlot.Series(
                label: name,
                points: figures.filter { $0.name == name }.map { (x: Double($0.services), y: $0.value) })
        }
        let plot = LinePlot(
            title: "One endpoint changed, event to commit, by cluster size", xLabel: "Services (logarithmic)",
            yLabel: "ms", series: series)
        return Plot(file: file, svg: plot.svg)
    }
}
