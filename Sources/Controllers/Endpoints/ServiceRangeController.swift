import ControllerCore
import KubeAPI
import KubeClient

/// Keeps ServiceCIDRs while addresses of theirs are in use.
public struct ServiceRangeController: Controller {
    public static let name = "service-cidr-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .serviceCIDR, context, workers: 1, watches: false)
        // What one range lets go can be another's.
        loop.also(.serviceCIDR) { _ in context[.serviceCIDR].objects.map(\.key) }
        loop.also(.ipAddress) { change in
            guard change.new == nil else { return [] }
            return context[.serviceCIDR].objects.filter(\.isBeingDeleted).map(\.key)
        }
    }

    public func run() async {
        let context = loop.context
        await loop.decide { range in
            let addresses = range.isBeingDeleted ? context[.ipAddress].objects : []
            return ServiceRanges.decide(
                range, all: context[.serviceCIDR].objects, addresses: addresses, now: context.now)
        }
    }
}
