import AccessControl
import KubeAPI
import Testing

struct AccessReviewTests {
    @Test func asksForSomeoneElse() throws {
        let review = try json(
            """
            {"spec":{"user":"jane","groups":["dev"],"uid":"7","extra":{"Scopes":["a"]},
             "resourceAttributes":{"verb":"list","group":"apps","resource":"deployments","subresource":"scale",
              "namespace":"ns","name":"x","fieldSelector":{"rawSelector":"metadata.name=x"}}}}
            """)
        let request = try #require(AccessReview.request(review, asker: nil))
        #expect(request.user == UserInfo(name: "jane", uid: "7", groups: ["dev"], extra: ["scopes": ["a"]]))
        #expect(request.resourceAndSubresource == "deployments/scale")
        #expect(request.group == "apps" && request.namespace == "ns" && request.name == "x" && request.verb == "list")
        #expect(request.requiredValue(ofField: "metadata.name") == "x")
    }

    @Test func asksForOneself() throws {
        let review = try json(#"{"spec":{"nonResourceAttributes":{"path":"/metrics","verb":"get"}}}"#)
        let request = try #require(AccessReview.request(review, asker: user("me")))
        #expect(request == RequestAttributes(user: user("me"), verb: "get", path: "/metrics"))
        #expect(AccessReview.request(review, asker: nil) == nil)
    }

    @Test func answers() {
        #expect(AccessReview.status(.allow(reason: "because")) == ["allowed": true, "reason": "because"])
        #expect(AccessReview.status(.deny(reason: "no")) == ["allowed": false, "denied": true, "reason": "no"])
        #expect(AccessReview.status(.noOpinion(reason: "")) == ["allowed": false])
        let rules = [
            PolicyRule(verbs: ["get"], apiGroups: [""], resources: ["pods"]),
            .init(verbs: ["get"], nonResourceURLs: ["/x"]),
        ]
        #expect(
            AccessReview.rulesStatus(rules, errors: []) == [
                "resourceRules": [["verbs": ["get"], "apiGroups": [""], "resources": ["pods"]]],
                "nonResourceRules": [["verbs": ["get"], "nonResourceURLs": ["/x"]]], "incomplete": false,
            ])
    }
}
