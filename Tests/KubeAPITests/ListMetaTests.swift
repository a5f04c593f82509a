import Testing

@testable import KubeAPI

@Suite struct ListMetaTests {
    @Test(arguments: [
        (
            #"{"metadata":{"resourceVersion":"7","continue":"abc"}}"#,
            ListMeta(resourceVersion: "7", continuation: "abc")
        ),
        (#"{"items":null,"metadata":{"continue":""}}"#, ListMeta()), ("{}", ListMeta()),
    ])
    func reads(_ text: String, _ expected: ListMeta) throws {
        #expect(try ListMeta(ofList: try JSONParser.parse(text)) == expected)
    }

    @Test func refusesMetadata() {
        let json: JSONValue = ["metadata": ["resourceVersion": 7]]
        #expect(throws: DecodingFailure("metadata.resourceVersion", "must be a string, got a number")) {
            try ListMeta(ofList: json)
        }
    }
}
