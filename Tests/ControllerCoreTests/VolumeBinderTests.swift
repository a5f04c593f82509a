import ControllerCore
import KubeAPI
import KubeSchema
import Testing

/// Claims and volumes, and who gets whom.
@Suite struct VolumeBinderTests {
    private var cluster = MiniCluster()

    private mutating func addVolume(
        _ name: String, size: String = "10Gi", _ change: (inout JSONValue) -> Void = { _ in }
    ) {
        var json: JSONValue = [
            "metadata": ["name": .string(name)],
            "spec": [
                "capacity": ["storage": .string(size)], "accessModes": ["ReadWriteOnce"], "storageClassName": "disk",
                "persistentVolumeReclaimPolicy": "Retain",
            ], "status": ["phase": "Pending"],
        ]
        change(&json)
        cluster.add(.persistentVolume, json)
    }

    private mutating func addClaim(_ name: String = "data", _ change: (inout JSONValue) -> Void = { _ in }) {
        var json: JSONValue = [
            "metadata": ["name": .string(name)],
            "spec": [
                "resources": ["requests": ["storage": "5Gi"]], "accessModes": ["ReadWriteOnce"],
                "storageClassName": "disk",
            ], "status": ["phase": "Pending"],
        ]
        change(&json)
        cluster.add(.persistentVolumeClaim, json)
    }

    private func offer(_ claim: APIObject) throws -> ClaimBinding.Offer {
        let volumes = cluster[.persistentVolume]
        let name = StorageClass.name(of: claim.json)
        let known = try cluster[.storageClass].first { $0.name == name }.map { try StorageClass(json: $0.json) }
        return .init(
            named: claim.volumeOfClaim.flatMap { cluster[.persistentVolume, $0] },
            kept: volumes.filter { $0.claimOfVolume?.key == claim.key },
            free: volumes.filter { $0.claimOfVolume == nil && StorageClass.name(of: $0.json) == name },
            storageClass: name.isEmpty ? .none : known.map { .known($0) } ?? .unknown)
    }

    /// Looks at everything until nothing changes.
    private mutating func settle() throws {
        var before = -1
        while cluster.writes.count != before {
            before = cluster.writes.count
            for volume in cluster[.persistentVolume] {
                let claim = cluster[.persistentVolumeClaim].first { $0.uid == volume.claimOfVolume?.uid }
                try cluster.perform(VolumePhases.decide(volume, claim: claim))
            }
            for claim in cluster[.persistentVolumeClaim] {
                try cluster.perform(ClaimBinding.decide(claim, offer(claim)))
            }
            try #require(cluster.writes.count < 100, "it never ends")
        }
    }

    private func phase(_ kind: APIKind, _ name: String) -> String? { cluster[kind, name]?.status?["phase"]?.string }

    @Test mutating func aClaimGetsTheSmallestVolume() throws {
        addVolume("large", size: "1Ti")
        addVolume("small")
        addClaim()
        try settle()
        let claim = try #require(cluster[.persistentVolumeClaim, "data"])
        #expect(claim.volumeOfClaim == "small")
        #expect(claim.isBoundClaim)
        #expect(claim.annotation(VolumeAnnotation.boundByController) == "yes")
        #expect(claim.status?["phase"] == "Bound")
        #expect(claim.status?["capacity"]?["storage"] == "10Gi")
        #expect(claim.status?["accessModes"] == ["ReadWriteOnce"])
        #expect(cluster[.persistentVolume, "small"]?.claimOfVolume?.uid == claim.uid)
        #expect(phase(.persistentVolume, "small") == "Bound")
        #expect(phase(.persistentVolume, "large") == "Available")
    }

    @Test mutating func whatAUserTiesTogether() throws {
        addVolume("kept") { $0[path: "spec", "claimRef"] = ["namespace": "n", "name": "data"] }
        addVolume("other", size: "6Gi")
        addVolume("tiny", size: "1Gi")
        addClaim { $0[path: "spec", "selector"] = ["matchLabels": ["none": "such"]] }
        addClaim("wish") { $0[path: "spec", "volumeName"] = "other" }
        addClaim("late") { $0[path: "spec", "volumeName"] = "other" }
        addClaim("greedy") { $0[path: "spec", "volumeName"] = "tiny" }
        try settle()
        #expect(cluster[.persistentVolumeClaim, "data"]?.volumeOfClaim == "kept")
        #expect(cluster[.persistentVolume, "kept"]?.annotation(VolumeAnnotation.boundByController) == nil)
        // By name: the first one looked at.
        #expect(phase(.persistentVolumeClaim, "late") == "Bound")
        #expect(phase(.persistentVolumeClaim, "wish") == "Pending")
        #expect(cluster.events.contains(#"FailedBinding: volume "other" already bound to a different claim."#))
        #expect(
            cluster.events.contains(
                #"VolumeMismatch: Cannot bind to requested volume "tiny": requested PV is too small"#))
    }

    @Test mutating func aReleasedVolumeIsNobodysAgainOnlyByHand() throws {
        addVolume("v")
        addClaim()
        try settle()
        cluster.remove(.persistentVolumeClaim, "data")
        addClaim("next")
        try settle()
        #expect(phase(.persistentVolume, "v") == "Released")
        #expect(phase(.persistentVolumeClaim, "next") == "Pending")
        cluster.change(.persistentVolume, "v") { $0[path: "spec", "claimRef"] = nil }
        try settle()
        #expect(phase(.persistentVolumeClaim, "next") == "Bound")
    }

    @Test(arguments: [
        ("Delete", "", "Failed"), ("Delete", "example.org/disk", "Released"), ("Recycle", "", "Failed"),
    ])
    mutating func whatIsNotRetained(policy: String, provisioner: String, phase: String) throws {
        addVolume("v") { json in
            json[path: "spec", "persistentVolumeReclaimPolicy"] = .string(policy)
            if !provisioner.isEmpty {
                json[path: "metadata", "annotations", VolumeAnnotation.provisionedBy] = .string(provisioner)
            }
        }
        addClaim()
        try settle()
        cluster.remove(.persistentVolumeClaim, "data")
        try settle()
        #expect(self.phase(.persistentVolume, "v") == phase)
    }

    @Test mutating func aClaimWhoseVolumeIsGoneIsLost() throws {
        addVolume("v")
        addClaim()
        try settle()
        cluster.remove(.persistentVolume, "v")
        try settle()
        #expect(phase(.persistentVolumeClaim, "data") == "Lost")
        #expect(cluster[.persistentVolumeClaim, "data"]?.status?["capacity"] == nil)
        #expect(
            cluster.events.filter {
                $0 == "ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!"
            }.count == 1)
    }

    private mutating func addClass(_ name: String, provisioner: String, waits: Bool) {
        cluster.add(
            .storageClass,
            [
                "metadata": ["name": .string(name)], "provisioner": .string(provisioner),
                "volumeBindingMode": .string(waits ? "WaitForFirstConsumer" : "Immediate"),
            ])
    }

    @Test mutating func aClassThatWaitsLeavesTheChoiceToTheScheduler() throws {
        addClass("disk", provisioner: StorageClass.noProvisioner, waits: true)
        addVolume("a")
        addVolume("b")
        addClaim()
        try settle()
        #expect(
            cluster.events.contains("WaitForFirstConsumer: waiting for first consumer to be created before binding"))
        #expect(phase(.persistentVolumeClaim, "data") == "Pending")
        let uid = try #require(cluster[.persistentVolumeClaim, "data"]?.uid)
        cluster.change(.persistentVolume, "b") {
            $0[path: "spec", "claimRef"] = ["namespace": "n", "name": "data", "uid": .string(uid)]
        }
        try settle()
        #expect(cluster[.persistentVolumeClaim, "data"]?.volumeOfClaim == "b")
        #expect(phase(.persistentVolumeClaim, "data") == "Bound")
        #expect(phase(.persistentVolume, "b") == "Bound")
    }

    @Test mutating func aProvisionerIsAskedForWhatIsNotThere() throws {
        addClass("disk", provisioner: "example.org/disk", waits: true)
        addClaim()
        try settle()
        let asked = { (cluster: MiniCluster) in
            cluster[.persistentVolumeClaim, "data"]?.annotation(VolumeAnnotation.provisioner)
        }
        #expect(asked(cluster) == nil)
        cluster.change(.persistentVolumeClaim, "data") {
            $0[path: "metadata", "annotations", VolumeAnnotation.selectedNode] = "node"
        }
        try settle()
        #expect(asked(cluster) == "example.org/disk")
        #expect(cluster.events.contains { $0.hasPrefix("ExternalProvisioning: Waiting for a volume to be created") })
    }

    @Test mutating func aClaimThatNobodyCanHelpSaysSo() throws {
        addClass("disk", provisioner: StorageClass.noProvisioner, waits: false)
        addClaim()
        addClaim("classless") { $0[path: "spec", "storageClassName"] = "" }
        addClaim("astray") { $0[path: "spec", "storageClassName"] = "none" }
        try settle()
        let expected: Set = [
            "ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner",
            "FailedBinding: no persistent volumes available for this claim and no storage class is set",
            #"ProvisioningFailed: storageclass.storage.k8s.io "none" not found"#,
        ]
        #expect(Set(cluster.events) == expected)
    }

    @Test mutating func whatTheBinderTiedInVainIsFreeAgain() throws {
        addClaim { json in
            json[path: "spec", "volumeName"] = "mine"
            json[path: "metadata", "annotations", VolumeAnnotation.bindCompleted] = "yes"
        }
        let claim = try #require(cluster[.persistentVolumeClaim, "data"])
        let reference: JSONValue = ["namespace": "n", "name": "data", "uid": .string(claim.uid)]
        addVolume("mine") { $0[path: "spec", "claimRef"] = reference }
        addVolume("ours") { json in
            json[path: "spec", "claimRef"] = reference
            json[path: "metadata", "annotations", VolumeAnnotation.boundByController] = "yes"
        }
        addVolume("users") { $0[path: "spec", "claimRef"] = reference }
        try settle()
        #expect(phase(.persistentVolume, "mine") == "Bound")
        #expect(cluster[.persistentVolume, "ours"]?.claimOfVolume == nil)
        #expect(phase(.persistentVolume, "ours") == "Available")
        #expect(cluster[.persistentVolume, "users"]?.claimOfVolume?.uid == "")
        #expect(phase(.persistentVolume, "users") == "Available")
    }

    @Test mutating func aPodsOwnVolumesGetClaims() throws {
        let pod = cluster.add(
            .pod,
            [
                "metadata": ["name": "p"],
                "spec": [
                    "volumes": [
                        ["name": "plain", "emptyDir": .emptyObject],
                        [
                            "name": "own",
                            "ephemeral": [
                                "volumeClaimTemplate": [
                                    "metadata": ["labels": ["a": "b"]], "spec": ["storageClassName": "disk"],
                                ]
                            ],
                        ],
                    ]
                ],
            ])
        func look() throws {
            let known = cluster
            try cluster.perform(EphemeralClaims.decide(pod) { known[.persistentVolumeClaim, $0] })
        }
        try look()
        try look()
        #expect(cluster.writes.count == 1)
        let claim = try #require(cluster[.persistentVolumeClaim, "p-own"])
        #expect(claim.controller?.uid == pod.uid)
        #expect(claim.label("a") == "b")
        #expect(claim.spec?["storageClassName"] == "disk")
        cluster.change(.persistentVolumeClaim, "p-own") { $0[path: "metadata", "ownerReferences"] = nil }
        try look()
        #expect(cluster.events.last?.hasSuffix("PVC n/p-own was not created for pod n/p (pod is not owner)") == true)
    }
}
