import ControllerCore

/// Deletes Jobs that have finished long enough ago.
public struct FinishedJobController: Controller {
    public static let name = "ttl-after-finished-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) { loop = ObjectLoop(Self.name, .job, context) }

    public func run() async {
        let context = loop.context
        await loop.decide { FinishedJobs.decide($0, now: context.now) }
    }
}
