import AccessControl
import KubeAPI
import KubeSchema
import Logging
import ServiceLifecycle
import StoreCore

/// Serves the resources of CustomResourceDefinitions as these come, change and go, and says so in their status.
public actor CustomResourceRegistrar: ServiceLifecycle.Service {
    private let registry: Registry
    private let definitions: ServedResource
    private let clock: @Sendable () -> Int64
    private let logger: Logger
    private var known: [String: JSONValue] = [:]

    /// nil when CustomResourceDefinitions themselves are not served.
    public init?(_ registry: Registry, logger: Logger, clock: @escaping @Sendable () -> Int64) {
        let snapshot = registry.resources.snapshot
        guard let definitions = snapshot["apiextensions.k8s.io", "v1", "customresourcedefinitions"] else { return nil }
        self.registry = registry
        self.definitions = definitions
        self.clock = clock
        self.logger = logger
    }

    /// Reads all there is, so that it is served before the first request; returns the revision read.
    public func load() async throws -> Revision {
        let all = try await registry.list(definitions)
        known = Dictionary(all.objects.map { ($0.meta("name"), $0) }, uniquingKeysWith: { $1 })
        serve()
        return all.revision
    }

    public func run() async throws {
        while !Task.isShuttingDownGracefully {
            do {
                let revision = try await load()
                for name in known.keys.sorted() { await settle(name) }
                try await follow(from: revision + 1)
            } catch is CancellationError {
                return
            } catch {
                logger.warning("custom resources: \(error); reading all CustomResourceDefinitions again in a second")
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func follow(from first: Revision) async throws {
        let watch = try await registry.store.watch(definitions.range(namespace: ""), from: first)
        while !Task.isShuttingDownGracefully {
            // Those that are going are looked at again until they are gone.
            let isWaiting = known.values.contains { $0[path: "metadata", "deletionTimestamp"] != nil }
            let batch = try await watch.next(patience: .seconds(isWaiting ? 1 : 30))
            var changed: Set<String> = []
            for event in batch.events {
                let name = definitions.names(of: event.key).name
                known[name] = event.kind == .put ? try StoredForm(definitions).tree(event.keyValue) : nil
                changed.insert(name)
            }
            if !changed.isEmpty { serve() }
            if isWaiting {
                changed.formUnion(known.filter { $0.value[path: "metadata", "deletionTimestamp"] != nil }.keys)
            }
            for name in changed.sorted() { await settle(name) }
        }
    }

    // MARK: Serving

    private func serve() {
        let established = known.values.filter { CustomResourceConditions.isTrue($0["status"], "Established") }
        let served = established.map(CustomResourceDefinition.init).sorted { $0.name < $1.name }.flatMap(Self.served)
        registry.resources.replace { all in
            all.removeAll(where: \.isCustom)
            all += served
        }
    }

    static func served(_ definition: CustomResourceDefinition) -> [ServedResource] {
        let stored = definition.storedVersion?.name ?? ""
        return definition.resources.compactMap { resource in
            guard let version = definition.versions.first(where: { $0.name == resource.version }) else { return nil }
            let (schema, type) = version.schema.types(named: resource.typeName, builtin: .builtin)
            let selectable = Set(version.selectableFields)
            var served = ServedResource(
                resource, schema: schema, type: type, storageAPIVersion: "\(definition.group)/\(stored)"
            ) { label in
                let isKnown = label == "metadata.name" || label == "metadata.namespace" || selectable.contains(label)
                return isKnown ? FieldLabel(path: label) : nil
            }
            served.custom = version
            return served
        }
    }

    // MARK: Status and deletion

    private func settle(_ name: String) async {
        guard let object = known[name] else { return }
        do {
            if object[path: "metadata", "deletionTimestamp"] != nil { try await cleanUp(object) }
            try await updateStatus(name)
        } catch let status as Status where status.code == 404 {
            // Gone meanwhile; the watch tells.
        } catch {
            logger.warning("CustomResourceDefinition \(name): \(error)")
        }
    }

    private func context(_ verb: String) -> RequestContext {
        let user = UserInfo(name: "system:apiserver", groups: ["system:masters"])
        return RequestContext(
            user: user, attributes: RequestAttributes(user: user, verb: verb, path: "/"),
            resource: definitions.definition, fieldManager: "apus-apiserver", now: clock())
    }

    private func updateStatus(_ name: String) async throws {
        let taken = takenNames(besides: name)
        let conditions = CustomResourceConditions(now: clock())
        let update = ObjectUpdate(namespace: "", name: name, subresource: "status") { object in
            var object = object
            object[path: "status"] = conditions.status(of: object, taken: taken)
            return object
        }
        guard let object = known[name], conditions.status(of: object, taken: taken) != object["status"] else { return }
        known[name] = try await registry.update(update, definitions, context("update")).object
        serve()
    }

    /// What other resources of the same group are called.
    private func takenNames(besides name: String) -> CustomResourceConditions.TakenNames {
        let group = known[name]?[path: "spec", "group"]?.string ?? ""
        let own = known[name]?[path: "spec", "names", "plural"]?.string ?? ""
        var taken = CustomResourceConditions.TakenNames()
        for served in registry.resources.snapshot.all where served.definition.group == group {
            guard served.definition.resource != own || !served.isCustom else { continue }
            let definition = served.definition
            taken.resources.formUnion([definition.resource, definition.singular] + definition.shortNames)
            taken.kinds.formUnion([definition.kind, definition.listKind])
        }
        return taken
    }

    /// Deletes every object of the kind; when none is left the definition may go.
    private func cleanUp(_ object: JSONValue) async throws {
        let definition = CustomResourceDefinition(object)
        for served in Self.served(definition) where served.isStoredAsServed {
            for instance in try await registry.list(served).objects {
                _ = try? await registry.delete(
                    served, namespace: instance.meta("namespace"), name: instance.meta("name"), DeleteOptions(),
                    context("delete"))
            }
            guard try await registry.list(served).objects.isEmpty else { return }
        }
        let update = ObjectUpdate(namespace: "", name: definition.name) { object in
            var object = object
            let kept = (object[path: "metadata", "finalizers"]?.array ?? []).filter {
                $0 != CustomResourceDefinitionStrategy.cleanup
            }
            object.setMeta("finalizers", kept.isEmpty ? nil : .array(kept))
            return object
        }
        _ = try await registry.update(update, definitions, context("update"))
    }
}
