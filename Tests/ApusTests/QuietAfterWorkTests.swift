import Testing

@testable import apus

@Suite struct QuietAfterWorkTests {
    @Test func memoryIsGivenBackOnceAfterEachSpellOfWork() {
        var state = QuietAfterWork()
        // Seconds of processor time, one look after another.
        let looks = [0.5, 1.9, 1.92, 1.93, 1.94, 2.5, 2.65, 2.66, 2.67].map { state.isQuiet(processorTime: $0) }
        #expect(looks == [false, false, true, false, false, false, false, true, false])
    }

    @Test func aStartIsWorkHoweverShort() {
        var state = QuietAfterWork()
        #expect([0.03, 0.04].map { state.isQuiet(processorTime: $0) } == [true, false])
    }
}
