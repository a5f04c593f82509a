import ControllerCore
import Glibc
import KubeAPI
import KubeClient
import Synchronization

/// Makes Jobs by the clock.
public struct CronJobController: Controller {
    public static let name = "cronjob-controller"
    private let loop: ObjectLoop
    private let zones = ZoneFiles()

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .cronJob, context)
        loop.owns(.job)
    }

    public func run() async {
        let context = loop.context
        await loop.run { key in
            guard let cron = context[.cronJob][key] else { return nil }
            let jobs = context[.job].objects(Indexes.controller, cron.uid)
            let zone = cron.spec?["timeZone"]?.string.map(zones.rules) ?? .utc
            let decision = CronJobs.decide(cron, jobs: jobs, zone: zone, now: context.now)
            do {
                return try await loop.perform(decision, about: cron)
            } catch let error as ClientError where error.isAlreadyExists {
                // Made before a crash; its event comes.
                return .seconds(1)
            }
        }
    }
}

/// The machine's tz database.
private final class ZoneFiles: Sendable {
    private static let folder = "/usr/share/zoneinfo"
    private let known = Mutex<[String: TimeZoneRules]>([:])

    /// nil when there is no zone of that name.
    func rules(_ name: String) -> TimeZoneRules? {
        guard name != "UTC", name != "Etc/UTC" else { return .utc }
        if let rules = known.withLock({ $0[name] }) { return rules }
        guard !name.isEmpty, !name.contains(".."), !name.hasPrefix("/"),
            let bytes = Self.read("\(Self.folder)/\(name)"), let rules = TimeZoneRules(tzif: bytes)
        else { return nil }
        known.withLock { $0[name] = rules }
        return rules
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        let count = fread(&bytes, 1, bytes.count, file)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }
}
