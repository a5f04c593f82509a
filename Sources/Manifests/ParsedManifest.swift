import KubeAPI

/// What one file says, as far as it can be used.
struct ParsedManifest {
    /// What an object was written as; Endpoints make several objects.
    struct Origin: Hashable {
        let kind: String
        let key: NamespacedName
    }

    struct Entry {
        let object: ManifestObject
        let origin: Origin
        let position: TextPosition
    }

    let file: String
    private(set) var entries: [Entry] = []
    private(set) var failures: [ManifestFailure] = []
    /// Objects that are there but cannot be used.
    private(set) var brokenOrigins: Set<Origin> = []
    /// Something cannot be used and nobody knows what it is.
    private(set) var hasUnknownBroken = false
    /// Documents of other kinds: `ConfigMap` and the like.
    private(set) var ignoredKinds: Set<String> = []

    init(_ bytes: [UInt8], file: String) {
        self.init(file: file)
        do {
            try YAMLDocuments.forEach(in: bytes, file: file) { read($0) }
        } catch {
            // A text that breaks off may lack anything: nothing of it is taken.
            entries = []
            brokenOrigins = []
            failures = [error]
            hasUnknownBroken = true
        }
    }

    /// A file that says nothing, for it cannot be read.
    init(broken failure: ManifestFailure) {
        self.init(file: failure.file)
        failures = [failure]
        hasUnknownBroken = true
    }

    private init(file: String) { self.file = file }

    // MARK: - Documents

    private mutating func read(_ document: YAMLDocument) {
        read(document.value, at: "", assumedKind: nil, in: document)
    }

    /// `path` leads to `value`; `assumedKind` is what the items of a typed list are.
    private mutating func read(_ value: JSONValue, at path: String, assumedKind: String?, in document: YAMLDocument) {
        guard case .object = value else {
            return fail(DecodingFailure("", "must be an object, got \(value.typeName)"), path, nil, document)
        }
        guard let kind = value["kind"]?.string ?? assumedKind else {
            return fail(DecodingFailure("kind", "required"), path, nil, document)
        }
        let group = value["apiVersion"]?.string.map { $0.contains("/") ? $0.prefix { $0 != "/" } : "" }
        if kind.hasSuffix("List"), let items = value["items"] {
            return readList(items, kind, at: path, in: document)
        }
        switch (kind, group) {
        case (Service.kind, nil), (Service.kind, ""): read(value, path, document) { [.service($0)] }
        case (EndpointSlice.kind, nil), (EndpointSlice.kind, "discovery.k8s.io"):
            read(value, path, document) { [.endpointSlice($0)] }
        case (Endpoints.kind, nil), (Endpoints.kind, ""):
            read(value, path, document) { (object: Endpoints) in object.mirroredSlices.map { .endpointSlice($0) } }
        case (Node.kind, nil), (Node.kind, ""): read(value, path, document) { [.node($0)] }
        case (ServiceCIDR.kind, nil), (ServiceCIDR.kind, "networking.k8s.io"):
            read(value, path, document) { [.serviceCIDR($0)] }
        default: ignoredKinds.insert(kind)
        }
    }

    private mutating func readList(_ items: JSONValue, _ kind: String, at path: String, in document: YAMLDocument) {
        let path = path.isEmpty ? "items" : "\(path).items"
        guard let elements = items.array else {
            if items != .null {
                fail(DecodingFailure("", "must be an array, got \(items.typeName)"), path, nil, document)
            }
            return
        }
        let itemKind = kind == "List" ? nil : String(kind.dropLast("List".count))
        for (index, element) in elements.enumerated() {
            read(element, at: "\(path)[\(index)]", assumedKind: itemKind, in: document)
        }
    }

    private mutating func read<Object: KubeObject>(
        _ value: JSONValue, _ path: String, _ document: YAMLDocument, _ make: (Object) -> [ManifestObject]
    ) {
        let origin = Self.origin(of: value, kind: Object.kind, isNamespaced: Object.resource.isNamespaced)
        do {
            var object = try Object(json: value)
            object.metadata.namespace = origin?.key.namespace ?? ""
            guard let origin else { return }
            let position = document.position(of: path)
            entries += make(object).map { Entry(object: $0, origin: origin, position: position) }
        } catch {
            fail(error, path, origin, document)
        }
    }

    private static func origin(of value: JSONValue, kind: String, isNamespaced: Bool) -> Origin? {
        guard let key = ObjectIdentity(value).key, !key.name.isEmpty else { return nil }
        let namespace = !isNamespaced ? "" : key.namespace.isEmpty ? "default" : key.namespace
        return Origin(kind: kind, key: NamespacedName(namespace: namespace, name: key.name))
    }

    private mutating func fail(
        _ failure: DecodingFailure, _ path: String, _ origin: Origin?, _ document: YAMLDocument
    ) {
        let whole = path.isEmpty ? failure : failure.under(path)
        let name = origin.map { "\($0.kind) \($0.key): " } ?? ""
        failures.append(
            ManifestFailure(file: file, position: document.position(of: whole.path), reason: name + whole.description))
        if let origin { brokenOrigins.insert(origin) } else { hasUnknownBroken = true }
    }
}
