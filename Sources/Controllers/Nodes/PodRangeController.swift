import ControllerCore
import KubeAPI
import KubeClient
import Synchronization

/// Gives each node its part of the cluster's pod ranges.
public struct PodRangeController: Controller {
    public static let name = "node-ipam-controller"
    private let loop: ObjectLoop
    private let ranges: Ranges

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .node, context, workers: 4)
        ranges = Ranges(context)
    }

    public func run() async {
        let context = loop.context
        guard context.settings.allocatesNodeCIDRs else { return }
        if let refusal = ranges.refusal {
            return context.logger.error("no pod ranges: \(refusal)")
        }
        // What nodes have comes before what nodes get.
        for node in context[.node].objects { ranges.note(node) }
        await loop.run { key in
            guard let node = context[.node][key] else {
                ranges.release(key.name)
                return nil
            }
            return try await loop.perform(ranges.allocate(node), about: node)
        }
    }
}

private final class Ranges: Sendable {
    let refusal: PodRanges.Refusal?
    private let ranges: Mutex<PodRanges?>

    init(_ context: ControllerContext) {
        let settings = context.settings
        do {
            ranges = Mutex(
                try PodRanges(
                    settings.clusterCIDRs, maskIPv4: settings.nodeMaskIPv4, maskIPv6: settings.nodeMaskIPv6,
                    excluded: settings.serviceRanges))
            refusal = nil
        } catch {
            ranges = Mutex(nil)
            refusal = error
        }
    }

    func note(_ node: APIObject) { ranges.withLock { $0?.note(node) } }
    func release(_ node: String) { ranges.withLock { $0?.release(node: node) } }
    func allocate(_ node: APIObject) -> Decision { ranges.withLock { $0?.allocate(node) } ?? Decision() }
}
