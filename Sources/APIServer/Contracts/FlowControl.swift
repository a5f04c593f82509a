import AccessControl
import KubeAPI

/// Bounds how many requests are worked on, fairly between users (API priority and fairness).
public protocol FlowControl: Sendable {
    /// Waits for a seat. Throws `Status` 429 when there is none in time. `isLong`: watches and streams.
    func admit(_ attributes: RequestAttributes, isMutating: Bool, isLong: Bool) async throws(Status) -> any FlowTicket
}

/// A seat. Its holder gives it back, once.
public protocol FlowTicket: Sendable {
    /// Names for the answer's headers, `X-Kubernetes-PF-FlowSchema-UID` and the like.
    var headers: [(name: String, value: String)] { get }
    func finish()
}

extension FlowTicket {
    public var headers: [(name: String, value: String)] { [] }
}
