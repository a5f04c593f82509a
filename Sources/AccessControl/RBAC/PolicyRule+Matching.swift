extension PolicyRule {
    /// Whether the rule by itself allows the request.
    public func allows(_ request: RequestAttributes) -> Bool {
        guard Self.has(verbs, request.verb) else { return false }
        guard request.isResourceRequest else { return nonResourceURLs.contains { Self.path($0, covers: request.path) } }
        return Self.has(apiGroups, request.group) && allowsResource(of: request) && allowsName(request.name)
    }

    private func allowsResource(of request: RequestAttributes) -> Bool {
        let whole = request.resourceAndSubresource
        return resources.contains { resource in
            resource == Self.all || resource == whole
                || !request.subresource.isEmpty && resource.hasPrefix("*/")
                    && resource.dropFirst(2) == request.subresource
        }
    }

    private func allowsName(_ name: String) -> Bool { resourceNames.isEmpty || resourceNames.contains(name) }

    static func has(_ words: [String], _ word: String) -> Bool { words.contains { $0 == all || $0 == word } }

    /// `/healthz/*` covers `/healthz/etcd` and `/healthz/*`.
    static func path(_ pattern: String, covers path: String) -> Bool {
        if pattern == all || pattern == path { return true }
        guard pattern.hasSuffix(all) else { return false }
        return path.hasPrefix(pattern.dropLast())
    }
}
