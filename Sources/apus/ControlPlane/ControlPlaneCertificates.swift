import APIServer
import Glibc
import Logging
import NetTypes
import PKI

/// The certificates of an API server in its folder, and the files that clients need.
struct ControlPlaneCertificates {
    let folder: CertificateFolder
    let authority: CertificateAuthority
    /// The authority of clients: its own, or the one of `--client-ca-file`.
    let clientAuthorities: String
    let tokenKey: TokenKey
    private let profile: CertificateProfile

    /// - Parameter now: seconds since 1970.
    init(_ serving: ServingOptions, clientAuthorities file: String?, network: ServiceNetwork, now: Int64) throws {
        folder = try CertificateFolder("\(serving.dataDir)/pki")
        authority = try folder.authority(now: now)
        clientAuthorities = try authority.certificatePEM + (file.map(TextInput.read) ?? "")
        tokenKey = try TokenKey(file: "\(serving.dataDir)/pki/sa.key")
        let own = [serving.bindAddress, serving.advertiseAddress ?? ""].compactMap { IPAddress($0) }
        profile = .apiServer(
            hostNames: [Host.name], addresses: own, serviceAddresses: network.kubernetesAddresses)
    }

    /// The contexts of the listener, and the service that keeps its certificate from ending; a certificate that was given
    /// is its owner's to renew.
    func listener(_ serving: ServingOptions, logger: Logger) throws -> (TLSContexts, CertificateRotation?) {
        if let certificate = serving.tlsCertFile, let key = serving.tlsPrivateKeyFile {
            let contexts = try TLSContexts(
                certificateChain: TextInput.read(certificate), privateKey: TextInput.read(key),
                clientAuthorities: clientAuthorities)
            return (contexts, nil)
        }
        let issued = try folder.certificate("apiserver", profile, by: authority, now: Clock.seconds())
        let contexts = try TLSContexts(
            certificateChain: issued.certificatePEM, privateKey: issued.keyPEM, clientAuthorities: clientAuthorities)
        let item = CertificateRotation.Item(name: "apiserver", profile: profile) { [clientAuthorities] issued in
            do {
                try contexts.replace(
                    certificateChain: issued.certificatePEM, privateKey: issued.keyPEM,
                    clientAuthorities: clientAuthorities)
            } catch {
                logger.error("cannot use the new serving certificate: \(error)")
            }
        }
        let rotation = try CertificateRotation(
            [item], folder: folder, authority: authority, logger: logger, now: { Clock.seconds() })
        return (contexts, rotation)
    }

    /// What the server comes to node agents with, and what keeps that from ending. `authorities` (PEM) sign the agents'
    /// certificates; nil takes any.
    func nodeAgents(authorities: String?, logger: Logger) throws -> (NodeAgentTLS, CertificateRotation) {
        let name = "apiserver-kubelet-client"
        let issued = try folder.certificate(name, .kubeletClient, by: authority, now: Clock.seconds())
        let tls = try NodeAgentTLS(
            certificateChain: issued.certificatePEM, privateKey: issued.keyPEM, authorities: authorities)
        let item = CertificateRotation.Item(name: name, profile: .kubeletClient) { issued in
            do {
                try tls.replace(
                    certificateChain: issued.certificatePEM, privateKey: issued.keyPEM, authorities: authorities)
            } catch {
                logger.error("cannot use the new certificate for node agents: \(error)")
            }
        }
        let rotation = try CertificateRotation(
            [item], folder: folder, authority: authority, logger: logger, now: { Clock.seconds() })
        return (tls, rotation)
    }

    /// A kubeconfig of the administrator.
    func writeKubeconfig(to path: String, server: String) throws {
        let admin = try folder.certificate("admin", .admin, by: authority, now: Clock.seconds())
        let text = try KubeconfigText(
            server: server, authorityPEM: authority.certificatePEM, user: "kubernetes-admin", certificate: admin)
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        try CertificateFolder(parent).writeKubeconfig(name, text)
    }
}

/// The wall clock.
enum Clock {
    static func nanoseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    static func seconds() -> Int64 { nanoseconds() / 1_000_000_000 }
}
