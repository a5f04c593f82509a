extension OwnThread {
    /// Runs work that blocks on a fresh thread, while the calling task waits without a thread.
    public static func wait<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try OwnThread { continuation.resume(with: Result { try body() }) }.detach()
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}
