import KubeAPI
import KubeSchema

/// What is wrong with an object: the rules of its kind, or of its CustomResourceDefinition's schema.
enum ObjectValidation {
    static func validate(
        _ object: JSONValue, _ served: ServedResource, old: JSONValue?, subresource: String
    ) -> [FieldError] {
        let definition = served.definition
        let found = Validation.validate(
            object, group: definition.group, version: definition.version, kind: definition.kind, old: old,
            subresource: subresource)
        return found + (served.custom?.schema.validate(object) ?? [])
    }
}
