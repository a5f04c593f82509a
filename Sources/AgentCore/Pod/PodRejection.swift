/// Why a node does not take up a pod that is bound to it: kubelet's words.
public struct PodRejection: Error, Sendable, Hashable {
    public let reason: String
    public let message: String

    public init(_ reason: String, _ message: String) {
        self.reason = reason
        self.message = message
    }
}
