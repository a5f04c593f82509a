import Foundation

/// Certificates for 127.0.0.1 that openssl has made: an authority's, a server's and a client's.
public struct TestCertificates: Sendable {
    private let folder = TestFolder()

    public var authority: String { "\(folder.path)/ca.crt" }
    public var server: (certificate: String, key: String) { ("\(folder.path)/server.crt", "\(folder.path)/server.key") }
    public var client: (certificate: String, key: String) { ("\(folder.path)/client.crt", "\(folder.path)/client.key") }

    public init() throws {
        try Program.output(of: "sh", ["-c", Self.script, "sh", folder.path])
    }

    private static let script = """
        set -e; cd "$1"; printf 'subjectAltName=IP:127.0.0.1\\n' > san
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt
        for name in server client; do
          openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$name -keyout $name.key -out $name.csr
          openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out $name.crt -extfile san
        done
        """
}
