import KubeAPI
import StoreCore

/// The plugins that look at every change, in upstream's order.
public struct AdmissionChain: Sendable {
    private let plugins: [any AdmissionPlugin]

    public init(_ plugins: [any AdmissionPlugin]) { self.plugins = plugins }

    /// Every plugin there is, without those that are named.
    /// `others` come before the one that counts.
    public init(store: any Store, disabled: Set<String> = [], besides others: [any AdmissionPlugin] = []) {
        let objects = StoredObjects(store)
        let all: [any AdmissionPlugin] = [
            NamespaceLifecycle(objects), LimitRanger(objects), ServiceAccountAdmission(objects),
            NodeRestriction(objects), TaintNodesByCondition(), PodSecurityAdmission(objects),
            PriorityAdmission(objects),
            DefaultTolerationSeconds(), DefaultStorageClass(objects), StorageObjectInUseProtection(),
            RuntimeClassAdmission(objects), DefaultIngressClass(objects),
            // Last: it counts what the others have made of the object.
            ResourceQuotaAdmission(objects),
        ]
        plugins =
            (all.dropLast() + others + all.suffix(1)).filter {
                !disabled.contains($0.name) || $0 is RoleEscalationCheck
            }
    }

    public var names: [String] { plugins.map(\.name) }

    public func admit(_ request: inout AdmissionRequest) async throws {
        for plugin in plugins where plugin.handles(request) { try await plugin.admit(&request) }
    }

    public func validate(_ request: AdmissionRequest) async throws {
        for plugin in plugins where plugin.handles(request) { try await plugin.validate(request) }
    }
}
