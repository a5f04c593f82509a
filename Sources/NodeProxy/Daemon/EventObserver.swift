import KubeAPI
import KubeClient
import NetTypes
import ProxyCore

/// Posts what people should know as Events on the objects it is about.
struct EventObserver: ProxyObserver {
    let sink: EventSink

    func malformed(_ kind: ObjectKind, _ name: NamespacedName?, reason: String) {
        guard let name else { return }
        post("MalformedObject", reason, kind.objectKind, name, uid: "")
    }

    func advise(_ advice: [Advice]) {
        for item in advice {
            post(item.reason, item.message, item.subject.kind, item.subject.name, uid: item.subject.uid)
        }
    }

    private func post(_ reason: String, _ note: String, _ kind: String, _ name: NamespacedName, uid: String) {
        let subject = EventReport.Subject(
            apiVersion: kind == "EndpointSlice" ? "discovery.k8s.io/v1" : "v1", kind: kind, namespace: name.namespace,
            name: name.name, uid: uid)
        sink.report(EventReport(severity: .warning, reason: reason, action: "Proxy", note: note, regarding: subject))
    }

    func queued(services: Int, endpointSlices: Int) {}
    func programmed(_ result: Programmed) {}
    func failed(_ family: IPFamily, _ error: any Error, retryAfter: Duration) {}
    func repaired(_ family: IPFamily, operations: Int) {}
    func settled(_ node: Node?, _ counts: ProxyCounts, failed: Set<IPFamily>, healthChecks: [HealthCheck]?) {}
    func deletedFlows(count: Int, duration: Duration) {}
    func couldNotDeleteFlows(_ error: any Error) {}
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
