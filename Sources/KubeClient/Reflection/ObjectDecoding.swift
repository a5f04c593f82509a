import KubeAPI
import NIOCore

/// One item of a list, decoded as far as it can be.
enum ItemDecoding<Object: DecodableObject> {
    case object(Object)
    case malformed(NamespacedName?, reason: String)

    init(_ element: ListScanner.Element, limit: Int) {
        switch element {
        case .tooLong: self = .malformed(nil, reason: "an item larger than \(limit) bytes")
        case .item(let bytes): self.init(item: bytes)
        }
    }

    init(item: ByteBuffer) {
        do {
            self.init(json: try JSONParser.parse(item.readableBytesView, leavingOut: JSONParser.managedFields))
        } catch {
            self = .malformed(nil, reason: "\(error)")
        }
    }

    init(json: JSONValue) {
        do {
            self = .object(try Object(json: json))
        } catch {
            self = .malformed(ObjectIdentity(json).key, reason: "\(error)")
        }
    }
}

/// One line of a watch, decoded as far as it can be.
enum WatchDecoding<Object: DecodableObject> {
    case upsert(Object)
    case delete(NamespacedName, resourceVersion: String)
    case bookmark(resourceVersion: String, endsInitialEvents: Bool)
    case error(Status)
    case malformed(NamespacedName?, resourceVersion: String, reason: String)

    init(line: ByteBuffer) {
        do {
            self.init(
                try WatchEvent(
                    json: try JSONParser.parse(line.readableBytesView, leavingOut: JSONParser.managedFields)))
        } catch {
            self = .malformed(nil, resourceVersion: "", reason: "\(error)")
        }
    }

    private init(_ event: WatchEvent) {
        switch event {
        case .added(let json), .modified(let json):
            switch ItemDecoding<Object>(json: json) {
            case .object(let object): self = .upsert(object)
            case .malformed(let key, let reason):
                self = .malformed(key, resourceVersion: ObjectIdentity(json).resourceVersion, reason: reason)
            }
        case .deleted(let json):
            // The rest of a deleted object does not matter.
            let identity = ObjectIdentity(json)
            guard let key = identity.key else {
                self = .malformed(
                    nil, resourceVersion: identity.resourceVersion, reason: "a deleted object without name")
                return
            }
            self = .delete(key, resourceVersion: identity.resourceVersion)
        case .bookmark(let resourceVersion, let endsInitialEvents):
            self = .bookmark(resourceVersion: resourceVersion, endsInitialEvents: endsInitialEvents)
        case .error(let status): self = .error(status)
        }
    }
}
