import Glibc
import KubeAPI
import KubeSchema

/// CronJobs: a time zone must be one that this machine knows.
public struct CronJobStrategy: ObjectStrategy {
    private static let folder = "/usr/share/zoneinfo"

    public init() {}

    public func validate(_ object: JSONValue, old: JSONValue?, _ context: RequestContext) async throws {
        guard let name = object[path: "spec", "timeZone"]?.string, name != "UTC",
            object[path: "spec", "timeZone"] != old?[path: "spec", "timeZone"],
            // Without a database of zones it is for the controller to say.
            access(Self.folder, R_OK) == 0, access("\(Self.folder)/\(name)", R_OK) != 0
        else { return }
        throw InvalidObject([
            FieldError(.invalid, "spec.timeZone", .string(name), "unknown time zone \(name)")
        ])
    }
}
