import NIOCore

/// A time limit that is set anew at every step. Its timer stays where it is when the limit moves on, and looks again when
/// it fires: setting and lifting a limit costs no search among the event loop's timers. Confined to its event loop.
struct MovingDeadline {
    private var due: NIODeadline?
    private var timer: (fires: NIODeadline, task: Scheduled<Void>)?

    /// `nil` lifts the limit. `look` is to call `isOver` on the event loop.
    mutating func set(_ time: TimeAmount?, on loop: any EventLoop, look: @escaping @Sendable () -> Void) {
        guard let time else { return due = nil }
        let due = loop.now + time
        self.due = due
        if let timer {
            if timer.fires <= due { return }
            timer.task.cancel()
        }
        timer = (due, loop.scheduleTask(deadline: due, look))
    }

    /// For the timer: whether time is over. Where it moved on, the timer goes on too.
    mutating func isOver(on loop: any EventLoop, look: @escaping @Sendable () -> Void) -> Bool {
        timer = nil
        guard let due else { return false }
        if due <= loop.now { return true }
        timer = (due, loop.scheduleTask(deadline: due, look))
        return false
    }

    mutating func end() {
        due = nil
        timer?.task.cancel()
        timer = nil
    }
}
