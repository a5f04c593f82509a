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

    /// Failures beyond this number are said to be where their object is: finding a field takes a pass over the text.
    private static let locatedFailures = 20

    /// A value that should be an object, and how to find it.
    private struct Item {
        let value: JSONValue
        /// Leads to it from the document's root.
        var path = ""
        let position: TextPosition
        let document: YAMLDocument
    }

    private mutating func read(_ document: YAMLDocument) {
        let item = Item(value: document.value, position: document.position(of: ""), document: document)
        read(item, assumedKind: nil)
    }

    /// `assumedKind` is what the items of a typed list are.
    private mutating func read(_ item: Item, assumedKind: String?) {
        let value = item.value
        guard case .object = value else {
            return fail(DecodingFailure("", "must be an object, got \(value.typeName)"), item, nil)
        }
        guard let kind = value["kind"]?.string ?? assumedKind else {
            return fail(DecodingFailure("kind", "required"), item, nil)
        }
        if kind.hasSuffix("List"), let items = value["items"] { return readList(items, kind, of: item) }
        let group = value["apiVersion"]?.string.map { $0.contains("/") ? $0.prefix { $0 != "/" } : "" }
        switch (kind, group) {
        case (Service.kind, nil), (Service.kind, ""): read(item) { [.service($0)] }
        case (EndpointSlice.kind, nil), (EndpointSlice.kind, "discovery.k8s.io"): read(item) { [.endpointSlice($0)] }
        case (Endpoints.kind, nil), (Endpoints.kind, ""):
            read(item) { (object: Endpoints) in object.mirroredSlices.map { .endpointSlice($0) } }
        case (Node.kind, nil), (Node.kind, ""): read(item) { [.node($0)] }
        case (ServiceCIDR.kind, nil), (ServiceCIDR.kind, "networking.k8s.io"): read(item) { [.serviceCIDR($0)] }
        default: ignoredKinds.insert(kind)
        }
    }

    private mutating func readList(_ items: JSONValue, _ kind: String, of list: Item) {
        guard let elements = items.array else {
            if items != .null { fail(DecodingFailure("items", "must be an array, got \(items.typeName)"), list, nil) }
            return
        }
        let path = list.path.isEmpty ? "items" : "\(list.path).items"
        let positions = list.document.positions(ofElementsAt: path)
        let itemKind = kind == "List" ? nil : String(kind.dropLast("List".count))
        for (index, element) in elements.enumerated() {
            let position = index < positions.count ? positions[index] : list.position
            let item = Item(value: element, path: "\(path)[\(index)]", position: position, document: list.document)
            read(item, assumedKind: itemKind)
        }
    }

    private mutating func read<Object: KubeObject>(_ item: Item, _ make: (Object) -> [ManifestObject]) {
        let origin = Self.origin(of: item.value, kind: Object.kind, isNamespaced: Object.resource.isNamespaced)
        do {
            var object = try Object(json: item.value)
            guard let origin else { return }
            object.metadata.namespace = origin.key.namespace
            entries += make(object).map { Entry(object: $0, origin: origin, position: item.position) }
        } catch {
            fail(error, item, origin)
        }
    }

    private static func origin(of value: JSONValue, kind: String, isNamespaced: Bool) -> Origin? {
        guard let key = ObjectIdentity(value).key, !key.name.isEmpty else { return nil }
        let namespace = !isNamespaced ? "" : key.namespace.isEmpty ? "default" : key.namespace
        return Origin(kind: kind, key: NamespacedName(namespace: namespace, name: key.name))
    }

    private mutating func fail(_ failure: DecodingFailure, _ item: Item, _ origin: Origin?) {
        let failure = item.path.isEmpty ? failure : failure.under(item.path)
        let isLocated = failures.count < Self.locatedFailures
        let name = origin.map { "\($0.kind) \($0.key): " } ?? ""
        failures.append(
            ManifestFailure(
                file: file, position: isLocated ? item.document.position(of: failure.path) : item.position,
                reason: name + failure.description))
        if let origin { brokenOrigins.insert(origin) } else { hasUnknownBroken = true }
    }
}
