import KubeAPI

/// Where webhooks are reached.
extension Findings {
    /// `config` has `url` or `service`.
    mutating func webhookClient(_ config: FieldCursor) {
        let (url, service) = (config["url"], config["service"])
        guard url.isSet != service.isSet else {
            return missing(config, "exactly one of url or service is required")
        }
        if service.isSet { webhookService(service) } else { webhookURL(url) }
    }

    private mutating func webhookURL(_ url: FieldCursor) {
        let form = "; desired format: https://host[/path]"
        func found(_ text: some StringProtocol, _ detail: String) {
            invalid(url.holding(.string(String(text))), detail)
        }
        var rest = url.string[...]
        func cut(at mark: Character) -> Substring {
            guard let index = rest.firstIndex(of: mark) else { return "" }
            defer { rest = rest[..<index] }
            return rest[rest.index(after: index)...]
        }
        let fragment = cut(at: "#")
        let query = cut(at: "?")
        var scheme: Substring = ""
        if let mark = rest.firstRange(of: "://") {
            scheme = rest[..<mark.lowerBound]
            rest = rest[mark.upperBound...]
            rest = rest.prefix { $0 != "/" }
        } else {
            rest = ""
        }
        let user = rest.lastIndex(of: "@").map { rest[..<$0] } ?? ""
        let host = user.isEmpty ? rest : rest.dropFirst(user.count + 1)
        if scheme != "https" { found(scheme, "'https' is the only allowed URL scheme\(form)") }
        if host.isEmpty { found(host, "host must be specified\(form)") }
        if !user.isEmpty { found(user, "user information is not permitted in the URL") }
        if !fragment.isEmpty { found(fragment, "fragments are not permitted in the URL") }
        if !query.isEmpty { found(query, "query parameters are not permitted in the URL") }
    }

    private mutating func webhookService(_ service: FieldCursor) {
        require(service["name"], "service name is required")
        require(service["namespace"], "service namespace is required")
        if let port = service["port"].integer, !(1...65535).contains(port) {
            invalid(service["port"], "port is not valid: must be between 1 and 65535, inclusive")
        }
        let path = service["path"]
        guard !path.isEmpty, path.string != "/" else { return }
        if path.string == "//" { return invalid(path, "segment[0] may not be empty") }
        if !path.string.hasPrefix("/") { invalid(path, "must start with a '/'") }
        var steps = path.string.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if steps.last?.isEmpty ?? false { steps.removeLast() }
        for (index, step) in steps.enumerated() {
            if step.isEmpty {
                invalid(path, "segment[\(index)] may not be empty")
            } else {
                invalid(path, NameFormats.dns1123Subdomain(String(step)).map { "segment[\(index)]: \($0)" })
            }
        }
    }
}
