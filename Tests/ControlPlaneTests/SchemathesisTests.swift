import Foundation
import TestPrograms
import TestThreads
import Testing

/// Requests that schemathesis makes up out of our OpenAPI v3 documents, always the same ones.
///
/// Held: no 5xx, content types and bodies as the document says, and nothing without credentials where it asks for them.
/// Left out, because a kube-apiserver would not pass either: `status_code_conformance` (its documents name successes alone,
/// not 400, 403, 404, 409, 415, 422), `negative_data_rejection` (unknown fields are a warning, unknown parameters nothing),
/// `positive_data_acceptance` (validation knows more than the schema), `unsupported_method` and `allow_header_conformance`
/// (its 405 has no Allow). The stateful phase needs links, which the documents do not have.
@Suite(
    .ownThread, .needs("schemathesis", from: "scripts/install-clients") { PythonClients.schemathesis != nil },
    .timeLimit(.minutes(30)))
struct SchemathesisTests {
    private static let checks =
        "not_a_server_error,content_type_conformance,response_schema_conformance,ignored_auth"

    /// `phases`: coverage goes through every parameter and field, which is too much for large types; fuzzing draws some.
    struct Run: Sendable, CustomTestStringConvertible {
        let document: String
        var phases = "fuzzing"
        var paths = "."
        var examples = 2

        var testDescription: String { document }
    }

    @Test(arguments: [
        Run(document: "apis/discovery.k8s.io/v1", phases: "coverage,fuzzing", paths: "/endpointslices/{name}$"),
        Run(document: "apis/coordination.k8s.io/v1", phases: "coverage,fuzzing", paths: "/{namespace}/leases$"),
        Run(document: "apis/apps/v1", paths: "/deployments(/{name})?(/scale)?$"),
        Run(document: "api/v1", paths: "/{namespace}/(services|configmaps|pods)(/{name})?$"),
    ])
    func madeUpRequestsFindNoFault(run: Run) throws {
        let plane = try ControlPlane([
            "--token-auth-file", Self.tokens.file("tokens", "token,tester,1,system:masters\n"),
        ])
        var tool = try #require(PythonClients.schemathesis)
        tool.folder = plane.folder
        tool.environment = [
            "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
            "PYTHONPATH": PythonClients.root.path + "/Tests/ControlPlaneTests/Clients",
        ]
        let server = "https://127.0.0.1:\(plane.port)"
        let result = try tool.run(
            [
                "run", "\(server)/openapi/v3/\(run.document)", "--url", server, "--tls-verify", "false", "--header",
                "Authorization: Bearer token", "--checks", Self.checks, "--generation-deterministic",
                "--max-examples", "\(run.examples)", "--phases", run.phases, "--include-path-regex", run.paths,
                "--continue-on-failure", "--warnings", "off", "--no-color", "--request-timeout", "60",
            ], seconds: 240)
        #expect(result.isGood, "\(result.output.suffix(6000))\(result.errors.suffix(1000))")
        #expect(result.output.contains("No issues found"))
        #expect(!plane.output.contains("request failed"), "\(plane.output.suffix(2000))")
    }

    private static let tokens = TestFolder()
}
