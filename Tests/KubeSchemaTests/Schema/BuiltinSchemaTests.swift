import KubeAPI
import KubeSchema
import Testing

struct BuiltinSchemaTests {
    private let schema = Schema.builtin
    private let catalog = APICatalog.builtin

    private func definition(_ name: String) throws -> TypeDefinition {
        schema[try #require(schema.type(named: name))]
    }

    /// A reference the tables could not resolve would be `any`.
    @Test func everyReferenceResolves() {
        #expect(schema.types.count > 600)
        let untyped = schema.types.flatMap { type in
            type.fields.filter { $0.shape.leaf == .any }.map { "\(type.name).\($0.name)" }
        }
        #expect(untyped == ["io.k8s.apimachinery.pkg.apis.meta.v1.TableRow.cells"])
        for (index, type) in schema.types.enumerated() {
            #expect(schema.type(named: type.name) == TypeReference(index: index))
            for (position, field) in type.fields.enumerated() {
                #expect(type.position(of: field.name) == position, "\(type.name).\(field.name)")
                if case .type(let reference) = field.shape.leaf {
                    #expect(schema.types.indices.contains(reference.index))
                }
            }
        }
    }

    @Test func everyResourceHasItsTypes() {
        #expect(catalog.resources.count == 70)
        for resource in catalog.resources {
            #expect(schema.type(named: resource.typeName) != nil, "\(resource.typeName)")
            #expect(catalog.type(group: resource.group, version: resource.version, kind: resource.kind) != nil)
            if !resource.listKind.isEmpty {
                #expect(catalog.type(group: resource.group, version: resource.version, kind: resource.listKind) != nil)
            }
            for sub in resource.subresources {
                #expect(
                    catalog.type(group: sub.group, version: sub.version, kind: sub.kind) != nil,
                    "\(resource.resource)/\(sub.name)")
            }
        }
    }

    @Test func fieldsCarryWhatTheTablesSay() throws {
        let port = try definition("io.k8s.api.core.v1.ServicePort")
        #expect(port.fields.map(\.name) == ["name", "protocol", "appProtocol", "port", "targetPort", "nodePort"])
        let proto = try #require(port.field("protocol"))
        #expect(proto.defaultValue == "TCP")
        #expect(proto.allowedValues == ["SCTP", "TCP", "UDP"])
        #expect(try #require(port.field("appProtocol")).isPointer)
        #expect(try #require(port.field("port")).emission == .always)
        let ports = try #require(try definition("io.k8s.api.core.v1.ServiceSpec").field("ports"))
        #expect(ports.listType == .map)
        #expect(ports.listMapKeys == ["port", "protocol"])
        #expect(ports.patchStrategies == ["merge"])
        #expect(ports.patchMergeKey == "port")
        let rule = try definition("io.k8s.api.admissionregistration.v1.NamedRuleWithOperations")
        #expect(try #require(rule.field("scope")).inlinedIn == [2, 2])
        #expect(try #require(rule.field("scope")).number == 4)
    }

    @Test func resourcesCarryWhatTheTablesSay() throws {
        let deployments = try #require(catalog.resource(group: "apps", version: "v1", resource: "deployments"))
        #expect(deployments.shortNames == ["deploy"])
        #expect(deployments.isNamespaced && deployments.hasGeneration)
        let scale = try #require(deployments.subresources.first { $0.name == "scale" })
        #expect([scale.group, scale.version, scale.kind] == ["autoscaling", "v1", "Scale"])
        #expect(scale.verbs == ["get", "patch", "update"])
        #expect(catalog.resource(group: "", version: "v1", kind: "Service")?.storePrefix == "/registry/services/specs")
        #expect(catalog.type(group: "apps", version: "v1", kind: "DeleteOptions") != nil)
    }

    @Test func fieldLabelsSayWhatTheyRead() {
        func label(_ kind: String, _ label: String) -> FieldLabel? {
            catalog.fieldLabel(group: "", version: "v1", kind: kind, label: label)
        }
        #expect(label("Pod", "spec.host")?.path == ["spec", "nodeName"])
        #expect(label("Pod", "status.podIPs")?.isIndexed == false)
        #expect(label("Node", "spec.unschedulable")?.absent == "false")
        #expect(label("ConfigMap", "metadata.namespace")?.path == ["metadata", "namespace"])
        #expect(label("ConfigMap", "data.x") == nil)
        #expect(label("Node", "metadata.namespace") == nil)
    }
}

extension FieldShape {
    var leaf: FieldShape {
        switch self {
        case .array(let element), .map(let element): element.leaf
        default: self
        }
    }
}
