import KubeAPI

/// What a reflector tells its consumer. The reflector keeps no objects: the consumer's own store is the only one.
public enum ReflectorEvent<Object: Sendable>: Sendable {
    /// A complete picture begins to arrive. A second one before `replaceEnd` starts it over.
    case replaceBegin
    /// The object was added, changed, or is part of the complete picture.
    case upsert(Object)
    /// The picture is complete: what was neither upserted nor malformed since `replaceBegin` no longer exists.
    case replaceEnd
    case delete(NamespacedName)
    /// An object that cannot be decoded, with its key if that much could be read. What the consumer knew of it before
    /// should stay in force, also across `replaceEnd`.
    case malformed(NamespacedName?, reason: String)
    /// The server does not know the resource (404). Asked for again about once a minute.
    case notServed
}

extension ReflectorEvent: Equatable where Object: Equatable {}

/// Which objects to reflect.
public struct ResourceSelection: Sendable, Hashable {
    /// Such as `/api/v1/services` or `/apis/discovery.k8s.io/v1/endpointslices`.
    public var path: String
    public var fieldSelector: String
    public var labelSelector: String
    public var contents = Contents.whole

    /// How much of each object is sent.
    public enum Contents: Sendable, Hashable {
        case whole
        /// PartialObjectMetadata.
        case metadata

        /// The media type to ask for.
        func accept(isWatch: Bool) -> String {
            guard self == .metadata else { return "application/json" }
            let kind = isWatch ? "PartialObjectMetadata" : "PartialObjectMetadataList"
            return "application/json;as=\(kind);g=meta.k8s.io;v=v1"
        }
    }

    public init(path: String, fieldSelector: String = "", labelSelector: String = "") {
        self.path = path
        self.fieldSelector = fieldSelector
        self.labelSelector = labelSelector
    }

    func request(_ query: ReflectorMachine.ListQuery) -> KubeRequest {
        var parameters = selectors
        if let limit = query.limit { parameters.append(.init("limit", String(limit))) }
        if let continuation = query.continuation { parameters.append(.init("continue", continuation)) }
        if let version = query.resourceVersion, !version.isEmpty {
            parameters.append(.init("resourceVersion", version))
        }
        var request = KubeRequest(.list, path: path, parameters: parameters)
        request.accept = contents.accept(isWatch: false)
        return request
    }

    func request(_ query: ReflectorMachine.WatchQuery) -> KubeRequest {
        var parameters: [KubeRequest.Parameter] = [.init("watch", "1"), .init("allowWatchBookmarks", "true")]
        parameters += selectors
        if query.sendsInitialEvents {
            parameters += [.init("sendInitialEvents", "true"), .init("resourceVersionMatch", "NotOlderThan")]
        }
        parameters.append(.init("resourceVersion", query.resourceVersion))
        parameters.append(.init("timeoutSeconds", String(query.timeoutSeconds)))
        var request = KubeRequest(.watch, path: path, parameters: parameters)
        request.accept = contents.accept(isWatch: true)
        return request
    }

    private var selectors: [KubeRequest.Parameter] {
        [KubeRequest.Parameter("fieldSelector", fieldSelector), .init("labelSelector", labelSelector)]
            .filter { !$0.value.isEmpty }
    }
}
