import Glibc
import Testing

/// Runs each test of a suite on a thread of its own.
///
/// Tests that block (sockets, namespaces, child processes) would hold one of the cooperative pool's few threads, and
/// starve every other test's servers and timers. At most `width` such tests run at once.
public struct OwnThreadTrait: SuiteTrait, TestTrait, TestScoping {
    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        // The suite itself runs nothing.
        guard testCase != nil else { return try await function() }
        await Turnstile.shared.enter()
        let executor = ThreadExecutor()
        let result: Result<Void, any Error> = await withTaskExecutorPreference(executor) {
            do { return .success(try await function()) } catch { return .failure(error) }
        }
        executor.stop()
        await Turnstile.shared.leave()
        try result.get()
    }
}

extension Trait where Self == OwnThreadTrait {
    public static var ownThread: OwnThreadTrait { OwnThreadTrait() }
}

/// Lets a bounded number through at a time, in order.
private actor Turnstile {
    static let shared = Turnstile(width: 4)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(width: Int) { free = width }

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
