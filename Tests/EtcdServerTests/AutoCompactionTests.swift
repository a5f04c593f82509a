import Testing

@testable import EtcdServer

@Suite struct AutoCompactionTests {
    @Test func forgetsWhatIsOlderThanThePeriod() {
        var history = RevisionHistory()
        let start = ContinuousClock.now
        func look(_ minute: Int, _ latest: Int64) -> Int64? {
            history.revision(.seconds(600), before: start + .seconds(minute * 60), latest: latest)
        }
        #expect(look(0, 100) == nil)
        #expect(look(5, 200) == nil)
        #expect(look(10, 300) == 100)
        #expect(look(14, 350) == 100)
        #expect(look(15, 400) == 200)
        #expect(look(60, 500) == 400)
    }

    @Test func looksOftenEnough() {
        #expect(AutoCompaction.periodic(.seconds(3600)).interval == .seconds(300))
        #expect(AutoCompaction.periodic(.seconds(60)).interval == .seconds(6))
        #expect(AutoCompaction.revision(5).interval == .seconds(300))
    }
}
