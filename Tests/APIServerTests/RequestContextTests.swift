import AccessControl
import KubeSchema
import StoreCore
import Testing

@testable import APIServer

@Suite struct RequestContextTests {
    private static func context() -> RequestContext {
        let user = UserInfo(name: "alice")
        return RequestContext(
            user: user, attributes: RequestAttributes(user: user, verb: "create", path: "/api/v1/things"),
            resource: ResourceDefinition(
                group: "", version: "v1", resource: "things", singular: "thing", kind: "Thing", listKind: "ThingList",
                isNamespaced: true, verbs: ["create"], typeName: "Thing"),
            now: 0)
    }

    @Test func aWarningIsGivenOnce() {
        let context = Self.context()
        context.warn("deprecated")
        context.warn("deprecated")
        context.warn("unknown field \"x\"")
        #expect(context.warnings == ["deprecated", "unknown field \"x\""])
    }

    @Test func eachAttemptBeginsWithoutTheWritesOfTheLast() {
        let context = Self.context()
        context.alsoWrite(if: [Compare(KeyRange(key: [1]), .equal, .version(0))], [.put(.init([1], [2]))])
        #expect(context.writes.operations == [.put(.init([1], [2]))])
        #expect(context.writes.compares.count == 1)
        context.clearWrites()
        #expect(context.writes.operations.isEmpty && context.writes.compares.isEmpty)
    }
}
