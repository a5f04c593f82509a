/// Numbers with a due time, found when it has come: adding and finding cost the same however many wait (Varghese and
/// Lauck, 1987). Four wheels of 64 slots: 100 ms, 6.4 s, 7 minutes, 7 hours a slot; what is due later waits in the last.
/// A number that was added again is found at each of its times: the owner knows which one counts.
struct TimerWheel: Sendable {
    private static let slots: Int64 = 64
    private static let tick: Int64 = 100

    private var wheels = [[[Entry]]](
        repeating: [[Entry]](repeating: [], count: Int(slots)), count: 4)
    /// Due before the wheel was turned this far. Ticks.
    private var now: Int64?

    private struct Entry {
        let id: LeaseID
        let due: Int64
    }

    /// `time` in milliseconds. In the past: found at the next turn.
    mutating func add(_ id: LeaseID, at time: Int64) {
        // Rounded up: nothing is found early.
        place(Entry(id: id, due: (time + Self.tick - 1) / Self.tick))
    }

    private mutating func place(_ entry: Entry) {
        let start = now ?? 0
        let distance = max(0, entry.due - start)
        var span = Self.slots
        var level = 0
        while level < 3, distance >= span {
            span *= Self.slots
            level += 1
        }
        let width = span / Self.slots
        let due = max(entry.due, start)
        // Beyond the last wheel: its farthest slot, to be looked at again there.
        let farthest = (start / width + Self.slots - 1) * width
        let slot = min(due, distance >= span ? farthest : due) / width % Self.slots
        wheels[level][Int(slot)].append(entry)
    }

    /// Everything due at `time` or before, in no order. A clock that went back finds nothing.
    mutating func advance(to time: Int64) -> [LeaseID] {
        let target = time / Self.tick
        guard let last = now else {
            return restart(at: target)
        }
        guard target > last else { return takeDue(slot: Int(last % Self.slots), upTo: last) }
        // After a long sleep everything is placed anew.
        if target - last > Self.slots * Self.slots { return restart(at: target) }
        var found: [LeaseID] = []
        for tick in last...target {
            now = tick
            if tick > last { cascade(at: tick) }
            found += takeDue(slot: Int(tick % Self.slots), upTo: tick)
        }
        return found
    }

    /// Entries of a higher wheel's slot move down when its time comes.
    private mutating func cascade(at tick: Int64) {
        var width = Self.slots
        for level in 1..<4 {
            guard tick % width == 0 else { return }
            let slot = Int(tick / width % Self.slots)
            let entries = wheels[level][slot]
            wheels[level][slot] = []
            for entry in entries { place(entry) }
            width *= Self.slots
        }
    }

    private mutating func takeDue(slot: Int, upTo tick: Int64) -> [LeaseID] {
        let entries = wheels[0][slot]
        wheels[0][slot] = entries.filter { $0.due > tick }
        return entries.filter { $0.due <= tick }.map(\.id)
    }

    private mutating func restart(at target: Int64) -> [LeaseID] {
        let all = wheels.joined().joined()
        let waiting = all.filter { $0.due > target }
        let found = all.filter { $0.due <= target }.map(\.id)
        wheels = [[[Entry]]](repeating: [[Entry]](repeating: [], count: Int(Self.slots)), count: 4)
        now = target
        for entry in waiting { place(entry) }
        return found
    }
}
