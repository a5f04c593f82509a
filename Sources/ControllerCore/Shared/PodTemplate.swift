import KubeAPI

/// Pods from templates.
public enum PodTemplate {
    /// A pod of `template` (metadata and spec) that `owner` controls; its name is the server's choice after `prefix`.
    public static func pod(
        _ template: JSONValue?, owner: APIObject, _ kind: APIKind, prefix: String? = nil, name: String? = nil
    ) -> JSONValue {
        var metadata: JSONValue = .emptyObject
        if let name {
            metadata[path: "name"] = .string(name)
        } else {
            metadata[path: "generateName"] = .string(namePrefix(prefix ?? owner.name))
        }
        metadata[path: "namespace"] = .string(owner.namespace)
        for field in ["labels", "annotations", "finalizers"] {
            if let value = template?["metadata"]?[field] { metadata[path: field] = value }
        }
        metadata[path: "ownerReferences"] = [OwnerReference(owner, kind).json]
        return [
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template?["spec"] ?? .emptyObject,
        ]
    }

    /// With a dash at its end, when that still makes a name.
    private static func namePrefix(_ name: String) -> String { name.utf8.count < 240 ? "\(name)-" : name }

    /// A short text that stands for a template, as `pod-template-hash` has one: FNV-1a over the template with its
    /// members in order, in the alphabet of generated names. `collisions` tells templates apart whose texts are equal.
    public static func hash(_ template: JSONValue?, collisions: Int64 = 0) -> String {
        var hash = FNV1a()
        hash.add(template ?? .null)
        if collisions > 0 { hash.add(JSONValue.integer(collisions)) }
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)
        let letters = String(hash.value).utf8.map { alphabet[Int($0) % alphabet.count] }
        return String(decoding: letters, as: UTF8.self)
    }

    /// Equal but for a label `pod-template-hash`.
    public static func areEqual(_ a: JSONValue?, _ b: JSONValue?) -> Bool {
        plain(a).isEquivalent(to: plain(b))
    }

    private static func plain(_ template: JSONValue?) -> JSONValue {
        var template = template ?? .emptyObject
        template[path: "metadata", "labels", "pod-template-hash"] = nil
        return template
    }
}

/// The 32-bit hash of Fowler, Noll and Vo over a tree, whatever the order of members.
struct FNV1a {
    private(set) var value: UInt32 = 2_166_136_261

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            value ^= UInt32(byte)
            value &*= 16_777_619
        }
    }

    mutating func add(_ tree: JSONValue) {
        switch tree {
        case .object(let object):
            add([UInt8(ascii: "{")])
            for member in object.members.sorted(by: { $0.key < $1.key }) {
                add(member.key.utf8)
                add([UInt8(ascii: ":")])
                add(member.value)
            }
            add([UInt8(ascii: "}")])
        case .array(let array):
            add([UInt8(ascii: "[")])
            for element in array {
                add(element)
                add([UInt8(ascii: ",")])
            }
            add([UInt8(ascii: "]")])
        default: add(JSONWriter.bytes(tree))
        }
    }
}
