import KubeSchema

/// An object that must not be stored, and what is wrong with it; answered as 422.
public struct InvalidObject: Error, Sendable {
    public let errors: [FieldError]

    public init(_ errors: [FieldError]) { self.errors = errors }
}
