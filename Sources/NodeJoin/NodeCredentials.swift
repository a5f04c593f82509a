import PKI

/// A node's credentials in a folder: `node.pem` (certificate and key), `ca.crt` and a `kubeconfig` that names both.
public struct NodeCredentials: Sendable {
    public let folder: CertificateFolder
    public var kubeconfig: String { "\(folder.path)/kubeconfig" }
    private var pem: String { "\(folder.path)/node.pem" }

    public init(_ path: String) throws { folder = try CertificateFolder(path) }

    public func write(server: String, authorityPEM: String, certificateAndKey: String) throws {
        try folder.writePublic("ca.crt", authorityPEM)
        try replace(certificateAndKey)
        let text = KubeconfigText(server: server, authorityFile: "\(folder.path)/ca.crt", clientFile: pem)
        try folder.writeKubeconfig("kubeconfig", text)
    }

    /// In one step.
    public func replace(_ certificateAndKey: String) throws { try folder.writeSecret("node.pem", certificateAndKey) }
}
