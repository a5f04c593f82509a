import NetTypes

/// Who a certificate is for, and what it may be used for.
public struct CertificateProfile: Sendable, Hashable {
    public enum Usage: Sendable, Hashable { case server, client }

    public static let year: Int64 = 365 * 86_400

    /// For Kubernetes the user's name.
    public var commonName: String
    /// For Kubernetes the user's groups.
    public var organizations: [String]
    public var usages: Set<Usage>
    public var dnsNames: [String]
    public var addresses: [IPAddress]
    /// Seconds.
    public var lifetime: Int64

    public init(
        commonName: String, organizations: [String] = [], usages: Set<Usage>, dnsNames: [String] = [],
        addresses: [IPAddress] = [], lifetime: Int64 = year
    ) {
        self.commonName = commonName
        self.organizations = organizations
        self.usages = usages
        self.dnsNames = dnsNames
        self.addresses = addresses
        self.lifetime = lifetime
    }

    public static func client(_ userName: String, groups: [String] = []) -> CertificateProfile {
        CertificateProfile(commonName: userName, organizations: groups, usages: [.client])
    }

    /// `system:node:NAME` in the group `system:nodes`.
    public static func node(_ name: String) -> CertificateProfile {
        .client("system:node:" + name, groups: ["system:nodes"])
    }

    public static let admin = client("kubernetes-admin", groups: ["system:masters"])
    /// With which the API server comes to kubelets.
    public static let kubeletClient = client("kube-apiserver-kubelet-client", groups: ["system:masters"])

    /// The API server's own certificate, for all names by which clients and pods know it.
    /// - Parameters:
    ///   - addresses: the bind address and the host's; loopback is added.
    ///   - serviceAddresses: of the Service `default/kubernetes`.
    public static func apiServer(
        hostNames: [String], addresses: [IPAddress], serviceAddresses: [IPAddress],
        clusterDomain: String = "cluster.local"
    ) -> CertificateProfile {
        let service = "kubernetes.default.svc"
        let names =
            ["localhost", "kubernetes", "kubernetes.default", service, service + "." + clusterDomain] + hostNames
        let all = [IPAddress(127, 0, 0, 1), IPAddress(high: 0, low: 1)] + addresses + serviceAddresses
        return CertificateProfile(
            commonName: "kube-apiserver", usages: [.server], dnsNames: distinct(names),
            addresses: distinct(all.filter { !$0.isUnspecified }))
    }

    private static func distinct<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { seen.insert($0).inserted }
    }
}
