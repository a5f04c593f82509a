import NetTypes
import ProxyCore
import Testing

@testable import ProxyIPTables

@Suite struct NamesTests {
    /// FIPS 180-2, appendix B, and the empty message; checked with sha256sum.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func digests(text: String, hex: String) {
        let digits = SHA256.digest(text).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        #expect(digits.joined() == hex)
    }

    /// The chain that every cluster's kube-proxy has for the API server's Service.
    @Test func namesAreThoseOfKubeProxy() {
        let name = ServicePortName(
            service: .init(namespace: "default", name: "kubernetes"), port: "https", proto: .tcp, family: .ipv4)
        #expect(ChainName.hash(name) == "NPX46M4PTMTKRN6Y")
    }

    @Test(arguments: [
        (1, 3, "0.33333333349"), (1, 2, "0.50000000000"), (3, 4, "0.75000000000"), (1, 1, "1.00000000000"),
    ])
    func probabilitiesPrintAsTheKernelsFractions(chance: Int, total: Int, text: String) {
        #expect(RuleText.probability(chance, of: total) == text)
    }
}
