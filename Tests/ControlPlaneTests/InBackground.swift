import Foundation

/// One value made on another thread.
final class InBackground<Value: Sendable>: @unchecked Sendable {
    // `done` orders the write before the read.
    private var result: Value?
    private let done = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Value?) {
        Thread.detachNewThread { [self] in
            result = body()
            done.signal()
        }
    }

    var value: Value? {
        done.wait()
        defer { done.signal() }
        return result
    }
}
