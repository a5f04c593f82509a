import Testing

@testable import LocalCluster

struct KeeperReportTests {
    @Test func itIsCompleteWhenAllRuns() {
        var report = KeeperReport()
        #expect(!report.isComplete)
        report.looked(at: [("dns", 7), ("scheduler", nil)])
        #expect(!report.isComplete)
        report.looked(at: [("dns", 7), ("scheduler", 8)])
        #expect(report.isComplete)
    }

    @Test func startsAreCounted() {
        var report = KeeperReport()
        for pid: Int32? in [7, 7, nil, 9, 9] { report.looked(at: [("dns", pid)]) }
        #expect(report.parts == [.init(name: "dns", pid: 9, starts: 2)])
        // A part that shall not run any more is forgotten.
        report.looked(at: [("scheduler", nil)])
        #expect(report.parts.map(\.name) == ["scheduler"])
    }
}
