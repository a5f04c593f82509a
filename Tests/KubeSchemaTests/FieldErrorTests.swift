import KubeAPI
import KubeSchema
import Testing

struct FieldErrorTests {
    @Test func messagesHaveUpstreamsWords() {
        let error = FieldError(.invalid, "spec.ports[0].port", 0, "must be between 1 and 65535, inclusive")
        #expect(error.message == "Invalid value: 0: must be between 1 and 65535, inclusive")
        #expect(FieldError(.required, "spec.ports").message == "Required value")
    }
}
