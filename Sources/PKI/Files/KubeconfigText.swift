import Foundation

/// A kubeconfig with everything in it: the cluster's authority and the client's certificate and key.
public struct KubeconfigText: Sendable, Hashable {
    public let text: String

    /// - Parameter server: `https://10.0.0.1:6443`
    public init(
        server: String, authorityPEM: String, user: String, certificate: IssuedCertificate,
        cluster: String = "kubernetes"
    ) {
        let context = "\(user)@\(cluster)"
        text = """
            apiVersion: v1
            kind: Config
            clusters:
            - name: \(Self.quoted(cluster))
              cluster:
                certificate-authority-data: \(Self.base64(authorityPEM))
                server: \(Self.quoted(server))
            users:
            - name: \(Self.quoted(user))
              user:
                client-certificate-data: \(Self.base64(certificate.certificatePEM))
                client-key-data: \(Self.base64(certificate.keyPEM))
            contexts:
            - name: \(Self.quoted(context))
              context:
                cluster: \(Self.quoted(cluster))
                user: \(Self.quoted(user))
            current-context: \(Self.quoted(context))
            preferences: {}

            """
    }

    /// With everything in files: a client reads them again when they change.
    /// - Parameter clientFile: certificate and key.
    public init(server: String, authorityFile: String, clientFile: String) {
        text = """
            apiVersion: v1
            kind: Config
            clusters:
            - name: kubernetes
              cluster:
                certificate-authority: \(Self.quoted(authorityFile))
                server: \(Self.quoted(server))
            users:
            - name: node
              user:
                client-certificate: \(Self.quoted(clientFile))
                client-key: \(Self.quoted(clientFile))
            contexts:
            - name: node@kubernetes
              context:
                cluster: kubernetes
                user: node
            current-context: node@kubernetes

            """
    }

    /// The cluster alone, as kube-public/cluster-info has it.
    public init(server: String, authorityPEM: String) {
        text = """
            apiVersion: v1
            kind: Config
            clusters:
            - name: ""
              cluster:
                certificate-authority-data: \(Self.base64(authorityPEM))
                server: \(Self.quoted(server))
            contexts: null
            current-context: ""
            users: null

            """
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// A YAML double-quoted scalar.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
    }
}
