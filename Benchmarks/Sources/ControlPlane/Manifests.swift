/// What the load is made of.
enum Manifests {
    static func service(_ number: Int) -> String {
        #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"s\#(number)","labels":{"app":"a\#(number % 100)"}},"#
            + #""spec":{"selector":{"app":"s\#(number)"},"ports":[{"name":"http","port":80,"targetPort":8080}]}}"#
    }

    static func slice(_ number: Int, endpoints: Int = 10) -> String {
        let list = (0..<endpoints).map { index in
            #"{"addresses":["10.\#(number / 250 % 250).\#(number % 250).\#(index + 1)"],"conditions":{"ready":true,"serving":true,"terminating":false},"nodeName":"node-\#(index)","#
                + #""targetRef":{"kind":"Pod","namespace":"default","name":"s\#(number)-\#(index)","uid":"00000000-0000-4000-8000-000000000000"}}"#
        }.joined(separator: ",")
        return
            #"{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"s\#(number)-x","labels":{"kubernetes.io/service-name":"s\#(number)"}},"#
            + #""addressType":"IPv4","endpoints":[\#(list)],"ports":[{"name":"http","port":8080,"protocol":"TCP"}]}"#
    }

    static func configMap(_ number: Int, _ text: String) -> String {
        #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c\#(number)"},"data":{"text":"\#(text)"}}"#
    }

    /// What the user needs, and where it is made.
    static var access: [(path: String, object: String)] {
        let group = "rbac.authorization.k8s.io"
        return [
            (
                "/apis/\(group)/v1/clusterroles",
                #"{"metadata":{"name":"bench"},"rules":[{"apiGroups":[""],"resources":["services","configmaps"],"#
                    + #""verbs":["create","get","list","watch"]},{"apiGroups":["discovery.k8s.io"],"#
                    + #""resources":["endpointslices"],"verbs":["create"]}]}"#
            ),
            (
                "/apis/\(group)/v1/clusterrolebindings",
                #"{"metadata":{"name":"bench"},"roleRef":{"apiGroup":"\#(group)","kind":"ClusterRole","name":"bench"},"#
                    + #""subjects":[{"apiGroup":"\#(group)","kind":"User","name":"\#(ServerProcess.user.name)"}]}"#
            ),
        ]
    }
}
