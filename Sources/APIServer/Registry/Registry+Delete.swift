import KubeAPI
import KubeSchema
import StoreCore

extension Registry {
    /// Returns the object as it was last, and whether it is gone.
    public func delete(
        _ served: ServedResource, namespace: String, name: String, _ options: DeleteOptions,
        json: JSONValue = .emptyObject, _ context: RequestContext
    ) async throws -> (object: JSONValue, isGone: Bool) {
        if options.isDryRun { context.becomeDryRun() }
        for _ in 0..<Self.mostAttempts {
            guard let keyValue = try await keyValue(served, namespace, name) else {
                throw Status.notFound(served.definition, name)
            }
            let object = try StoredForm(served).tree(keyValue)
            try options.check(object, served.definition)
            context.clearWrites()
            try await served.strategy.beforeDelete(object, context)
            let request = AdmissionRequest(
                operation: .delete, resource: served.definition, namespace: namespace, name: name, object: nil,
                oldObject: object, options: json, context: context)
            var changing = request
            try await admission.admit(&changing)
            try await admission.validate(request)
            if let done = try await tryDelete(object, keyValue, options, served, context) { return done }
        }
        throw Status.modified(served.definition, name)
    }

    /// nil when somebody was faster.
    private func tryDelete(
        _ object: JSONValue, _ keyValue: KeyValue, _ options: DeleteOptions, _ served: ServedResource,
        _ context: RequestContext
    ) async throws -> (object: JSONValue, isGone: Bool)? {
        let requested = options.gracePeriodSeconds
        let period = served.strategy.gracePeriod(of: object, requested: requested, context)
        guard let grace = Deletion.grace(object, requested: requested, period: period) else { return (object, false) }
        let finalizers = Deletion.finalizers(
            object, options.propagation, kindDefault: served.strategy.defaultPropagation)
        let isWaiting = grace > 0 || !finalizers.isEmpty || served.strategy.isHeld(object)
        if !isWaiting {
            if context.isDryRun { return (object, true) }
            try await served.strategy.prepareForRemoval(object, context)
            guard let revision = try await remove(keyValue.key, expecting: keyValue.modRevision, context) else {
                return nil
            }
            var last = object
            last.setResourceVersion(String(revision))
            await served.strategy.afterDelete(last, context)
            return (last, true)
        }
        var marked = Deletion.marked(object, finalizers: finalizers, grace: grace, now: context.now)
        served.strategy.markDeleted(&marked)
        if marked == object || context.isDryRun { return (marked, false) }
        guard
            let stored = try await put(
                marked, at: keyValue.key, served, expecting: keyValue.modRevision, lease: keyValue.lease, context)
        else { return nil }
        await served.strategy.afterUpdate(stored, old: object, context)
        return (stored, false)
    }
}
