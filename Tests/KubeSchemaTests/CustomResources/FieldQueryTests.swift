import KubeAPI
import KubeSchema
import Testing

struct FieldQueryTests {
    private static let object: JSONValue = [
        "spec": ["a": ["b": 1], "list": [["n": "x"], ["n": "y"]], "with.dot": true],
        "status": ["conditions": [["type": "Ready", "status": "True"], ["type": "Other", "status": "False"]]],
    ]

    @Test(
        arguments: [
            (".spec.a.b", [1]), (".spec.list[1].n", ["y"]), (".spec.list[*].n", ["x", "y"]),
            (".spec['with.dot']", [true]), (#".spec.with\.dot"#, [true]),
            (#".status.conditions[?(@.type=="Ready")].status"#, ["True"]),
            (".spec.none", []), (".spec.list[7]", []),
        ] as [(String, [JSONValue])])
    func values(_ path: String, _ expected: [JSONValue]) {
        #expect(FieldQuery(path)?.values(in: Self.object) ?? [] == expected)
    }

    @Test(arguments: ["spec", ".spec[", ".spec[?(@.x)]", "..a", ".a['b"]) func refused(_ path: String) {
        #expect(FieldQuery(path) == nil)
    }
}
