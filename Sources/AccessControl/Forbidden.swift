import KubeAPI

extension Status {
    /// 403 for a request that no authorizer allows, in upstream's words.
    public static func forbidden(_ request: RequestAttributes, reason: String = "") -> Status {
        let user = GoText.quoted(request.user.name)
        var text: String
        if request.isResourceRequest {
            text =
                "User \(user) cannot \(request.verb) resource \(GoText.quoted(request.resourceAndSubresource)) "
                + "in API group \(GoText.quoted(request.group)) "
                + (request.namespace.isEmpty
                    ? "at the cluster scope" : "in the namespace \(GoText.quoted(request.namespace))")
        } else {
            text = "User \(user) cannot \(request.verb) path \(GoText.quoted(request.path))"
        }
        if !reason.isEmpty { text += ": " + reason }
        let resource = request.group.isEmpty ? request.resource : request.resource + "." + request.group
        let subject =
            request.name.isEmpty
            ? (resource.isEmpty ? "" : resource + " is ") : resource + " " + GoText.quoted(request.name) + " is "
        var status = Status(code: 403, reason: "Forbidden", message: subject + "forbidden: " + text)
        (status.group, status.kind, status.name) = (request.group, request.resource, request.name)
        return status
    }
}
