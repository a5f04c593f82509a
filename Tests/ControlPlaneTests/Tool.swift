import Foundation
import Glibc
import TestPrograms

/// Runs of programs that no one here wrote.
struct Tool {
    typealias Result = Program.Result

    let path: String
    var environment: [String: String] = [:]
    /// Where it runs; where the tests do unless it is given.
    var folder: URL?

    /// By name, or by its whole path; nil when the machine does not have it.
    init?(_ name: String) {
        if name.hasPrefix("/") {
            guard access(name, X_OK) == 0 else { return nil }
            path = name
            return
        }
        guard let found = Program.path(name) else { return nil }
        path = found
    }

    /// Blocks until it ends; it is killed after `seconds`. Only for tests on threads of their own.
    func run(_ arguments: [String], input: String = "", seconds: Double = 60) throws -> Result {
        try Program.run(
            path, arguments, input: input, environment: environment, in: folder?.path, seconds: seconds)
    }
}
