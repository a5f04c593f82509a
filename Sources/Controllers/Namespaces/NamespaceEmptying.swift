import ControllerCore
import KubeAPI
import KubeClient

/// One pass over everything that a namespace can hold.
struct NamespaceEmptying {
    let client: KubeClient
    let namespace: String

    func run() async -> NamespaceDeletion.Findings {
        var findings = NamespaceDeletion.Findings()
        let resources: [DiscoveredResource]
        do {
            resources = try await client.discover().filter { $0.resource.isNamespaced && $0.verbs.contains("delete") }
        } catch {
            findings.discoveryErrors = ["\(error)"]
            return findings
        }
        findings = await emptyAll(resources.filter { $0.resource.resource != "events" })
        // Events last: the deletions made some.
        if findings.isEmpty {
            for resource in resources where resource.resource.resource == "events" && resource.resource.group.isEmpty {
                try? await client.deleteCollection(resource.resource, namespace: namespace)
            }
        }
        return findings
    }

    /// Some kinds at a time: there are dozens, and most namespaces hold few of them.
    private static let width = 8

    private func emptyAll(_ resources: [DiscoveredResource]) async -> NamespaceDeletion.Findings {
        await withTaskGroup(of: NamespaceDeletion.Findings.self) { group in
            var all = NamespaceDeletion.Findings()
            for (index, resource) in resources.enumerated() {
                if index >= Self.width, let found = await group.next() { all.merge(found) }
                group.addTask { await self.findings(of: resource) }
            }
            for await found in group { all.merge(found) }
            return all
        }
    }

    private func findings(of resource: DiscoveredResource) async -> NamespaceDeletion.Findings {
        var findings = NamespaceDeletion.Findings()
        do throws(ClientError) {
            try await empty(resource, &findings)
        } catch {
            // A kind that is served no longer holds nothing.
            if !error.isNotFound, error.status?.code != 405 {
                findings.deletionErrors.append("\(resource.name): \(error)")
            }
        }
        return findings
    }

    private func empty(
        _ resource: DiscoveredResource, _ findings: inout NamespaceDeletion.Findings
    ) async throws(ClientError) {
        let gvr = resource.resource
        var left = try await list(gvr)
        guard !left.isEmpty else { return }
        let options = DeletionOptions(propagation: .background)
        if resource.verbs.contains("deletecollection") {
            try await client.deleteCollection(gvr, namespace: namespace, options)
        } else {
            for object in left { _ = try? await client.delete(gvr, object.key, options) }
        }
        left = try await list(gvr)
        guard !left.isEmpty else { return }
        findings.remaining[resource.name] = left.count
        for object in left {
            for finalizer in object.finalizers { findings.finalizers[finalizer, default: 0] += 1 }
            if gvr == APIKind.pod.resource, let grace = object.spec?["terminationGracePeriodSeconds"]?.integer {
                findings.longestGrace = max(findings.longestGrace, grace)
            }
        }
    }

    private func list(_ gvr: GroupVersionResource) async throws(ClientError) -> [APIObject] {
        try await client.list(ResourceSelection(gvr, namespace: namespace), as: APIObject.self).objects
    }
}
