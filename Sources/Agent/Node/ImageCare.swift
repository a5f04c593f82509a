import ContainerRuntime
import KubeClient
import Logging
import NodeServices
import Threads

/// Removes images that no container uses: those that were unused for the longest time when their disk is too full, and all
/// of them when the node is short of disk (kubelet's image garbage collection).
actor ImageCare {
    private static let period = Duration.seconds(300)

    private let services: AgentServices
    private let options: AgentOptions
    /// Seconds since 1970, by digest of the manifest.
    private var lastUsed: [String: Int64] = [:]

    init(_ options: AgentOptions, _ services: AgentServices) {
        self.options = options
        self.services = services
    }

    /// Works until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            await collect(.oldest(above: options.imageHighPercent, target: options.imageLowPercent))
            try? await Task.sleep(for: Self.period)
        }
    }

    /// True when something was removed.
    @discardableResult
    func collect(_ extent: ImageExtent) async -> Bool {
        guard options.imageHighPercent < 100, let inventory = try? await services.runtime.inventory() else {
            return false
        }
        // Containers that have ended may begin anew.
        let inUse = Set(inventory.containers.compactMap { $0.labels[ContainerLabels.imageID] })
        for digest in inUse { lastUsed[digest] = WallClock.now() / 1_000_000_000 }
        let (images, times) = (services.images, lastUsed)
        do {
            let removed = try await OwnThread.wait {
                try images.collectGarbage(extent, inUse: inUse, lastUsed: times)
            }
            for digest in removed {
                lastUsed[digest] = nil
                services.logger.info("an image that nothing uses is removed", metadata: ["image": "\(digest)"])
            }
            return !removed.isEmpty
        } catch {
            services.logger.warning("images not removed", metadata: ["error": "\(error)"])
            return false
        }
    }
}
