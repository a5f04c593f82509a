import AccessControl
import Foundation
import KubeAPI

/// `Impersonate-User`, `-Uid`, `-Group` and `-Extra-…`: each of them needs the verb `impersonate`.
public struct Impersonation: Impersonator {
    private let authorizer: any Authorizer

    public init(_ authorizer: any Authorizer) { self.authorizer = authorizer }

    public func effectiveUser(of user: UserInfo, _ input: AuthenticationInput) async throws -> UserInfo {
        guard let wanted = try Self.wanted(input) else { return user }
        for request in Self.requests(user, wanted) {
            let decision = await authorizer.authorize(request)
            guard decision.isAllowed else { throw Status.forbidden(request, reason: decision.reason) }
        }
        return Self.completed(wanted)
    }

    private static let extraPrefix = "impersonate-extra-"

    /// nil when the headers ask for nobody.
    private static func wanted(_ input: AuthenticationInput) throws -> UserInfo? {
        let name = input["impersonate-user"] ?? ""
        let groups = input.headers["impersonate-group"] ?? []
        let uid = input["impersonate-uid"] ?? ""
        var extra: [String: [String]] = [:]
        for (header, values) in input.headers where header.hasPrefix(extraPrefix) {
            let key = Self.decoded(header.dropFirst(extraPrefix.utf8.count)).lowercased()
            extra[key] = values
        }
        guard !name.isEmpty else {
            guard groups.isEmpty, uid.isEmpty, extra.isEmpty else {
                throw Status(
                    code: 500, reason: "InternalError",
                    message: "Internal error occurred: groups, uid or extra are impersonated without a user")
            }
            return nil
        }
        return UserInfo(name: name, uid: uid, groups: groups, extra: extra)
    }

    /// Names of extras are percent-encoded.
    private static func decoded(_ text: Substring) -> String { text.removingPercentEncoding ?? String(text) }

    private static func requests(_ user: UserInfo, _ wanted: UserInfo) -> [RequestAttributes] {
        func request(
            _ resource: String, _ name: String, group: String = "", namespace: String = "", subresource: String = ""
        ) -> RequestAttributes {
            RequestAttributes(
                user: user, verb: "impersonate", group: group, resource: resource, subresource: subresource,
                namespace: namespace, name: name)
        }
        let authentication = "authentication.k8s.io"
        var requests: [RequestAttributes] = []
        if let account = ServiceAccountName(userName: wanted.name) {
            requests.append(request("serviceaccounts", account.name, namespace: account.namespace))
        } else {
            requests.append(request("users", wanted.name))
        }
        requests += wanted.groups.map { request("groups", $0) }
        for (key, values) in wanted.extra.sorted(by: { $0.key < $1.key }) {
            requests += values.map { request("userextras", $0, group: authentication, subresource: key) }
        }
        if !wanted.uid.isEmpty { requests.append(request("uids", wanted.uid, group: authentication)) }
        return requests
    }

    /// With the groups that such a user always has.
    private static func completed(_ wanted: UserInfo) -> UserInfo {
        var user = wanted
        if user.groups.isEmpty, let account = ServiceAccountName(userName: user.name) { user.groups = account.groups }
        guard user.name == UserInfo.anonymous.name else { return user.authenticated }
        if !user.groups.contains(UserInfo.Group.unauthenticated) {
            user.groups.append(UserInfo.Group.unauthenticated)
        }
        return user
    }
}
