import NetTypes
import PKI
import TestThreads
import Testing

@Suite(.ownThread) struct SigningRequestTests {
    static func request(_ subject: String, names: String = "") throws -> String {
        let files = try TemporaryFolder()
        let key = files.path + "/key"
        try OpenSSL.run("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", key)
        guard !names.isEmpty else { return try OpenSSL.run("req", "-new", "-key", key, "-subj", subject) }
        return try OpenSSL.run(
            "req", "-new", "-key", key, "-subj", subject, "-addext", "subjectAltName=" + names)
    }

    static let node = "/O=system:nodes/CN=system:node:n1"

    @Test func aKubeletGetsBothItsCertificates() throws {
        let files = try TemporaryFolder()
        let now = wallClock()
        let authority = try CertificateAuthority(commonName: "ca", now: now)
        let ca = try files.write(authority.certificatePEM, "ca.crt")
        let client = try SigningRequest(
            signer: .kubeletClient, pem: Self.request(Self.node), usages: ["digital signature", "client auth"]
        ).sign(by: authority, lifetime: 3600, now: now)
        let clientFile = try files.write(client, "client.crt")
        #expect(try OpenSSL.run("verify", "-CAfile", ca, "-purpose", "sslclient", clientFile).contains("OK"))
        let facts = try CertificateFacts(pem: client)
        #expect(facts.commonName == "system:node:n1" && facts.organizations == ["system:nodes"])
        #expect(facts.validity.notAfter == now + 3600)

        let serving = try SigningRequest(
            signer: .kubeletServing, pem: Self.request(Self.node, names: "DNS:n1,IP:192.0.2.1"),
            usages: ["digital signature", "key encipherment", "server auth"]
        ).sign(by: authority, lifetime: 1, now: now)
        let servingFile = try files.write(serving, "serving.crt")
        #expect(try OpenSSL.run("x509", "-noout", "-checkip", "192.0.2.1", "-in", servingFile).contains("does match"))
        #expect(try CertificateFacts(pem: serving).dnsNames == ["n1"])
        #expect(try CertificateFacts(pem: serving).validity.notAfter == now + SigningRequest.shortest)
    }

    @Test(arguments: [
        (
            SigningRequest.Signer.kubeletClient, "/O=others/CN=system:node:n1", "", "client auth",
            "subject organization is not system:nodes"
        ),
        (
            .kubeletClient, "/O=system:nodes/CN=n1", "", "client auth",
            "subject common name does not begin with system:node:"
        ),
        (.kubeletClient, node, "DNS:n1", "client auth", "DNS subjectAltNames are not allowed"),
        (.kubeletClient, node, "IP:192.0.2.1", "client auth", "IP subjectAltNames are not allowed"),
        (.kubeletServing, node, "", "server auth", "DNS or IP subjectAltName is required"),
        (.kubeletServing, node, "DNS:n1,email:a@b", "server auth", "Email subjectAltNames are not allowed"),
    ])
    func refusals(signer: SigningRequest.Signer, subject: String, names: String, usage: String, text: String) throws {
        let pem = try Self.request(subject, names: names)
        let error = #expect(throws: PKIError.self) {
            _ = try SigningRequest(signer: signer, pem: pem, usages: ["digital signature", usage])
        }
        #expect(error?.description == text)
    }

    @Test func usagesMustFitTheSigner() throws {
        let pem = try Self.request(Self.node)
        for usages in [
            ["client auth"], ["digital signature", "server auth"], ["digital signature", "client auth", "any"],
        ] {
            #expect(throws: PKIError.self) {
                _ = try SigningRequest(signer: .kubeletClient, pem: pem, usages: usages)
            }
        }
        let any = try Self.request("/CN=jane/O=dev")
        #expect(try SigningRequest(signer: .client, pem: any, usages: ["client auth"]).commonName == "jane")
        #expect(throws: PKIError.self) { _ = try SigningRequest(signer: .client, pem: any, usages: ["server auth"]) }
        #expect(throws: PKIError.self) {
            _ = try SigningRequest(signer: .client, pem: "nothing", usages: ["client auth"])
        }
    }
}
