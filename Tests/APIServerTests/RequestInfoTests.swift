import Testing

@testable import APIServer

/// The table of upstream's requestinfo_test.go, in its own words.
@Suite struct RequestInfoTests {
    struct Case: Sendable, CustomStringConvertible {
        let method: String
        let uri: String
        let verb: String
        var group = ""
        var namespace = ""
        var resource = ""
        var subresource = ""
        var name = ""

        var description: String { "\(method) \(uri)" }
    }

    static let cases = [
        Case(method: "GET", uri: "/api/v1/namespaces", verb: "list", resource: "namespaces"),
        Case(
            method: "GET", uri: "/api/v1/namespaces/other", verb: "get", namespace: "other", resource: "namespaces",
            name: "other"),
        Case(
            method: "GET", uri: "/api/v1/namespaces/other/pods", verb: "list", namespace: "other", resource: "pods"),
        Case(
            method: "GET", uri: "/api/v1/namespaces/other/pods/foo", verb: "get", namespace: "other", resource: "pods",
            name: "foo"),
        Case(
            method: "PUT", uri: "/api/v1/namespaces/other/finalize", verb: "update", namespace: "other",
            resource: "namespaces", subresource: "finalize", name: "other"),
        Case(
            method: "PATCH", uri: "/apis/apps/v1/namespaces/n/deployments/d/status", verb: "patch", group: "apps",
            namespace: "n", resource: "deployments", subresource: "status", name: "d"),
        Case(method: "POST", uri: "/api/v1/nodes", verb: "create", resource: "nodes"),
        Case(
            method: "DELETE", uri: "/api/v1/namespaces/n/pods", verb: "deletecollection", namespace: "n",
            resource: "pods"),
        Case(method: "GET", uri: "/api/v1/pods?watch=1", verb: "watch", resource: "pods"),
        Case(method: "GET", uri: "/api/v1/pods?watch=false", verb: "list", resource: "pods"),
        Case(
            method: "GET", uri: "/api/v1/watch/namespaces/n/pods", verb: "watch", namespace: "n", resource: "pods"),
        Case(
            method: "GET", uri: "/api/v1/pods?watch&fieldSelector=metadata.name%3Dx", verb: "watch", resource: "pods",
            name: "x"),
        Case(
            method: "GET", uri: "/api/v1/pods?fieldSelector=metadata.name%21%3Dx", verb: "list", resource: "pods"),
    ]

    @Test(arguments: cases) func resourceRequests(_ wanted: Case) {
        let request = HTTPRequest(method: wanted.method, uri: wanted.uri)
        let info = RequestInfo(method: wanted.method, path: request.path, query: request.query)
        #expect(info.isResourceRequest)
        #expect(info.verb == wanted.verb)
        #expect(info.group == wanted.group)
        #expect(info.version == "v1")
        #expect(info.namespace == wanted.namespace)
        #expect(info.resource == wanted.resource)
        #expect(info.subresource == wanted.subresource)
        #expect(info.name == wanted.name)
    }

    @Test(arguments: ["/", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/healthz", "/version/x/y"])
    func paths(_ path: String) {
        let info = RequestInfo(method: "GET", path: path, query: Query(parsing: ""))
        #expect(!info.isResourceRequest)
        #expect(info.verb == "get")
    }

    @Test func percentCodingReadsUTF8AndLeavesWhatIsNone() {
        #expect(PercentCoding.decoded("a%20b%C3%A4+%zz%4", plusIsSpace: false) == "a bä+%zz%4")
        #expect(PercentCoding.decoded("a+b", plusIsSpace: true) == "a b")
    }
}
