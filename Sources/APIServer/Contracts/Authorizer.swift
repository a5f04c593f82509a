import AccessControl

/// Tells whether a request may be done.
public protocol Authorizer: Sendable {
    func authorize(_ attributes: RequestAttributes) async -> Decision
}
