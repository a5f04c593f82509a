import KubeSchema
import Testing

struct VersionOrderTests {
    @Test func stableBeforeBetaBeforeAlphaBeforeOthers() {
        let names = ["foo10", "v1alpha1", "v11", "v2", "foo1", "v3beta1", "v12alpha1", "v10", "v11beta2", "v11alpha2"]
        let sorted = names.sorted { VersionOrder($0) < VersionOrder($1) }
        #expect(
            sorted == [
                "v11", "v10", "v2", "v11beta2", "v3beta1", "v12alpha1", "v11alpha2", "v1alpha1", "foo1", "foo10",
            ])
    }
}
