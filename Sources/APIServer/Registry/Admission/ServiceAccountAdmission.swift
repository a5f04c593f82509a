import KubeAPI

/// Gives every Pod a service account and its token (a projected volume, KEP-1205).
public struct ServiceAccountAdmission: AdmissionPlugin {
    public let name = "ServiceAccount"
    private let objects: StoredObjects
    private static let mountPath = "/var/run/secrets/kubernetes.io/serviceaccount"

    public init(_ objects: StoredObjects) { self.objects = objects }

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.operation == .create && request.isAbout("", "pods")
    }

    private static func isMirror(_ pod: JSONValue) -> Bool {
        pod[path: "metadata", "annotations", "kubernetes.io/config.mirror"] != nil
    }

    public func admit(_ request: inout AdmissionRequest) async throws {
        guard var pod = request.object else { return }
        guard !Self.isMirror(pod) else { return try checkMirror(pod, request) }
        let given = pod[path: "spec", "serviceAccountName"]?.string ?? ""
        let accountName = given.isEmpty ? "default" : given
        pod[path: "spec", "serviceAccountName"] = .string(accountName)
        pod[path: "spec", "serviceAccount"] = .string(accountName)
        let account = try await objects.get(
            StorePrefix.serviceAccounts, namespace: request.namespace, name: accountName)
        guard let account else {
            let missing = Status.notFound("serviceaccount", name: accountName).message
            throw request.forbidden(
                "error looking up service account \(request.namespace)/\(accountName): \(missing)")
        }
        if pod[path: "spec", "imagePullSecrets"] == nil {
            pod[path: "spec", "imagePullSecrets"] = account["imagePullSecrets"]
        }
        let wantsToken =
            pod[path: "spec", "automountServiceAccountToken"]?.bool ?? account["automountServiceAccountToken"]?.bool
            ?? true
        if wantsToken { Self.mountToken(&pod) }
        request.object = pod
    }

    private func checkMirror(_ pod: JSONValue, _ request: AdmissionRequest) throws {
        if !(pod[path: "spec", "serviceAccountName"]?.string ?? "").isEmpty {
            throw request.forbidden("a mirror pod may not reference service accounts")
        }
    }

    /// Containers that mount something there already keep it; without any other the volume is left out.
    private static func mountToken(_ pod: inout JSONValue) {
        let volumes = pod[path: "spec", "volumes"]?.array ?? []
        let existing = volumes.compactMap { $0["name"]?.string }.first { $0.hasPrefix("kube-api-access-") }
        let volumeName = existing ?? NewNames.name("kube-api-access-")
        var isUsed = false
        for list in ["initContainers", "containers"] {
            guard let containers = pod[path: "spec", list]?.array else { continue }
            pod[path: "spec", list] = .array(
                containers.map { container in
                    let mounts = container["volumeMounts"]?.array ?? []
                    guard !mounts.contains(where: { $0["mountPath"]?.string == mountPath }) else { return container }
                    isUsed = true
                    var container = container
                    let mount: JSONValue = [
                        "name": .string(volumeName), "readOnly": true, "mountPath": .string(mountPath),
                    ]
                    container[path: "volumeMounts"] = .array(mounts + [mount])
                    return container
                })
        }
        if isUsed, existing == nil { pod[path: "spec", "volumes"] = .array(volumes + [volume(volumeName)]) }
    }

    private static func volume(_ name: String) -> JSONValue {
        [
            "name": .string(name),
            "projected": [
                "sources": [
                    ["serviceAccountToken": ["expirationSeconds": 3607, "path": "token"]],
                    ["configMap": ["name": "kube-root-ca.crt", "items": [["key": "ca.crt", "path": "ca.crt"]]]],
                    [
                        "downwardAPI": [
                            "items": [
                                [
                                    "path": "namespace",
                                    "fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.namespace"],
                                ]
                            ]
                        ]
                    ],
                ],
                "defaultMode": 420,
            ],
        ]
    }
}
