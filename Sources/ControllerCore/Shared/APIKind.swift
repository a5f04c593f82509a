import KubeAPI

/// A kind together with the resource that serves it.
public struct APIKind: Sendable, Hashable {
    public let kind: String
    public let resource: GroupVersionResource

    public init(_ kind: String, _ resource: GroupVersionResource) {
        self.kind = kind
        self.resource = resource
    }

    private init(_ kind: String, _ group: String, _ resource: String, namespaced: Bool = true) {
        self.init(kind, GroupVersionResource(group: group, resource: resource, isNamespaced: namespaced))
    }

    public var apiVersion: String { resource.apiVersion }

    public static let pod = APIKind("Pod", "", "pods")
    public static let node = APIKind("Node", "", "nodes", namespaced: false)
    public static let namespace = APIKind("Namespace", "", "namespaces", namespaced: false)
    public static let service = APIKind("Service", "", "services")
    public static let endpoints = APIKind("Endpoints", "", "endpoints")
    public static let endpointSlice = APIKind("EndpointSlice", "discovery.k8s.io", "endpointslices")
    public static let serviceAccount = APIKind("ServiceAccount", "", "serviceaccounts")
    public static let secret = APIKind("Secret", "", "secrets")
    public static let configMap = APIKind("ConfigMap", "", "configmaps")
    public static let replicationController = APIKind("ReplicationController", "", "replicationcontrollers")
    public static let persistentVolumeClaim = APIKind("PersistentVolumeClaim", "", "persistentvolumeclaims")
    public static let persistentVolume = APIKind("PersistentVolume", "", "persistentvolumes", namespaced: false)
    public static let storageClass = APIKind("StorageClass", "storage.k8s.io", "storageclasses", namespaced: false)
    public static let resourceQuota = APIKind("ResourceQuota", "", "resourcequotas")
    public static let replicaSet = APIKind("ReplicaSet", "apps", "replicasets")
    public static let deployment = APIKind("Deployment", "apps", "deployments")
    public static let daemonSet = APIKind("DaemonSet", "apps", "daemonsets")
    public static let statefulSet = APIKind("StatefulSet", "apps", "statefulsets")
    public static let controllerRevision = APIKind("ControllerRevision", "apps", "controllerrevisions")
    public static let job = APIKind("Job", "batch", "jobs")
    public static let cronJob = APIKind("CronJob", "batch", "cronjobs")
    public static let lease = APIKind("Lease", "coordination.k8s.io", "leases")
    public static let podDisruptionBudget = APIKind("PodDisruptionBudget", "policy", "poddisruptionbudgets")
    public static let clusterRole = APIKind(
        "ClusterRole", "rbac.authorization.k8s.io", "clusterroles", namespaced: false)
    public static let serviceCIDR = APIKind("ServiceCIDR", "networking.k8s.io", "servicecidrs", namespaced: false)
    public static let ipAddress = APIKind("IPAddress", "networking.k8s.io", "ipaddresses", namespaced: false)
    public static let certificateSigningRequest = APIKind(
        "CertificateSigningRequest", "certificates.k8s.io", "certificatesigningrequests", namespaced: false)
}
