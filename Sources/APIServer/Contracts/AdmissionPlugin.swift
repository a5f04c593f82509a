import AccessControl
import KubeAPI
import KubeSchema

/// Looks at every change before it is stored. Both functions throw `Status` (403 for a refusal) or `InvalidObject`.
public protocol AdmissionPlugin: Sendable {
    /// As in `--enable-admission-plugins`.
    var name: String { get }
    /// Quick: is it concerned at all?
    func handles(_ request: AdmissionRequest) -> Bool
    /// May change `request.object`.
    func admit(_ request: inout AdmissionRequest) async throws
    func validate(_ request: AdmissionRequest) async throws
}

extension AdmissionPlugin {
    public func handles(_ request: AdmissionRequest) -> Bool { true }
    public func admit(_ request: inout AdmissionRequest) async throws {}
    public func validate(_ request: AdmissionRequest) async throws {}
}

/// A change that is asked for.
public struct AdmissionRequest: Sendable {
    public enum Operation: String, Sendable {
        case create = "CREATE", update = "UPDATE", delete = "DELETE", connect = "CONNECT"
    }

    public let operation: Operation
    public let resource: ResourceDefinition
    /// Empty for the object itself.
    public let subresource: String
    /// Empty for cluster-scoped objects.
    public let namespace: String
    /// Empty while generateName has not been answered.
    public var name: String
    /// What will be stored; nil for a deletion.
    public var object: JSONValue?
    /// What is stored; nil for a creation.
    public let oldObject: JSONValue?
    /// CreateOptions, UpdateOptions, PatchOptions or DeleteOptions.
    public let options: JSONValue
    public let context: RequestContext

    public var user: UserInfo { context.user }
    public var isDryRun: Bool { context.isDryRun }

    public init(
        operation: Operation, resource: ResourceDefinition, subresource: String = "", namespace: String, name: String,
        object: JSONValue?, oldObject: JSONValue?, options: JSONValue = [:], context: RequestContext
    ) {
        self.operation = operation
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
        self.object = object
        self.oldObject = oldObject
        self.options = options
        self.context = context
    }
}
