import Foundation
import TestPrograms

/// A program that runs to its end.
enum Command {
    typealias Outcome = Program.Result

    static func run(
        _ name: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        seconds: Int = 60
    ) throws -> Outcome {
        try Program.run(
            name, arguments, input: input, environment: ["ETCDCTL_API": "3"].merging(environment) { $1 },
            seconds: Double(seconds))
    }
}
