import Foundation
import Testing

/// Skips tests whose programs this machine does not have; where CI is set they fail instead.
public struct NeedsTrait: SuiteTrait, TestTrait {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    let reason: String
    let isThere: @Sendable () -> Bool

    public func prepare(for test: Test) async throws {
        guard !isThere() else { return }
        guard ProcessInfo.processInfo.environment["CI"] == nil else { throw Missing(description: reason) }
        let skipped: ConditionTrait = .disabled("\(reason)")
        try await skipped.prepare(for: test)
    }
}

extension Trait where Self == NeedsTrait {
    /// Programs by name, which `remedy` installs.
    public static func needs(_ programs: String..., from remedy: String = "scripts/install-packages") -> NeedsTrait {
        needs(programs.joined(separator: " and "), from: remedy) { programs.allSatisfy { Program.path($0) != nil } }
    }

    public static func needs(
        _ what: String, from remedy: String, isThere: @escaping @Sendable () -> Bool
    ) -> NeedsTrait {
        NeedsTrait(reason: "needs \(what): run \(remedy)", isThere: isThere)
    }
}
