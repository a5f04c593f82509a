import KubeAPI
import KubeClient
import NetTypes
import ProxyCore
import Telemetry

/// Posts what people should know as Events on the objects it is about.
struct EventObserver: ProxyObserver {
    let post: @Sendable (EventReport) -> Void

    func malformed(_ kind: ObjectKind, _ name: NamespacedName?, reason: String) {
        guard let name else { return }
        report("MalformedObject", reason, kind.objectKind, name, uid: "")
    }

    func advise(_ advice: [Advice]) {
        for item in advice {
            report(item.reason, item.message, item.subject.kind, item.subject.name, uid: item.subject.uid)
        }
    }

    /// A health-check node port that cannot be served, in kube-proxy's words.
    func cannotServe(_ check: HealthCheck, _ error: ListenError, nodeName: String) {
        let note = "node \(nodeName) failed to start healthcheck \"\(check.service)\" on port \(check.port): \(error)"
        report("FailedToStartServiceHealthcheck", note, "Service", check.service, uid: "", action: "Listen")
    }

    private func report(
        _ reason: String, _ note: String, _ kind: String, _ name: NamespacedName, uid: String, action: String = "Proxy"
    ) {
        let subject = EventReport.Subject(
            apiVersion: kind == "EndpointSlice" ? "discovery.k8s.io/v1" : "v1", kind: kind, namespace: name.namespace,
            name: name.name, uid: uid)
        post(EventReport(severity: .warning, reason: reason, action: action, note: note, regarding: subject))
    }

}

extension ObjectKind {
    var objectKind: String {
        switch self {
        case .service: "Service"
        case .endpointSlice: "EndpointSlice"
        case .node: "Node"
        case .serviceCIDR: "ServiceCIDR"
        }
    }
}
