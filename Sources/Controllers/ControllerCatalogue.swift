import KubeClient

/// Every controller there is, and which of them run.
public enum ControllerCatalogue {
    static let all: [any Controller.Type] = [
        ServiceAccountController.self, RootAuthorityController.self, NamespaceController.self,
        EndpointSliceController.self, EndpointsController.self, EndpointSliceMirroringController.self,
        ReplicaSetController.self, ReplicationControllerController.self, DeploymentController.self,
        DaemonSetController.self, StatefulSetController.self, JobController.self, FinishedJobController.self,
        CronJobController.self,
        GarbageCollector.self, NodeLifecycleController.self, TaintEvictionController.self,
        PodCollectionController.self, PodRangeController.self, ResourceQuotaController.self,
        DisruptionController.self, LoadBalancerController.self, RoleAggregationController.self,
        CertificateApprovalController.self, CertificateSigningController.self, CertificateCleaner.self,
        TokenSecretController.self, BootstrapTokenCleaner.self, BootstrapSigner.self, ServiceRangeController.self,
        ClaimProtectionController.self, VolumeProtectionController.self, VolumeBinderController.self,
        EphemeralVolumeController.self,
        ServiceAddressController.self,
    ]

    public static var names: [String] { all.map { $0.name } }

    /// What `--controllers` says: `*` for all, a name for one, `-name` for all but one.
    public struct Selection: Sendable {
        public struct Refusal: Error, CustomStringConvertible {
            public let description: String
        }

        let names: Set<String>

        public init(_ words: [String]) throws(Refusal) {
            var chosen: Set<String> = words.contains("*") || words.isEmpty ? Set(ControllerCatalogue.names) : []
            for word in words where word != "*" {
                let isLeftOut = word.hasPrefix("-")
                let name = isLeftOut ? String(word.dropFirst()) : word
                guard ControllerCatalogue.names.contains(name) else {
                    throw Refusal(
                        description: "there is no controller \(name); there are "
                            + ControllerCatalogue.names.sorted().joined(separator: ", "))
                }
                if isLeftOut { chosen.remove(name) } else { chosen.insert(name) }
            }
            names = chosen
        }
    }

    /// Runs the chosen controllers until the task is cancelled.
    public static func run(_ selection: Selection, _ context: ControllerContext, started: Latch = Latch()) async {
        let controllers = all.filter { selection.names.contains($0.name) }.map { $0.init(context) }
        await withDiscardingTaskGroup { group in
            group.addTask { await context.informers.run() }
            group.addTask {
                await context.informers.waitUntilSynced()
                guard !Task.isCancelled else { return }
                context.logger.info("\(controllers.count) controllers run")
                started.open()
                await withDiscardingTaskGroup { group in
                    for controller in controllers { group.addTask { await controller.run() } }
                }
            }
        }
    }
}
