import KubeAPI
import KubeSchema

/// The rules of `KubeSchema.Validation` for built-in kinds.
enum ObjectValidation {
    static func validate(_ object: JSONValue, _ served: ServedResource, old: JSONValue?) -> [FieldError] { [] }
}
