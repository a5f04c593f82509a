import Testing

@testable import StoreCore

@Suite struct EventRingTests {
    private static func event(_ revision: Revision) -> StoreEvent {
        StoreEvent(
            .put, KeyValue(key: [1], value: [UInt8](repeating: 0, count: 10), modRevision: revision), previous: nil)
    }

    @Test func keepsTheLatestWithinItsBounds() throws {
        var ring = EventRing(start: 1, mostEvents: 100)
        for revision in Revision(2)...5000 { ring.append([Self.event(revision), Self.event(revision)]) }
        #expect(ring.start == 4950)
        #expect(ring.events(after: 4949) == nil)
        for revision in [Revision(4950), 4970, 4999] {
            let events = try #require(ring.events(after: revision))
            #expect(events.map { $0[0].revision } == Array((revision + 1)...5000))
        }
        #expect(ring.events(after: 5000)?.isEmpty == true)
    }

    @Test func bytesAreBoundedToo() {
        var ring = EventRing(start: 1, mostBytes: 10_000)
        for revision in Revision(2)...1000 { ring.append([Self.event(revision)]) }
        #expect((900...1000).contains(ring.start))
    }

    @Test func compactionForgetsWhatCameBefore() throws {
        var ring = EventRing(start: 1)
        for revision in Revision(2)...10 { ring.append([Self.event(revision)]) }
        ring.compact(5)
        #expect(ring.start == 4)
        #expect(ring.events(after: 3) == nil)
        #expect(try #require(ring.events(after: 4)).count == 6)
    }
}
