import KubeAPI

/// One write to the API, as a value.
public enum Write: Sendable, Hashable {
    case create(APIKind, namespace: String, JSONValue)
    /// The object with the resource version it was read at; a conflict means that it has changed since.
    case update(APIKind, APIObject, subresource: String? = nil)
    case patch(APIKind, NamespacedName, PatchKind, JSONValue, subresource: String? = nil)
    case delete(APIKind, NamespacedName, DeletionOptions)

    public static func updateStatus(_ kind: APIKind, _ object: APIObject) -> Write {
        .update(kind, object, subresource: "status")
    }

    /// Replaces the finalizers of the object as it was read.
    public static func finalizers(_ kind: APIKind, _ object: APIObject, _ finalizers: [String]) -> Write {
        .patch(
            kind, object.key, .merge,
            [
                "metadata": [
                    "uid": .string(object.uid), "resourceVersion": .string(object.resourceVersion),
                    "finalizers": .array(finalizers.map { .string($0) }),
                ]
            ])
    }

    /// Deletes this incarnation of the object.
    public static func delete(
        _ kind: APIKind, _ object: APIObject, propagation: DeletionOptions.Propagation? = nil
    ) -> Write {
        .delete(kind, object.key, DeletionOptions(propagation: propagation, uid: object.uid))
    }
}

/// An Event to be told when a write has succeeded or failed. `{name}` stands for the name of what was written,
/// `{error}` for why it failed.
public struct EventText: Sendable, Hashable {
    public var severity: Event.Severity
    public var reason: String
    public var note: String

    /// Of severity Normal.
    public init(_ reason: String, _ note: String) { self.init(.normal, reason, note) }

    public init(_ severity: Event.Severity, _ reason: String, _ note: String) {
        self.severity = severity
        self.reason = reason
        self.note = note
    }
}

/// A write with what is told about it.
public struct Action: Sendable, Hashable {
    public var write: Write
    public var success: EventText?
    public var failure: EventText?

    public init(_ write: Write, success: EventText? = nil, failure: EventText? = nil) {
        self.write = write
        self.success = success
        self.failure = failure
    }
}

/// What a controller does about one object.
public struct Decision: Sendable, Hashable {
    /// In this order; the first failure ends it, and the object is looked at again after a backoff.
    public var actions: [Action]
    /// Told whatever the writes do.
    public var events: [EventText]
    /// When the object is to be looked at again even if nothing happens.
    public var requeueAfter: Duration?

    public init(_ actions: [Action] = [], events: [EventText] = [], requeueAfter: Duration? = nil) {
        self.actions = actions
        self.events = events
        self.requeueAfter = requeueAfter
    }

    public mutating func perform(_ write: Write, success: EventText? = nil, failure: EventText? = nil) {
        actions.append(Action(write, success: success, failure: failure))
    }

    /// The sooner of two times.
    public mutating func look(after delay: Duration) {
        requeueAfter = min(requeueAfter ?? delay, delay)
    }
}
