import Testing

@testable import Images

@Suite struct ImageGarbageTests {
    private func image(_ name: String, bytes: Int64 = 10, seen: Int64 = 0, used: Int64, inUse: Bool = false)
        -> ImageGarbage.Candidate
    {
        ImageGarbage.Candidate(digest: name, bytes: bytes, firstSeen: seen, lastUsed: used, isInUse: inUse)
    }

    private func plan(_ images: [ImageGarbage.Candidate], available: Int64, now: Int64 = 1000) -> ImageGarbage.Plan {
        ImageGarbage.plan(
            images, disk: .init(capacity: 100, available: available), policy: .init(), now: now)
    }

    @Test func nothingGoesBelowTheHighThreshold() {
        #expect(plan([image("a", used: 1)], available: 16).remove.isEmpty)
        #expect(plan([image("a", used: 1)], available: 15).remove == ["a"])
    }

    @Test func theLongestUnusedGoFirstUntilTheLowThreshold() {
        let images = [image("c", used: 3), image("a", used: 1), image("b", used: 2), image("d", used: 4)]
        let plan = plan(images, available: 5)
        #expect(plan.remove == ["a", "b"])
        #expect(plan.missing == 0)
    }

    @Test func whatIsInUseOrYoungStays() {
        let images = [
            image("used", used: 1, inUse: true), image("young", seen: 950, used: 1), image("old", seen: 1, used: 5),
            image("just used", used: 1000),
        ]
        let plan = plan(images, available: 0)
        #expect(plan.remove == ["old"])
        #expect(plan.missing == 10)
    }

    @Test func percentagesNeedNoDisk() {
        #expect(ImageGarbage.Disk(capacity: 0, available: 0).usedPercent == 0)
        #expect(ImageGarbage.Disk(capacity: 100, available: 200).usedPercent == 0)
        #expect(ImageGarbage.Disk(capacity: 100, available: 0).usedPercent == 100)
    }
}
