import AccessControl
import KubeAPI
import Testing

struct EscalationTests {
    let jane = user("jane", "dev", "system:authenticated")
    let read = PolicyRule(verbs: ["get", "list"], apiGroups: [""], resources: ["pods"])

    private func index(_ rules: [PolicyRule]) -> RBACIndex {
        RBACIndex([
            clusterRole("held", rules), clusterRole("wide", PolicyRule.everything),
            binding("", "b", to: "ClusterRole", "held", [Subject(.user, "jane")]),
        ])
    }

    private func refusal(_ index: RBACIndex, role: JSONValue, old: JSONValue? = nil) async -> String? {
        await Escalation(index).refusalOfRole(role, replacing: old, by: jane) { index.authorize($0) }?.message
    }

    @Test func heldRulesMayBeGiven() async {
        #expect(await refusal(index([read]), role: clusterRole("new", [read])) == nil)
        let narrow = PolicyRule(verbs: ["get"], apiGroups: [""], resources: ["pods"], resourceNames: ["a"])
        #expect(await refusal(index([read]), role: clusterRole("new", [narrow])) == nil)
    }

    @Test func otherRulesMayNot() async {
        let wanted = PolicyRule(verbs: ["get", "delete", "watch"], apiGroups: [""], resources: ["pods"])
        #expect(
            await refusal(index([read]), role: clusterRole("new", [wanted])) == """
                clusterroles.rbac.authorization.k8s.io "new" is forbidden: user "jane" (groups=["dev" \
                "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
                {APIGroups:[""], Resources:["pods"], Verbs:["delete" "watch"]}
                """)
    }

    @Test func anUpdateThatGivesNothingNewPasses() async {
        let wide = clusterRole("new", PolicyRule.everything)
        #expect(await refusal(index([read]), role: wide, old: wide) == nil)
        #expect(await refusal(index([read]), role: wide, old: clusterRole("new", [])) != nil)
    }

    @Test func escalateAndMastersPass() async {
        let escalate = PolicyRule(
            verbs: ["escalate"], apiGroups: [RBACIndex.group], resources: ["clusterroles"], resourceNames: ["new"])
        #expect(await refusal(index([escalate]), role: clusterRole("new", PolicyRule.everything)) == nil)
        #expect(await refusal(index([escalate]), role: clusterRole("other", PolicyRule.everything)) != nil)
        let root = user("root", UserInfo.Group.masters)
        let verdict = await Escalation(RBACIndex()).refusalOfRole(
            clusterRole("new", PolicyRule.everything), replacing: nil, by: root,
            authorize: { _ in .noOpinion(reason: "") })
        #expect(verdict == nil)
    }

    @Test func aggregationNeedsEverything() async throws {
        let role = try json(
            """
            {"kind":"ClusterRole","metadata":{"name":"agg"},
             "aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]}}
            """)
        #expect(
            await refusal(index([read]), role: role)
                == #"clusterroles.rbac.authorization.k8s.io "agg" is forbidden: must have cluster-admin privileges "#
                + "to use the aggregationRule")
        #expect(await refusal(index(PolicyRule.everything), role: role) == nil)
    }

    @Test func bindingsNeedBindOrTheRules() async {
        let bind = PolicyRule(
            verbs: ["bind"], apiGroups: [RBACIndex.group], resources: ["clusterroles"], resourceNames: ["wide"])
        let wide = binding("ns", "new", to: "ClusterRole", "wide", [Subject(.user, "bob")])
        func refusal(_ index: RBACIndex, _ binding: JSONValue) async -> Status? {
            await Escalation(index).refusalOfBinding(binding, replacing: nil, by: jane) { index.authorize($0) }
        }
        #expect(await refusal(index([bind]), wide) == nil)
        #expect(await refusal(index(PolicyRule.everything), wide) == nil)
        let refused = await refusal(index([read]), wide)
        #expect(refused?.code == 403)
        #expect(
            refused?.message.hasPrefix(#"rolebindings.rbac.authorization.k8s.io "new" is forbidden: user "jane""#)
                == true)
        #expect(refused?.message.contains(#"{APIGroups:["*"], Resources:["*"], Verbs:["*"]}"#) == true)
        let lost = await refusal(index([read]), binding("", "new", to: "ClusterRole", "lost", []))
        #expect(lost?.message == #"clusterroles.rbac.authorization.k8s.io "lost" not found"#)
    }
}
