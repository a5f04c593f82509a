import ControllerCore
import KubeAPI
import KubeClient
import Logging
import Synchronization

/// The loop around the objects of one kind: a queue of their keys, events about them, and the performance of decisions.
final class ObjectLoop: Sendable {
    let kind: APIKind
    let context: ControllerContext
    let queue: WorkLoop<NamespacedName>
    private let recorder: EventRecorder
    private let workers: Int

    /// - Parameters:
    ///   - name: of the queue and of the events' source, such as `replicaset-controller`.
    ///   - watches: whether changes of the objects themselves put them into the queue.
    init(_ name: String, _ kind: APIKind, _ context: ControllerContext, workers: Int = 5, watches: Bool = true) {
        self.kind = kind
        self.context = context
        self.workers = workers
        queue = context.queue(name)
        recorder = EventRecorder(client: context.client, component: name, logger: context.logger)
        let informer = context[kind]
        if watches { informer.addHandler { [queue] in queue.add($0.object.key) } }
    }

    /// Objects of another kind: each change is told, and leads to the keys of the loop's objects.
    func also(_ kind: APIKind, _ keys: @escaping @Sendable (Informer.Change) -> [NamespacedName]) {
        context[kind].addHandler { [queue] change in for key in keys(change) { queue.add(key) } }
    }

    /// Objects that the loop's objects control: a change of one leads to its controller, before and after.
    func owns(_ owned: APIKind) {
        also(owned) { [kind] change in
            var keys: Set<NamespacedName> = []
            for object in [change.old, change.new].compactMap({ $0 }) {
                if let owner = object.controller, owner.kind == kind.kind {
                    keys.insert(NamespacedName(namespace: object.namespace, name: owner.name))
                }
            }
            return Array(keys)
        }
    }

    func run(_ work: @escaping @Sendable (NamespacedName) async throws -> Duration?) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.recorder.run() }
            group.addTask { [workers] in
                await self.queue.run(workers: workers) { try await Self.unlessEnding($0, work) }
            }
        }
    }

    /// In a namespace that is being deleted nothing can be made, and nothing need be.
    private static func unlessEnding(
        _ key: NamespacedName, _ work: @Sendable (NamespacedName) async throws -> Duration?
    ) async throws -> Duration? {
        do {
            return try await work(key)
        } catch let error as ClientError where error.isNamespaceTerminating {
            return nil
        }
    }

    /// The usual loop: an object that exists, a decision, its performance.
    func decide(_ decision: @escaping @Sendable (APIObject) async throws -> Decision) async {
        await run { key in
            guard let object = self.context[self.kind][key] else { return nil }
            return try await self.perform(try await decision(object), about: object)
        }
    }

    // MARK: - Performance

    /// The writes in order; the first failure ends it.
    func perform(_ decision: Decision, about object: APIObject) async throws(ClientError) -> Duration? {
        for event in decision.events { tell(event, about: object) }
        for action in decision.actions { _ = try await perform(action, about: object) }
        return decision.requeueAfter
    }

    /// What was written, as the server has it; nil after a deletion.
    @discardableResult
    func perform(
        _ action: Action, about object: APIObject, _ kind: APIKind? = nil
    ) async throws(ClientError) -> APIObject? {
        do {
            let written = try await context.write(action.write)
            if let text = action.success { tell(text, about: object, kind, name: written?.name ?? action.write.name) }
            return written
        } catch {
            if let text = action.failure, !error.isNamespaceTerminating, !error.isConflict {
                tell(text, about: object, kind, name: action.write.name, error: error.short)
            }
            throw error
        }
    }

    /// Alike or not, many at a time: one first, then twice as many each time, so that a mistake that all of them share
    /// is made once. Returns how many were not tried, and the first failure.
    func performAll(_ actions: [Action], about object: APIObject) async -> (untried: Int, failure: ClientError?) {
        var rest = actions[...]
        var batch = 1
        while !rest.isEmpty {
            let now = rest.prefix(batch)
            rest = rest.dropFirst(batch)
            let failures = await withTaskGroup(of: ClientError?.self) { group in
                for action in now {
                    group.addTask {
                        do throws(ClientError) {
                            try await self.perform(action, about: object)
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                return await group.reduce(into: [ClientError]()) { if let failure = $1 { $0.append(failure) } }
            }
            if let failure = failures.first { return (rest.count + failures.count, failure) }
            batch = min(batch * 2, 64)
        }
        return (0, nil)
    }

    /// - Parameter kind: of the object, unless it is the loop's.
    func tell(
        _ text: EventText, about object: APIObject, _ kind: APIKind? = nil, name: String = "", error: String = ""
    ) {
        let kind = kind ?? self.kind
        let note = text.note.replacing("{name}", with: name).replacing("{error}", with: error)
        recorder.report(
            EventReport(
                text.severity, text.reason, note, about: object, apiVersion: kind.apiVersion, kind: kind.kind))
    }
}

extension Write {
    var isCreation: Bool {
        if case .create = self { return true }
        return false
    }

    /// Of what is written; empty when the server names it.
    var name: String {
        switch self {
        case .create(_, _, let object): object["metadata"]?["name"]?.string ?? ""
        case .update(_, let object, _): object.name
        case .patch(_, let key, _, _, _), .delete(_, let key, _): key.name
        }
    }
}

extension ClientError {
    /// The server's own words, where there are some.
    var short: String {
        guard let status, !status.message.isEmpty else { return description }
        return status.message
    }
}

extension ControllerContext {
    /// Performs a write and lets the informers know of it, so that the next decision already sees it. A deletion of what
    /// is gone already has succeeded.
    @discardableResult
    func write(_ write: Write) async throws(ClientError) -> APIObject? {
        switch write {
        case .create(let kind, let namespace, let object):
            return note(try await client.create(kind.resource, object, namespace: namespace), kind)
        case .update(let kind, let object, let subresource):
            return note(try await client.update(kind.resource, typed(object, kind), subresource: subresource), kind)
        case .patch(let kind, let key, let patch, let body, let subresource):
            return note(try await client.patch(kind.resource, key, patch, body, subresource: subresource), kind)
        case .delete(let kind, let key, let options):
            do {
                if let left = try await client.delete(kind.resource, key, options) { _ = note(left, kind) }
            } catch  where error.isNotFound {
                // It is gone already.
            } catch  where error.isConflict && options.uid != nil && options.resourceVersion == nil {
                // Another has its name.
            }
            return nil
        }
    }

    private func note(_ object: APIObject, _ kind: APIKind) -> APIObject {
        informers.known(kind.resource)?.note(object)
        return object
    }

    /// Items of lists lack their kind.
    private func typed(_ object: APIObject, _ kind: APIKind) -> APIObject {
        guard object.kind.isEmpty else { return object }
        var typed = object
        typed["apiVersion"] = .string(kind.apiVersion)
        typed["kind"] = .string(kind.kind)
        return typed
    }
}
