import Logging
import ServiceLifecycle
import Synchronization

/// Keeps certificates from ending while the program runs: each is issued anew after two thirds of its life, written to
/// its folder and handed to whoever uses it.
public final class CertificateRotation: ServiceLifecycle.Service {
    /// One certificate that is kept.
    public struct Item: Sendable {
        public var name: String
        public var profile: CertificateProfile
        /// Called at once with the certificate there is, and then with each new one.
        public var use: @Sendable (IssuedCertificate) -> Void

        public init(
            name: String, profile: CertificateProfile, use: @escaping @Sendable (IssuedCertificate) -> Void
        ) {
            self.name = name
            self.profile = profile
            self.use = use
        }
    }

    /// Clocks may jump, and machines sleep: it looks at least this often.
    public static let longestPause: Int64 = 3600
    /// After a failure.
    static let retryPause: Int64 = 60

    private let folder: CertificateFolder
    private let authority: CertificateAuthority
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private let items: Mutex<[Item]>
    private let renewals = Mutex<[String: Int64]>([:])

    /// - Parameter now: seconds since 1970.
    public init(
        _ items: [Item], folder: CertificateFolder, authority: CertificateAuthority, logger: Logger,
        now: @escaping @Sendable () -> Int64
    ) throws {
        self.items = Mutex(items)
        self.folder = folder
        self.authority = authority
        self.logger = logger
        self.now = now
        for item in items {
            let issued = try folder.certificate(item.name, item.profile, by: authority, now: now())
            renewals.withLock { $0[item.name] = issued.validity.renewal }
            item.use(issued)
        }
    }

    /// Gives a certificate another profile, such as after the host's addresses changed, and uses the new one at once.
    public func change(_ name: String, to profile: CertificateProfile) throws {
        let item = items.withLock { items -> Item? in
            guard let index = items.firstIndex(where: { $0.name == name && $0.profile != profile }) else { return nil }
            items[index].profile = profile
            return items[index]
        }
        if let item { try renew(item) }
    }

    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(self.renewDue()))
            }
        }
    }

    /// Renews what is due; gives the seconds until it should be called again.
    func renewDue() -> Int64 {
        let now = now()
        var pause = Self.longestPause
        for item in items.withLock({ $0 }) {
            let due = renewals.withLock { $0[item.name] } ?? now
            if now < due {
                pause = min(pause, due - now)
                continue
            }
            do {
                try renew(item)
            } catch {
                logger.error("certificate not renewed", metadata: ["name": "\(item.name)", "error": "\(error)"])
                pause = min(pause, Self.retryPause)
            }
        }
        return max(1, pause)
    }

    private func renew(_ item: Item) throws {
        let issued = try folder.renew(item.name, item.profile, by: authority, now: now())
        // A leaf that ends with its authority may be due at once: not more often than the pause then.
        renewals.withLock { $0[item.name] = max(issued.validity.renewal, now() + Self.retryPause) }
        item.use(issued)
        logger.notice("certificate renewed", metadata: ["name": "\(item.name)"])
    }
}
