import AccessControl
import Testing

struct RequestAttributesTests {
    @Test func aPathIsNoResource() {
        #expect(!RequestAttributes(user: .anonymous, verb: "get", path: "/healthz").isResourceRequest)
    }
}
