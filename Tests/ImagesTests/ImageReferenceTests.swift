import Testing

@testable import Images

@Suite struct ImageReferenceTests {
    static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)

    @Test(arguments: [
        ("busybox", "docker.io/library/busybox:latest"),
        ("busybox:1.36", "docker.io/library/busybox:1.36"),
        ("apus/lab", "docker.io/apus/lab:latest"),
        ("docker.io/busybox", "docker.io/library/busybox:latest"),
        ("index.docker.io/a/b:c", "docker.io/a/b:c"),
        ("registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.9"),
        ("localhost/x", "localhost/x:latest"),
        ("localhost:5000/x/y-z__q.w:v1", "localhost:5000/x/y-z__q.w:v1"),
        ("127.0.0.1:5000/x", "127.0.0.1:5000/x:latest"),
        ("[::1]:5000/x", "[::1]:5000/x:latest"),
        ("a@\(digest)", "docker.io/library/a@\(digest)"),
        ("a:b@\(digest)", "docker.io/library/a:b@\(digest)"),
        ("UPPER/x", "UPPER/x:latest"),
    ])
    func isCompleted(text: String, full: String) throws {
        #expect(try ImageReference(text).description == full)
        // A completed name completes to itself.
        #expect(try ImageReference(full).description == full)
    }

    @Test(arguments: [
        "", "Busybox", "a:", "a:b c", "a@sha256:12", "a@md5:\(digest.dropFirst(7))", "a//b", "/a", "a/", "a..b",
        "a___b",
        "-a", "a-", "host.x:99999/a", "a:\(String(repeating: "t", count: 129))", "../a", "a/../b", "héllo",
        String(repeating: "a", count: 300),
    ])
    func isRefused(text: String) {
        #expect(throws: ImageError.self) { try ImageReference(text) }
    }
}
