import KubeAPI
import Testing

@testable import APIServer

@Suite struct NegotiationTests {
    @Test func kubectlGetsATable() throws {
        let form = try OutputForm.negotiate(
            accept: [
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,"
                    + "application/json"
            ], allowsShapes: true)
        #expect(form == OutputForm(format: .json, shape: .table(version: "v1")))
    }

    @Test func whatCannotBeShapedFallsBack() throws {
        let form = try OutputForm.negotiate(
            accept: ["application/json;as=Table;v=v1;g=meta.k8s.io,application/json"], allowsShapes: false)
        #expect(form == .json)
    }

    @Test func qualityDecides() throws {
        let form = try OutputForm.negotiate(
            accept: ["application/json;q=0.5, application/vnd.kubernetes.protobuf"], allowsShapes: true)
        #expect(form.format == .protobuf)
    }

    @Test func nothingToOffer() {
        #expect(throws: Status.self) { try OutputForm.negotiate(accept: ["text/html"], allowsShapes: true) }
    }

    @Test func metadataAlone() throws {
        let form = try OutputForm.negotiate(
            accept: [
                "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
            ], allowsShapes: true)
        #expect(form == OutputForm(format: .protobuf, shape: .partialMetadata(version: "v1")))
    }

    @Test func tokensComeBackAsTheyWent() throws {
        for start in ["default/a\0", "ü\0", "x", "aaaa/bbbb\0"] {
            let token = ContinueToken(revision: 42, start: start)
            #expect(try ContinueToken(parsing: token.text) == token)
        }
        #expect(throws: Status.self) { try ContinueToken(parsing: "%%%") }
        #expect(throws: Status.self) { try ContinueToken(parsing: "e30") }
    }
}
