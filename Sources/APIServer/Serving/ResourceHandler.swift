import KubeAPI
import KubeSchema
import StoreCore

/// Answers requests about the objects of a resource, verb by verb.
struct ResourceHandler: Sendable {
    let registry: Registry
    let request: APIRequest

    private var served: ServedResource { request.served }
    private var info: RequestInfo { request.info }
    private var context: RequestContext { request.context }

    func get() async throws -> HTTPResponse {
        if let revision = try ListQuery(request.query).revision, revision > 0 {
            try await registry.wait(for: revision)
        }
        guard let keyValue = try await registry.keyValue(served, info.namespace, info.name) else {
            throw Status.notFound(served.definition, info.name)
        }
        return request.response(try request.encoder().answer(keyValue))
    }

    func create() async throws -> HTTPResponse {
        let object = try BodyDecoder(request: request).object()
        let stored = try await registry.create(
            object, served, namespace: info.namespace, options: request.options("CreateOptions"), context)
        return try request.answer(stored, status: 201)
    }

    func update() async throws -> HTTPResponse {
        let object = try BodyDecoder(request: request).object()
        var update = ObjectUpdate(namespace: info.namespace, name: info.name, subresource: info.subresource) { _ in
            object
        }
        update.options = request.options("UpdateOptions")
        if served.definition.createsOnUpdate, info.subresource.isEmpty {
            update.creation = { [request] in
                try await request.authorizeCreation()
                return object
            }
        }
        if object.meta("name").isEmpty {
            throw Status.badRequest(
                "the name of the object (\(info.name) based on URL) was undeterminable: name must be provided")
        }
        let (stored, isNew) = try await registry.update(update, served, context)
        return try request.answer(stored, status: isNew ? 201 : 200)
    }

    func delete() async throws -> HTTPResponse {
        let json = try request.deleteOptions()
        let (object, isGone) = try await registry.delete(
            served, namespace: info.namespace, name: info.name, DeleteOptions(json: json), json: json, context)
        if !isGone || Self.returnsObject.contains(served.definition.qualifiedName) {
            return try request.answer(object)
        }
        return request.response(
            try WireEncoder.bytes(Self.success(object, served.definition), request.form))
    }

    /// Those whose deletion answers with the object (ReturnDeletedObject).
    private static let returnsObject: Set = [
        "persistentvolumes", "persistentvolumeclaims", "pods", "podtemplates", "resourcequotas", "serviceaccounts",
        "services", "csidrivers.storage.k8s.io", "csinodes.storage.k8s.io", "storageclasses.storage.k8s.io",
        "volumeattachments.storage.k8s.io",
    ]

    private static func success(_ object: JSONValue, _ definition: ResourceDefinition) -> JSONValue {
        var status = Status()
        status.name = object.meta("name")
        status.group = definition.group
        status.kind = definition.resource
        status.uid = object.meta("uid")
        return status.json(outcome: "Success")
    }

    func deleteCollection() async throws -> HTTPResponse {
        let json = try request.deleteOptions()
        let options = try DeleteOptions(json: json)
        let list = try ListQuery(request.query)
        try list.check(isWatch: false)
        let selection = try request.selection()
        let found = try await ListHandler(registry: registry, request: request).find(list, selection)
        for keyValue in found.keyValues {
            let names = served.names(of: keyValue.key)
            do {
                _ = try await registry.delete(
                    served, namespace: names.namespace, name: names.name, options, json: json, context)
            } catch let status as Status where status.code == 404 {
                // Somebody else was faster.
            }
        }
        return try ListEncoder(request, found).response()
    }
}

extension APIRequest {
    /// The options of the query as an object of that kind.
    func options(_ kind: String) -> JSONValue {
        var options: JSONValue = ["kind": .string(kind), "apiVersion": "meta.k8s.io/v1"]
        if context.isDryRun { options[path: "dryRun"] = ["All"] }
        for name in ["fieldManager", "fieldValidation"] {
            if let value = query[name], !value.isEmpty { options[path: name] = .string(value) }
        }
        if query["force"] != nil { options[path: "force"] = .bool(query.flag("force")) }
        return options
    }

    /// From the body, or else from the query.
    func deleteOptions() throws -> JSONValue {
        let stages = OptionsCheck.stages(query).map(JSONValue.string)
        if !http.body.isEmpty {
            let type = APICatalog.builtin.type(group: "", version: "v1", kind: "DeleteOptions")
            guard let type else { return .emptyObject }
            var options = try BodyDecoder(request: self).object(
                group: "", version: "v1", kind: "DeleteOptions", type: type)
            if !stages.isEmpty, options["dryRun"] == nil { options[path: "dryRun"] = .array(stages) }
            return options
        }
        var options: JSONValue = .emptyObject
        if let seconds = try ListQuery.number(query["gracePeriodSeconds"]) {
            options[path: "gracePeriodSeconds"] = .integer(seconds)
        }
        if let policy = query["propagationPolicy"] { options[path: "propagationPolicy"] = .string(policy) }
        if query["orphanDependents"] != nil {
            options[path: "orphanDependents"] = .bool(query.flag("orphanDependents"))
        }
        if !stages.isEmpty { options[path: "dryRun"] = .array(stages) }
        return options
    }
}
