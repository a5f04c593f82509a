import PKI

/// The certificates and kubeconfigs of a cluster's parts, signed by the authority that the API server uses too.
public struct ClusterCredentials {
    private let layout: ClusterLayout
    private let folder: CertificateFolder
    private let authority: CertificateAuthority
    private let now: Int64

    /// - Parameter now: seconds since 1970.
    public init(_ layout: ClusterLayout, now: Int64) throws {
        self.layout = layout
        self.now = now
        folder = try CertificateFolder(layout.certificates)
        authority = try folder.authority(now: now)
    }

    /// Of the control plane, of the proxies, and of the people on this machine.
    public func writeShared(port: UInt16) throws {
        let host = "https://127.0.0.1:\(port)"
        try write("admin", .admin, user: "kubernetes-admin", server: host, to: layout.dataDirectory, as: "kubeconfig")
        // Upstream's controllers have an account each; these are one.
        try write("controller-manager", .client("system:kube-controller-manager", groups: ["system:masters"]))
        try write("scheduler", .client("system:kube-scheduler"))
        try write("proxy", .client("system:kube-proxy"))
        // The name server reads what proxies read, and what `BaseObjects` allow its group.
        try write("dns", .client("system:kube-proxy", groups: [BaseObjects.dnsGroup]))
    }

    public func writeNode(_ number: Int) throws {
        let name = ClusterLayout.nodeName(number)
        try write(name, .node(name))
    }

    private func write(_ name: String, _ profile: CertificateProfile) throws {
        let server = "https://\(ClusterLayout.controlAddress):\(ClusterLayout.apiPort)"
        try write(
            name, profile, user: profile.commonName, server: server, to: layout.credentials, as: "\(name).kubeconfig")
    }

    private func write(
        _ name: String, _ profile: CertificateProfile, user: String, server: String, to path: String, as file: String
    ) throws {
        let certificate = try folder.certificate(name, profile, by: authority, now: now)
        let text = KubeconfigText(
            server: server, authorityPEM: try authority.certificatePEM, user: user, certificate: certificate)
        try CertificateFolder(path).writeKubeconfig(file, text)
    }
}
