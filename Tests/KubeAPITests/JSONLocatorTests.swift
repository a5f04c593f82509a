import Testing

@testable import KubeAPI

@Suite struct JSONLocatorTests {
    static let text = """
        {
          "spec": {
            "ports": [
              { "port": 1 },
              { "port": 2 }
            ]
          },
          "labels": { "a.b/c": "d" }
        }
        """

    @Test(arguments: [
        ("", 1, 1), ("spec.ports[1].port", 5, 17), ("spec.ports[1]", 5, 7), ("spec.ports[1].name", 5, 7),
        ("spec.ports[2]", 3, 14), ("labels[a.b/c]", 8, 24), ("labels.x", 8, 13), ("nothing", 1, 1),
    ])
    func finds(_ path: String, _ line: Int, _ column: Int) {
        let position = JSONParser.position(of: FieldPath(path), in: Self.text.utf8)
        #expect(position == TextPosition(line: line, column: column))
    }

    @Test func findsElements() {
        let positions = JSONParser.positions(ofElementsAt: FieldPath("spec.ports"), in: Self.text.utf8)
        #expect(positions == [TextPosition(line: 4, column: 7), TextPosition(line: 5, column: 7)])
        #expect(JSONParser.positions(ofElementsAt: FieldPath("labels"), in: Self.text.utf8).isEmpty)
    }

    @Test func findsNothingInBadText() {
        #expect(JSONParser.position(of: FieldPath("a"), in: "{\"a\":".utf8) == nil)
    }
}
