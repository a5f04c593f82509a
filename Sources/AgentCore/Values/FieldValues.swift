import KubeAPI
import KubeSchema

/// Values of `valueFrom` and of downward API files.
public enum FieldValues {
    /// Nil for an optional reference to what does not exist.
    static func value(
        of source: JSONValue, _ container: ContainerDeclaration, _ pod: PodDeclaration, _ references: PodReferences
    ) throws(ConfigurationFailure) -> String? {
        if let path = source["fieldRef"]?["fieldPath"]?.string { return try field(path, pod, references) }
        if let resource = source["resourceFieldRef"] { return try amount(resource, container, pod, references) }
        for (member, kind, store) in [
            ("configMapKeyRef", "configmap", references.configMaps), ("secretKeyRef", "secret", references.secrets),
        ] {
            guard let reference = source[member], let name = reference["name"]?.string,
                let key = reference["key"]?.string
            else { continue }
            if let value = store[name]?[key] { return String(decoding: value, as: UTF8.self) }
            if reference["optional"]?.bool == true { return nil }
            guard store[name] != nil else { throw ConfigurationFailure("\(kind) \"\(name)\" not found") }
            let owner = kind == "secret" ? "Secret" : "ConfigMap"
            throw ConfigurationFailure("couldn't find key \(key) in \(owner) \(pod.key.namespace)/\(name)")
        }
        return nil
    }

    /// A fieldRef: of metadata, spec and status, what the downward API gives away.
    public static func field(
        _ path: String, _ pod: PodDeclaration, _ references: PodReferences
    ) throws(ConfigurationFailure) -> String {
        for member in ["labels", "annotations"] where path.hasPrefix("metadata.\(member)") {
            let values = pod.object.metadata?[member]
            if path == "metadata.\(member)" { return lines(values) }
            let rest = path.dropFirst("metadata.\(member)".count)
            guard rest.hasPrefix("['"), rest.hasSuffix("']") else { break }
            return values?[String(rest.dropFirst(2).dropLast(2))]?.string ?? ""
        }
        switch path {
        case "metadata.name": return pod.object.name
        case "metadata.namespace": return pod.object.namespace
        case "metadata.uid": return pod.uid
        case "spec.nodeName": return references.nodeName
        case "spec.serviceAccountName": return pod.serviceAccount
        case "status.hostIP": return references.nodeAddresses.first ?? ""
        case "status.hostIPs": return references.nodeAddresses.joined(separator: ",")
        case "status.podIP": return references.podAddresses.first ?? ""
        case "status.podIPs": return references.podAddresses.joined(separator: ",")
        default: throw ConfigurationFailure("unsupported fieldPath: \(path)")
        }
    }

    /// `key="value"` per line, sorted, with Go's quotes.
    private static func lines(_ values: JSONValue?) -> String {
        (values?.object?.members ?? []).sorted { $0.key < $1.key }
            .map { "\($0.key)=\(JSONWriter.text($0.value))" }.joined(separator: "\n")
    }

    /// A resourceFieldRef, divided by its divisor and rounded up.
    public static func amount(
        _ reference: JSONValue, _ container: ContainerDeclaration, _ pod: PodDeclaration,
        _ references: PodReferences
    ) throws(ConfigurationFailure) -> String {
        let target = reference["containerName"]?.string.flatMap { pod[container: $0] } ?? container
        let words = (reference["resource"]?.string ?? "").split(separator: ".", maxSplits: 1)
        guard words.count == 2, ["limits", "requests"].contains(words[0]) else {
            throw ConfigurationFailure("unsupported container resource: \(reference["resource"]?.string ?? "")")
        }
        let resource = String(words[1])
        let amounts = ContainerAmounts(target)
        let value =
            words[0] == "limits"
            ? amounts.limit(resource) ?? references.allocatable[resource]
            : amounts.request(resource) ?? amounts.limit(resource)
        let divisor = (reference["divisor"]?.string).flatMap { try? Quantity(parsing: $0) }
        return quotient(value ?? .zero, divisor.flatMap { $0.isZero ? nil : $0 } ?? Quantity(1), resource)
    }

    private static func quotient(_ value: Quantity, _ divisor: Quantity, _ resource: String) -> String {
        let (top, bottom) =
            resource == "cpu" ? (value.milliValue, divisor.milliValue) : (value.value, divisor.value)
        guard bottom > 0 else { return "0" }
        let (quotient, remainder) = top.quotientAndRemainder(dividingBy: bottom)
        return "\(remainder > 0 ? quotient + 1 : quotient)"
    }
}
