import NIOCore
import NIOEmbedded
import Testing

@testable import APIServer

@Suite struct MovingDeadlineTests {
    /// Holds a deadline as a handler does.
    private final class Holder {
        let loop = EmbeddedEventLoop()
        var deadline = MovingDeadline()
        var looks = 0
        var isOver = false

        func set(_ time: TimeAmount?) {
            let bound = NIOLoopBound(self, eventLoop: loop)
            deadline.set(time, on: loop) { bound.value.look() }
        }

        func look() {
            looks += 1
            let bound = NIOLoopBound(self, eventLoop: loop)
            isOver = deadline.isOver(on: loop) { bound.value.look() }
        }
    }

    @Test func aLimitThatMovesOnKeepsItsTimer() {
        let holder = Holder()
        for _ in 0..<100 {
            holder.set(.seconds(10))
            holder.loop.advanceTime(by: .seconds(1))
        }
        // Looked now and then, not at every move.
        #expect(!holder.isOver && holder.looks < 20)
        holder.loop.advanceTime(by: .seconds(8))
        #expect(!holder.isOver)
        holder.loop.advanceTime(by: .seconds(1))
        #expect(holder.isOver)
    }

    @Test func aNearerLimitHolds() {
        let holder = Holder()
        holder.set(.seconds(60))
        holder.set(.seconds(5))
        holder.loop.advanceTime(by: .seconds(5))
        #expect(holder.isOver)
    }

    @Test func aLiftedLimitDoesNotEndAnything() {
        let holder = Holder()
        holder.set(.seconds(5))
        holder.set(nil)
        holder.loop.advanceTime(by: .seconds(60))
        #expect(!holder.isOver && holder.looks == 1)
    }
}
