import KubeAPI
import NetTypes

/// The IPAddress object (networking.k8s.io/v1) that says which Service has a cluster IP (KEP-1880).
enum IPAddressObject {
    /// `now` in nanoseconds since 1970.
    static func json(_ address: IPAddress, service: JSONValue, now: Int64) -> JSONValue {
        [
            "kind": "IPAddress", "apiVersion": "networking.k8s.io/v1",
            "metadata": [
                "name": .string(address.description), "uid": .string(NewNames.uid()),
                "creationTimestamp": .string(RFC3339.text(nanoseconds: now, .seconds)),
                "labels": [
                    "ipaddress.kubernetes.io/ip-family": .string(address.family.serviceName),
                    "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
                ],
            ],
            "spec": [
                "parentRef": [
                    "resource": "services", "namespace": service[path: "metadata", "namespace"] ?? "",
                    "name": service[path: "metadata", "name"] ?? "",
                ]
            ],
        ]
    }
}
