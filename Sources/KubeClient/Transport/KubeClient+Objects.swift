import AsyncHTTPClient
import KubeAPI
import NIOCore

extension KubeClient {
    /// One object, decoded.
    public func get<Object: KubeObject>(
        _ key: NamespacedName, as type: Object.Type = Object.self
    ) async throws(ClientError) -> Object {
        let body = try await body(of: KubeRequest(.get, path: Object.resource.path(key)))
        do {
            let json = try JSONParser.parse(body.readableBytesView, leavingOut: JSONParser.managedFields)
            return try Object(json: json)
        } catch {
            throw .malformed("\(key): \(error)")
        }
    }

    /// Every object of a kind, once. A server that does not know the kind has none.
    public func list<Object: DecodableObject>(
        _ selection: ResourceSelection, as type: Object.Type = Object.self
    ) async throws(ClientError) -> Listing<Object> {
        var listing = Listing<Object>()
        var continuation: String?
        repeat {
            let query = ReflectorMachine.ListQuery(
                resourceVersion: nil, limit: Self.pageLength, continuation: continuation)
            do {
                let response = try await send(selection.request(query), retries: options.retryLimit)
                let page: (Listing<Object>, ListMeta) = try await converting {
                    try await readPage(response, Watchdog(options.requestTimeout))
                }
                listing.objects += page.0.objects
                listing.malformed += page.0.malformed
                continuation = page.1.continuation
            } catch .status(let status) where status.code == 404 {
                return listing
            }
        } while continuation != nil
        return listing
    }

    private static var pageLength: Int { 500 }

    private func readPage<Object>(
        _ response: HTTPClientResponse, _ watchdog: Watchdog
    ) async throws -> (Listing<Object>, ListMeta) {
        try await watchdog.guarding {
            var listing = Listing<Object>()
            let meta = try await self.readPage(response, watchdog) { element in
                switch ItemDecoding<Object>(element, limit: self.options.objectLimit) {
                case .object(let object): listing.objects.append(object)
                case .malformed(let key, let reason): listing.malformed.append(.init(key: key, reason: reason))
                }
            }
            return (listing, meta)
        }
    }

    /// Hands each item of a list to `item` while the body arrives. The watchdog sleeps while `item` works.
    func readPage(
        isolation: isolated (any Actor)? = #isolation, _ response: HTTPClientResponse, _ watchdog: Watchdog,
        _ item: (ListScanner.Element) async -> Void
    ) async throws -> ListMeta {
        var scanner = ListScanner(itemLimit: options.objectLimit)
        for try await chunk in response.body {
            try watchdog.suspend()
            scanner.append(chunk)
            while let element = try scanner.next() { await item(element) }
            watchdog.allow(options.requestTimeout)
        }
        return try ListMeta(ofList: try JSONParser.parse(try scanner.finish().readableBytesView))
    }

    /// Version of the server, such as `v1.36.0`.
    public func serverVersion() async throws(ClientError) -> String {
        let body = try await body(of: KubeRequest(.get, path: "/version"))
        do {
            var reader = try ObjectReader(try JSONParser.parse(body.readableBytesView))
            return try reader.requiredString("gitVersion")
        } catch {
            throw .malformed("\(error)")
        }
    }
}

/// All objects of a kind at one moment.
public struct Listing<Object: DecodableObject>: Sendable {
    /// An object that cannot be read.
    public struct Malformed: Sendable {
        public let key: NamespacedName?
        public let reason: String
    }

    public var objects: [Object] = []
    public var malformed: [Malformed] = []
}

extension ResourceSelection {
    public init(
        _ resource: GroupVersionResource, namespace: String? = nil, fieldSelector: String = "",
        labelSelector: String = ""
    ) {
        self.init(
            path: resource.path(namespace: namespace), fieldSelector: fieldSelector, labelSelector: labelSelector)
    }
}
