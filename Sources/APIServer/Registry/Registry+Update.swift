import KubeAPI
import KubeSchema
import StoreCore

/// A change of one object that may be there.
public struct ObjectUpdate: Sendable {
    public var namespace: String
    public var name: String
    /// Empty for the object itself.
    public var subresource = ""
    /// Makes the wanted object of the stored one, both in the served version; asked again when somebody was faster.
    /// A resourceVersion in what it returns that is not the stored one's is a conflict.
    public var transform: @Sendable (JSONValue) async throws -> JSONValue
    /// What to create when there is none; nil refuses.
    public var creation: (@Sendable () async throws -> JSONValue)?
    /// UpdateOptions or PatchOptions.
    public var options: JSONValue = .emptyObject
    /// A patch that names no resourceVersion is allowed for every kind.
    public var isPatch = false

    public init(
        namespace: String, name: String, subresource: String = "",
        transform: @escaping @Sendable (JSONValue) async throws -> JSONValue
    ) {
        self.namespace = namespace
        self.name = name
        self.subresource = subresource
        self.transform = transform
    }
}

extension Registry {
    /// Returns the object as stored, and whether it is new.
    public func update(
        _ update: ObjectUpdate, _ served: ServedResource, _ context: RequestContext
    ) async throws -> (object: JSONValue, isNew: Bool) {
        let definition = served.definition
        for _ in 0..<Self.mostAttempts {
            guard let keyValue = try await keyValue(served, update.namespace, update.name) else {
                guard let creation = update.creation else { throw Status.notFound(definition, update.name) }
                let object = try await creation()
                return (
                    try await create(object, served, namespace: update.namespace, options: update.options, context),
                    true
                )
            }
            let old = try StoredForm(served).tree(keyValue)
            let wanted = try await update.transform(old)
            let isConditional = try checkVersion(wanted, keyValue, update, definition)
            if let stored = try await tryUpdate(wanted, old, keyValue, update, served, context) {
                return (stored, false)
            }
            if isConditional { throw Status.modified(definition, update.name) }
        }
        throw Status.modified(definition, update.name)
    }

    /// Whether the client said which version it changes.
    private func checkVersion(
        _ wanted: JSONValue, _ keyValue: KeyValue, _ update: ObjectUpdate, _ definition: ResourceDefinition
    ) throws -> Bool {
        let version = wanted.meta("resourceVersion")
        // A patch carries the version of what it was applied to.
        if update.isPatch, version == String(keyValue.modRevision) { return false }
        if version.isEmpty || version == "0" {
            guard update.isPatch || definition.updatesUnconditionally else {
                throw InvalidObject([
                    FieldError(
                        .invalid, "metadata.resourceVersion", .integer(0), "must be specified for an update")
                ])
            }
            return false
        }
        guard let revision = Int64(version) else {
            throw InvalidObject([
                FieldError(.invalid, "metadata.resourceVersion", .string(version), "must be a number")
            ])
        }
        guard revision == keyValue.modRevision else { throw Status.modified(definition, update.name) }
        return true
    }

    /// nil when somebody was faster.
    private func tryUpdate(
        _ wanted: JSONValue, _ old: JSONValue, _ keyValue: KeyValue, _ update: ObjectUpdate, _ served: ServedResource,
        _ context: RequestContext
    ) async throws -> JSONValue? {
        context.clearWrites()
        var object = wanted
        try KeptFields.keep(&object, of: old, update, served)
        OwnerReferences.dedupe(&object, context)
        var request = AdmissionRequest(
            operation: .update, resource: served.definition, subresource: update.subresource,
            namespace: update.namespace, name: update.name, object: object, oldObject: old, options: update.options,
            context: context)
        try await admission.admit(&request)
        object = request.object ?? object
        let strategy = served.strategy
        try await strategy.prepareForUpdate(&object, old: old, subresource: update.subresource, context)
        served.putInOrder(&object)
        do {
            bumpGeneration(&object, old, served)
            ManagedFields.update(&object, old: old, served, context)
            try await check(object, old: old, served, context)
            request.object = object
            try await admission.validate(request)
            if ManagedFields.isSame(object, old) {
                await strategy.released(object, old: old, context)
                return old
            }
            if context.isDryRun {
                await strategy.released(object, old: old, context)
                return object
            }
            return try await write(object, old, keyValue, served, context)
        } catch {
            await strategy.released(object, old: old, context)
            throw error
        }
    }

    private func write(
        _ object: JSONValue, _ old: JSONValue, _ keyValue: KeyValue, _ served: ServedResource,
        _ context: RequestContext
    ) async throws -> JSONValue? {
        if Deletion.isDue(object), !served.strategy.isHeld(object) {
            try await served.strategy.prepareForRemoval(object, context)
            guard let revision = try await remove(keyValue.key, expecting: keyValue.modRevision, context) else {
                await served.strategy.released(object, old: old, context)
                return nil
            }
            var last = object
            last.setResourceVersion(String(revision))
            await served.strategy.afterDelete(last, context)
            return last
        }
        let stored = try await put(
            object, at: keyValue.key, served, expecting: keyValue.modRevision, lease: keyValue.lease, context)
        if let stored {
            await served.strategy.afterUpdate(stored, old: old, context)
        } else {
            await served.strategy.released(object, old: old, context)
        }
        return stored
    }

    private func bumpGeneration(_ object: inout JSONValue, _ old: JSONValue, _ served: ServedResource) {
        guard served.definition.hasGeneration else { return }
        let generation = old[path: "metadata", "generation"]?.integer ?? 1
        let isChanged = served.strategy.changesGeneration(object, old: old)
        object.setMeta("generation", .integer(isChanged ? generation &+ 1 : generation))
    }
}

/// What an update may not change.
enum KeptFields {
    /// Metadata that belongs to the server.
    private static let system = [
        "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink",
    ]

    static func keep(
        _ object: inout JSONValue, of old: JSONValue, _ update: ObjectUpdate, _ served: ServedResource
    ) throws {
        let definition = served.definition
        if object["metadata"]?.object == nil { object[path: "metadata"] = .emptyObject }
        let name = object.meta("name")
        guard name.isEmpty || name == update.name else {
            throw Status.badRequest(
                "the name of the object (\(name)) does not match the name on the URL (\(update.name))")
        }
        let namespace = object.meta("namespace")
        guard !definition.isNamespaced || namespace.isEmpty || namespace == update.namespace else {
            throw Status.badRequest(
                "the namespace of the object (\(namespace)) does not match the namespace on the request "
                    + "(\(update.namespace))")
        }
        let uid = object.meta("uid")
        guard uid.isEmpty || uid == old.meta("uid") else {
            if update.isPatch {
                throw InvalidObject([FieldError(.invalid, "metadata.uid", .string(uid), "field is immutable")])
            }
            let key = String(decoding: served.key(namespace: update.namespace, name: update.name), as: UTF8.self)
            throw Status.conflict(
                definition, update.name,
                "StorageError: invalid object, Code: 4, Key: \(key), ResourceVersion: 0, AdditionalErrorMsg: "
                    + "Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.meta("uid"))")
        }
        object.setMeta("name", .string(update.name))
        object.setMeta("namespace", definition.isNamespaced ? .string(update.namespace) : nil)
        for field in system { object.setMeta(field, old[path: "metadata", field]) }
        object.setMeta("resourceVersion", old[path: "metadata", "resourceVersion"])
        object.setMeta("generation", old[path: "metadata", "generation"])
        keepParts(&object, of: old, update.subresource, served)
    }

    /// The status subresource changes the status alone, the object itself all but that. Built-in kinds take labels and
    /// annotations with the status.
    private static func keepParts(
        _ object: inout JSONValue, of old: JSONValue, _ subresource: String, _ served: ServedResource
    ) {
        if subresource == "status" {
            let status = object["status"]
            let metadata = object["metadata"]
            object = old
            object[path: "status"] = status
            guard !served.isCustom else {
                return object.setMeta("managedFields", metadata?["managedFields"])
            }
            object[path: "metadata"] = metadata
            object.setMeta("finalizers", old[path: "metadata", "finalizers"])
            object.setMeta("ownerReferences", old[path: "metadata", "ownerReferences"])
        } else if subresource.isEmpty, served.definition.subresources.contains(where: { $0.name == "status" }) {
            object[path: "status"] = old["status"]
        }
    }
}
