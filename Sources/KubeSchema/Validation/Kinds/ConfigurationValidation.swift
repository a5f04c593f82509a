import KubeAPI

/// ConfigMap and Secret.
extension Validation {
    private static let dataLimit = 1 << 20

    @Sendable static func configMap(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        var size = 0
        for (key, value) in object["data"].entries {
            findings.invalid(value.holding(.string(key)), NameFormats.configMapKey(key))
            if object["binaryData"].value?[key] != nil {
                findings.invalid(value.holding(.string(key)), "duplicate of key present in binaryData")
            }
            size += value.string.utf8.count
        }
        for (key, value) in object["binaryData"].entries {
            findings.invalid(value.holding(.string(key)), NameFormats.configMapKey(key))
            size += decodedSize(value.string)
        }
        if size > dataLimit { findings.tooLong(FieldCursor(nil, at: ""), dataLimit) }
        if let old { immutableData(object, old, ["data", "binaryData"], &findings) }
    }

    @Sendable static func secret(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let data = object["data"]
        var size = 0
        for (key, value) in data.entries {
            findings.invalid(value.holding(.string(key)), NameFormats.configMapKey(key))
            size += decodedSize(value.string)
        }
        if size > dataLimit { findings.tooLong(data, dataLimit) }
        secretType(object, &findings)
        if let old {
            findings.immutable(object["type"], old["type"])
            immutableData(object, old, ["data"], &findings)
        }
    }

    private static func secretType(_ object: FieldCursor, _ findings: inout Findings) {
        let data = object["data"]
        func requireKeys(_ keys: String...) {
            for key in keys where !data[key: key].isSet { findings.missing(data[key: key]) }
        }
        switch object["type"].string {
        case "kubernetes.io/service-account-token":
            let name = object["metadata"]["annotations"][key: "kubernetes.io/service-account.name"]
            findings.require(name)
        case "kubernetes.io/dockercfg": registryConfiguration(data[key: ".dockercfg"], &findings)
        case "kubernetes.io/dockerconfigjson": registryConfiguration(data[key: ".dockerconfigjson"], &findings)
        case "kubernetes.io/basic-auth":
            if !data[key: "username"].isSet, !data[key: "password"].isSet { requireKeys("username", "password") }
        case "kubernetes.io/ssh-auth":
            if data[key: "ssh-privatekey"].isEmpty { findings.missing(data[key: "ssh-privatekey"]) }
        case "kubernetes.io/tls": requireKeys("tls.crt", "tls.key")
        default: break
        }
    }

    /// A JSON object, which is not shown.
    private static func registryConfiguration(_ field: FieldCursor, _ findings: inout Findings) {
        guard field.isSet else { return findings.missing(field) }
        let bytes = (try? Base64.decode(field.string)) ?? []
        if case .object? = try? JSONParser.parse(bytes) { return }
        let first = String(decoding: bytes.prefix(64), as: UTF8.self).first { !$0.isWhitespace }
        let isValue = first.map { "{[\"-0123456789tfn".contains($0) } ?? false
        let detail =
            switch first {
            case nil: "unexpected end of JSON input"
            case let first? where !isValue: "invalid character '\(first)' looking for beginning of value"
            default: "must be a JSON object"
            }
        findings.invalid(field.holding("<secret contents redacted>"), detail)
    }

    private static func immutableData(
        _ object: FieldCursor, _ old: FieldCursor, _ names: [String], _ findings: inout Findings
    ) {
        guard old["immutable"].isTrue else { return }
        let reason = "field is immutable when `immutable` is set"
        if !object["immutable"].isTrue { findings.forbidden(object["immutable"], reason) }
        for name in names {
            let (now, then) = (object[name].value ?? .emptyObject, old[name].value ?? .emptyObject)
            if !now.isEquivalent(to: then) { findings.forbidden(object[name], reason) }
        }
    }

    /// Of base64 text.
    static func decodedSize(_ text: String) -> Int {
        let count = text.utf8.count
        return count / 4 * 3 - text.utf8.suffix(2).count { $0 == UInt8(ascii: "=") }
    }
}
