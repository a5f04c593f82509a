import KubeAPI

/// Answers of admission, in upstream's words.
extension AdmissionRequest {
    /// 403: `pods "x" is forbidden: why`.
    func forbidden(_ why: String, causes: [Status.Cause] = []) -> Status {
        let shown = resource.group.isEmpty ? resource.resource : "\(resource.resource).\(resource.group)"
        let named = name.isEmpty ? "\(shown) is forbidden" : "\(shown) \"\(name)\" is forbidden"
        var status = Status(code: 403, reason: "Forbidden", message: "\(named): \(why)", causes: causes)
        status.name = name
        status.group = resource.group
        status.kind = resource.resource
        return status
    }

    func isAbout(_ group: String, _ resource: String, _ subresource: String = "") -> Bool {
        self.resource.group == group && self.resource.resource == resource && self.subresource == subresource
    }
}

extension Status {
    /// 404 for another object than the one of the request.
    static func notFound(_ resource: String, group: String = "", name: String) -> Status {
        let shown = group.isEmpty ? resource : "\(resource).\(group)"
        var status = Status(code: 404, reason: "NotFound", message: "\(shown) \"\(name)\" not found")
        status.name = name
        status.group = group
        status.kind = resource
        return status
    }
}
