import KubeAPI
import Testing

struct JSONEditingTests {
    @Test func settingMakesTheWay() {
        var value: JSONValue = ["a": 1]
        value[path: "b", "c"] = "x"
        #expect(value == ["a": 1, "b": ["c": "x"]])
        #expect(value[path: "b", "c"]?.string == "x")
        #expect(value[path: "b", "d", "e"] == nil)
    }

    @Test func removingMakesNothing() {
        var value: JSONValue = ["b": ["c": "x", "d": true]]
        value[path: "b", "c"] = nil
        value[path: "z", "y"] = nil
        #expect(value == ["b": ["d": true]])
    }
}
