import KubeAPI

extension KubeProxyConfiguration {
    /// The object as the API would show it, every field given, names ascending.
    public var json: JSONValue {
        var root = JSONObject()
        root["apiVersion"] = .string(Self.apiVersion)
        root["kind"] = .string(Self.kind)
        var shown = self
        if nodePortAddresses.isEmpty, mode == ProxyMode.nftables.rawValue { shown.nodePortAddresses = [Self.primary] }
        for field in ConfigurationField.all {
            Self.insert(field.write(shown), at: field.path.split(separator: ".")[...], in: &root)
        }
        return .object(Self.sorted(root))
    }

    /// What `--write-config-to` writes.
    public var yaml: String { YAMLWriter.text(json) }

    /// What /configz answers.
    public var configz: JSONValue { ["kubeproxy.config.k8s.io": json] }

    private static func insert(_ value: JSONValue, at path: ArraySlice<Substring>, in object: inout JSONObject) {
        guard let name = path.first.map(String.init) else { return }
        guard path.count > 1 else {
            object[name] = value
            return
        }
        var child = JSONObject()
        if case .object(let present)? = object[name] { child = present }
        insert(value, at: path.dropFirst(), in: &child)
        object[name] = .object(child)
    }

    private static func sorted(_ object: JSONObject) -> JSONObject {
        let members = object.members.map { member in
            guard case .object(let child) = member.value else { return member }
            return JSONObject.Member(member.key, .object(sorted(child)))
        }
        return JSONObject(members.sorted { $0.key < $1.key })
    }
}
