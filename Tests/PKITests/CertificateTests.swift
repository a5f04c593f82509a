import Foundation
import Logging
import NetTypes
import Synchronization
import TestPrograms
import TestThreads
import Testing

@testable import PKI

@Suite(.ownThread) struct CertificateTests {
    let profile = CertificateProfile.apiServer(
        hostNames: ["node-a", "api.example.org"], addresses: [IPAddress(192, 0, 2, 7), .unspecified(.ipv4)],
        serviceAddresses: [IPAddress(10, 96, 0, 1)])

    @Test func opensslAcceptsTheChainAndReadsTheNames() throws {
        let files = try TemporaryFolder()
        let folder = try CertificateFolder(files.path + "/pki")
        let authority = try folder.authority(now: wallClock())
        _ = try folder.certificate("apiserver", profile, by: authority, now: wallClock())
        _ = try folder.certificate("admin", .admin, by: authority, now: wallClock())
        let (ca, serving, client) = (
            folder.certificatePath("ca"), folder.certificatePath("apiserver"), folder.certificatePath("admin")
        )
        #expect(
            try OpenSSL.run("verify", "-x509_strict", "-CAfile", ca, "-purpose", "sslserver", serving).contains("OK"))
        #expect(
            try OpenSSL.run("verify", "-x509_strict", "-CAfile", ca, "-purpose", "sslclient", client).contains("OK"))
        #expect(throws: Program.Failure.self) {
            try OpenSSL.run("verify", "-CAfile", ca, "-purpose", "sslclient", serving)
        }
        for name in ["kubernetes.default.svc.cluster.local", "localhost", "node-a", "api.example.org"] {
            #expect(try OpenSSL.run("x509", "-noout", "-checkhost", name, "-in", serving).contains("does match"))
        }
        for address in ["127.0.0.1", "::1", "192.0.2.7", "10.96.0.1"] {
            #expect(try OpenSSL.run("x509", "-noout", "-checkip", address, "-in", serving).contains("does match"))
        }
        let text = try OpenSSL.run("x509", "-noout", "-text", "-in", client)
        #expect(text.contains("Subject: O = system:masters, CN = kubernetes-admin"))
        #expect(text.contains("TLS Web Client Authentication") && text.contains("ASN1 OID: prime256v1"))
        #expect(!text.contains("0.0.0.0"))
        let authorityText = try OpenSSL.run("x509", "-noout", "-text", "-in", ca)
        #expect(authorityText.contains("CA:TRUE") && authorityText.contains("Certificate Sign"))
        #expect(try files.mode("pki/ca.key") == 0o600 && files.mode("pki/admin.key") == 0o600)
        #expect(try files.mode("pki/ca.crt") == 0o644)
    }

    @Test func whatIsThereAndFitsIsKept() throws {
        let files = try TemporaryFolder()
        let folder = try CertificateFolder(files.path)
        let now = wallClock()
        let authority = try folder.authority(now: now)
        #expect(try folder.authority(now: now).certificatePEM == authority.certificatePEM)
        let first = try folder.certificate("apiserver", profile, by: authority, now: now)
        #expect(try folder.certificate("apiserver", profile, by: authority, now: now) == first)
        let due = first.validity.renewal
        #expect(try folder.certificate("apiserver", profile, by: authority, now: due - 1) == first)
        let second = try folder.certificate("apiserver", profile, by: authority, now: due)
        #expect(second != first)
        var moved = profile
        moved.addresses.append(IPAddress(192, 0, 2, 8))
        let third = try folder.certificate("apiserver", moved, by: authority, now: due)
        #expect(try CertificateFacts(pem: third.certificatePEM).addresses.contains(IPAddress(192, 0, 2, 8)))
    }

    @Test func halfAnAuthorityOrAnEndedOneIsAnError() throws {
        let files = try TemporaryFolder()
        let folder = try CertificateFolder(files.path)
        let now = wallClock()
        _ = try folder.authority(now: now)
        #expect(throws: PKIError.self) { try folder.authority(now: now + CertificateAuthority.lifetime) }
        try FileManager.default.removeItem(atPath: folder.keyPath("ca"))
        let error = #expect(throws: PKIError.self) { try folder.authority(now: now) }
        #expect(error?.description.hasPrefix("only one of ") == true)
    }

    @Test func aLeafNeverOutlivesItsAuthority() throws {
        let authority = try CertificateAuthority(commonName: "short", now: 1_000_000, lifetime: 5000)
        let leaf = try authority.issue(.admin, now: 1_000_000)
        #expect(leaf.validity.notAfter == authority.validity.notAfter)
        #expect(leaf.validity.notBefore == 1_000_000 - 300)
    }

    @Test(arguments: [(0, 900, 599, false), (0, 900, 600, true), (100, 130, 119, false), (100, 130, 120, true)])
    func renewalAfterTwoThirds(begin: Int64, end: Int64, now: Int64, isDue: Bool) {
        #expect(CertificateValidity(notBefore: begin, notAfter: end).isDue(at: now) == isDue)
    }

    @Test func factsOfAClient() throws {
        let authority = try CertificateAuthority(commonName: "ca", now: wallClock())
        let node = try authority.issue(.node("n1"), now: wallClock())
        let facts = try CertificateFacts(pem: node.certificatePEM)
        #expect(facts.commonName == "system:node:n1" && facts.organizations == ["system:nodes"] && facts.isForClients)
        #expect(facts.fingerprint.utf8.count == 64)
        #expect(throws: PKIError.self) { try CertificateFacts(der: [0x30, 0x03, 1, 2, 3]) }
    }

    @Test func rotationHandsOutNewCertificatesWhileRunning() throws {
        let files = try TemporaryFolder()
        let now = TestClock.shared.seconds
        let used = Mutex<[IssuedCertificate]>([])
        let folder = try CertificateFolder(files.path)
        let authority = try folder.authority(now: now)
        let rotation = try CertificateRotation(
            [
                .init(name: "apiserver", profile: profile) { issued in used.withLock { $0.append(issued) } }
            ], folder: folder, authority: authority, logger: Logger(label: "test"),
            now: { TestClock.shared.seconds })
        #expect(used.withLock { $0.count } == 1)
        #expect(rotation.renewDue() == CertificateRotation.longestPause)
        TestClock.shared.advance(by: CertificateProfile.year)
        _ = rotation.renewDue()
        #expect(used.withLock { $0.count } == 2)
        var moved = profile
        moved.dnsNames.append("new.example.org")
        try rotation.change("apiserver", to: moved)
        try rotation.change("apiserver", to: moved)
        #expect(used.withLock { $0.count } == 3)
        let last = try #require(used.withLock { $0.last })
        #expect(try CertificateFacts(pem: last.certificatePEM).dnsNames.contains("new.example.org"))
    }

    @Test func kubeconfigHoldsEverything() throws {
        let files = try TemporaryFolder()
        let folder = try CertificateFolder(files.path)
        let authority = try folder.authority(now: wallClock())
        let admin = try folder.certificate("admin", .admin, by: authority, now: wallClock())
        try folder.writeKubeconfig(
            "admin.conf",
            KubeconfigText(
                server: "https://127.0.0.1:6443", authorityPEM: authority.certificatePEM, user: "kubernetes-admin",
                certificate: admin))
        #expect(try files.mode("admin.conf") == 0o600)
        let text = try String(contentsOfFile: files.path + "/admin.conf", encoding: .utf8)
        #expect(text.contains(#"current-context: "kubernetes-admin@kubernetes""#))
        #expect(text.contains("client-key-data: " + Data(admin.keyPEM.utf8).base64EncodedString()))
        #expect(text.contains(#"server: "https://127.0.0.1:6443""#))
    }
}

/// Goes only when told to.
final class TestClock: Sendable {
    static let shared = TestClock()
    private let offset = Mutex<Int64>(0)

    var seconds: Int64 { wallClock() + offset.withLock { $0 } }
    func advance(by seconds: Int64) { offset.withLock { $0 += seconds } }
}
