import KubeAPI
import KubeSchema
import StoreCore

extension Registry {
    /// `object` decoded, with defaults. `namespace`: of the request. Returns it as stored, with its resourceVersion.
    public func create(
        _ given: JSONValue, _ served: ServedResource, namespace: String, options: JSONValue = .emptyObject,
        _ context: RequestContext
    ) async throws -> JSONValue {
        var given = given
        try checkNew(&given, served, namespace)
        let isGenerated = given.meta("name").isEmpty
        for attempt in 0..<Self.mostAttempts {
            var object = given
            if isGenerated { object.setMeta("name", .string(NewNames.name(object.meta("generateName")))) }
            switch try await named(&object, served, namespace, options, context) {
            case .done(let stored): return stored
            case .exists where !isGenerated: throw Status.alreadyExists(served.definition, object.meta("name"))
            case .exists where attempt + 1 >= Self.mostGeneratedNames:
                throw Status.noFreeName(served.definition, object.meta("name"))
            case .exists, .again: continue
            }
        }
        throw Status.modified(served.definition, given.meta("name"))
    }

    /// What is wrong with an object is told with its name.
    private func named(
        _ object: inout JSONValue, _ served: ServedResource, _ namespace: String, _ options: JSONValue,
        _ context: RequestContext
    ) async throws -> Attempt {
        do {
            return try await tryCreate(&object, served, namespace, options, context)
        } catch let invalid as InvalidObject {
            throw Status.invalid(served.definition, object.meta("name"), invalid.errors)
        }
    }

    private enum Attempt {
        case done(JSONValue)
        case exists
        /// What else is written with it has changed meanwhile.
        case again
    }

    /// What no new object may say.
    private func checkNew(_ object: inout JSONValue, _ served: ServedResource, _ namespace: String) throws {
        let definition = served.definition
        if object["metadata"]?.object == nil { object[path: "metadata"] = .emptyObject }
        if !object.meta("resourceVersion").isEmpty {
            throw Status.badRequest("resourceVersion should not be set on objects to be created")
        }
        let own = object.meta("namespace")
        if definition.isNamespaced {
            if own.isEmpty { object.setMeta("namespace", .string(namespace)) }
            if !own.isEmpty, own != namespace {
                throw Status.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request")
            }
        } else {
            object.setMeta("namespace", nil)
        }
        guard object.meta("name").isEmpty, object.meta("generateName").isEmpty else { return }
        throw InvalidObject([FieldError(.required, "metadata.name", nil, "name or generateName is required")])
    }

    private func tryCreate(
        _ object: inout JSONValue, _ served: ServedResource, _ namespace: String, _ options: JSONValue,
        _ context: RequestContext
    ) async throws -> Attempt {
        context.clearWrites()
        OwnerReferences.dedupe(&object, context)
        NewObject.fill(&object, served, now: context.now)
        var request = AdmissionRequest(
            operation: .create, resource: served.definition, namespace: namespace, name: object.meta("name"),
            object: object, oldObject: nil, options: options, context: context)
        try await admission.admit(&request)
        object = request.object ?? object
        let strategy = served.strategy
        try await strategy.prepareForCreate(&object, context)
        served.putInOrder(&object)
        do {
            ManagedFields.update(&object, old: nil, served, context)
            try await check(object, old: nil, served, context)
            request.object = object
            try await admission.validate(request)
            if context.isDryRun {
                let existing = try await keyValue(served, namespace, object.meta("name"))
                await strategy.released(object, old: nil, context)
                return existing == nil ? .done(object) : .exists
            }
            let lease = try await lease(strategy)
            let key = served.key(namespace: namespace, name: object.meta("name"))
            if let stored = try await put(object, at: key, served, expecting: 0, lease: lease, context) {
                await strategy.afterCreate(stored, context)
                return .done(stored)
            }
        } catch {
            await strategy.released(object, old: nil, context)
            throw error
        }
        await strategy.released(object, old: nil, context)
        return try await keyValue(served, namespace, object.meta("name")) == nil ? .again : .exists
    }

    private func lease(_ strategy: any ObjectStrategy) async throws -> LeaseID {
        guard let seconds = strategy.lifetimeSeconds else { return 0 }
        return try await leases.lease(seconds: seconds)
    }

    /// All that is wrong with an object, in one answer.
    func check(_ object: JSONValue, old: JSONValue?, _ served: ServedResource, _ context: RequestContext) async throws {
        var errors = ObjectValidation.validate(object, served, old: old, subresource: context.subresource)
        do {
            try await served.strategy.validate(object, old: old, context)
        } catch let invalid as InvalidObject {
            errors += invalid.errors
        } catch let error as FieldError {
            errors.append(error)
        }
        if !errors.isEmpty { throw InvalidObject(errors) }
        let definition = served.definition
        let warnings = ObjectWarnings.of(
            object, old: old, group: definition.group, kind: definition.kind, subresource: context.subresource)
        for warning in warnings { context.warn(warning) }
    }
}

/// What the server decides about every new object.
enum NewObject {
    static func fill(_ object: inout JSONValue, _ served: ServedResource, now: Int64) {
        let definition = served.definition
        for field in ["selfLink", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"] {
            object.setMeta(field, nil)
        }
        object.setMeta("uid", .string(NewNames.uid()))
        object.setMeta("creationTimestamp", .string(RFC3339.text(nanoseconds: now, .seconds)))
        object.setMeta("generation", definition.hasGeneration ? 1 : nil)
        let hasStatus = definition.subresources.contains { $0.name == "status" }
        if hasStatus, !served.strategy.keepsStatusOnCreate { object[path: "status"] = served.newStatus }
    }
}
