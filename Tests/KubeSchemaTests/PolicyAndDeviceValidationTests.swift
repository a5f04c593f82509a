import KubeAPI
import Testing

@testable import KubeSchema

/// Kinds whose rules the schema does not say: admission policies, dynamic resources and container storage.
struct PolicyAndDeviceValidationTests {
    /// The findings, without the value in their middle.
    private func findings(_ group: String, _ kind: String, _ text: String, old: String? = nil) throws -> [String] {
        func object(_ text: String) throws -> JSONValue {
            var object = try JSONParser.parse(Array(text.utf8))
            object[path: "metadata", "name"] = "x"
            return object
        }
        return Validation.validate(
            try object(text), group: group, version: "v1", kind: kind, old: try old.map(object)
        ).filter { !$0.path.hasPrefix("metadata") }.map { "\($0.path): \($0.reason) \($0.detail)" }
    }

    @Test func boundsOfALimitRangeAreInOrder() throws {
        let limit =
            #"{"type":"Container","max":{"cpu":"1"},"min":{"cpu":"2"},"default":{"cpu":"5"},"#
            + #""defaultRequest":{"cpu":"6"}}"#
        #expect(
            try findings("", "LimitRange", #"{"spec":{"limits":[\#(limit)]}}"#) == [
                "spec.limits[0].min[cpu]: invalid min value 2 is greater than max value 1",
                "spec.limits[0].defaultRequest[cpu]: invalid default request value 6 is greater than max value 1",
                "spec.limits[0].defaultRequest[cpu]: invalid default request value 6 is greater than default limit value 5",
                "spec.limits[0].default[cpu]: invalid default value 5 is greater than max value 1",
            ])
    }

    @Test func aSigningRequestIsPEM() throws {
        func request(_ text: String) throws -> [String] {
            let encoded = Base64.encode(Array(text.utf8))
            return try findings(
                "certificates.k8s.io", "CertificateSigningRequest",
                #"{"spec":{"request":"\#(encoded)","signerName":"a.io/b","usages":["client auth"]}}"#)
        }
        let lines = ["-----BEGIN CERTIFICATE REQUEST-----", "YWJj", "-----END CERTIFICATE REQUEST-----"]
        #expect(try request(lines.joined(separator: "\n")) == [])
        let refused = ["spec.request: invalid PEM block type must be CERTIFICATE REQUEST"]
        #expect(try request("abc") == refused)
        #expect(try request(lines.joined(separator: "\n").replacing(" REQUEST", with: "")) == refused)
    }

    private static let claim = #"{"spec":{"devices":{"requests":[{"name":"a","exactly":CHOICE}]REST}}}"#
    private static let exact = #"{"deviceClassName":"gpu","allocationMode":"ExactCount","count":1}"#

    private func claimFindings(_ choice: String, rest: String = "") throws -> [String] {
        try findings(
            "resource.k8s.io", "ResourceClaim",
            Self.claim.replacing("CHOICE", with: choice).replacing("REST", with: rest))
    }

    @Test func claimsAskForDevices() throws {
        #expect(try claimFindings(Self.exact) == [])
        #expect(
            try claimFindings(Self.exact, rest: #","constraints":[{"requests":["a"],"matchAttribute":"d.io/x"}]"#) == []
        )
        #expect(
            try claimFindings(#"{"deviceClassName":"","allocationMode":"All","count":2}"#) == [
                "spec.devices.requests[0].exactly.deviceClassName: required ",
                "spec.devices.requests[0].exactly.count: invalid must not be specified when allocationMode is 'All'",
            ])
        #expect(
            try claimFindings(Self.exact, rest: #","constraints":[{"requests":["b"],"matchAttribute":"x"}]"#).count == 2
        )
        #expect(
            try claimFindings(Self.exact, rest: #","config":[{"opaque":{"driver":"d.io","parameters":[]}}]"#)
                == ["spec.devices.config[0].opaque.parameters: invalid parameters must be a valid JSON object"])
        #expect(
            try findings("resource.k8s.io", "ResourceClaim", #"{"spec":{"devices":{"requests":[{"name":"a"}]}}}"#)
                == ["spec.devices.requests[0]: required exactly one of `exactly` or `firstAvailable` is required"])
        let many = Array(repeating: #"{"name":"a","exactly":\#(Self.exact)}"#, count: 33).joined(separator: ",")
        let found = try findings("resource.k8s.io", "ResourceClaim", #"{"spec":{"devices":{"requests":[\#(many)]}}}"#)
        #expect(found.contains { $0.hasPrefix("spec.devices.requests: tooMany") })
        #expect(found.contains { $0.hasPrefix("spec.devices.requests[1].name: duplicate") })
        let old = Self.claim.replacing("CHOICE", with: Self.exact).replacing("REST", with: "")
        #expect(
            try findings("resource.k8s.io", "ResourceClaim", old.replacing("gpu", with: "tpu"), old: old)
                == ["spec: invalid field is immutable"])
    }

    @Test func slicesNameTheirNodesOnce() throws {
        let slice =
            #"{"spec":{"driver":"d.io","pool":{"name":"p","generation":1,"resourceSliceCount":1},"nodeName":"n","devices":[{"name":"x","attributes":{"a":{"int":1}}}]}}"#
        #expect(try findings("resource.k8s.io", "ResourceSlice", slice) == [])
        #expect(
            try findings("resource.k8s.io", "ResourceSlice", slice.replacing(#""nodeName":"n","#, with: ""))
                .contains { $0.hasPrefix("spec: required exactly one of `nodeName`") })
        #expect(
            try findings(
                "resource.k8s.io", "ResourceSlice", slice.replacing(#"{"int":1}"#, with: #"{"int":1,"bool":true}"#))
                == ["spec.devices[0].attributes[a]: required exactly one value must be specified"])
        #expect(
            try findings("resource.k8s.io", "ResourceSlice", slice.replacing("d.io", with: "e.io"), old: slice)
                == ["spec.driver: invalid field is immutable"])
    }

    @Test func policiesSayWhatTheyCheck() throws {
        let rules =
            #"{"resourceRules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}]}"#
        let policy =
            #"{"spec":{"failurePolicy":"Fail","matchConstraints":\#(rules),"validations":[{"expression":"true"}]}}"#
        let group = "admissionregistration.k8s.io"
        #expect(try findings(group, "ValidatingAdmissionPolicy", policy) == [])
        #expect(
            try findings(group, "ValidatingAdmissionPolicy", policy.replacing(#"[{"expression":"true"}]"#, with: "[]"))
                .count
                == 2)
        #expect(
            try findings(group, "ValidatingAdmissionPolicy", policy.replacing(#""true""#, with: #"" ""#))
                == ["spec.validations[0].expression: required expression is not specified"])
        let binding = #"{"spec":{"policyName":"p","validationActions":["Deny"]}}"#
        #expect(try findings(group, "ValidatingAdmissionPolicyBinding", binding) == [])
        #expect(
            try findings(
                group, "ValidatingAdmissionPolicyBinding", binding.replacing(#"["Deny"]"#, with: #"["Deny","Warn"]"#)
            ).first?.hasPrefix("spec.validationActions: invalid must not contain both Deny and Warn") == true)
        let mutating =
            #"{"spec":{"failurePolicy":"Fail","reinvocationPolicy":"Never","matchConstraints":\#(rules),"mutations":[{"patchType":"JSONPatch","jsonPatch":{"expression":"[]"}}]}}"#
        #expect(try findings(group, "MutatingAdmissionPolicy", mutating) == [])
        #expect(
            try findings(group, "MutatingAdmissionPolicy", mutating.replacing("jsonPatch", with: "applyConfiguration"))
                .count
                == 2)
    }

    @Test func storageKindsKeepWhatTheyPromised() throws {
        let group = "storage.k8s.io"
        let node = #"{"spec":{"drivers":[{"name":"d.io","nodeID":"n","topologyKeys":["zone"]}]}}"#
        #expect(try findings(group, "CSINode", node) == [])
        #expect(
            try findings(group, "CSINode", node.replacing(#""n""#, with: #""m""#), old: node)
                == ["spec.drivers[0].nodeID: invalid field is immutable"])
        #expect(try findings(group, "VolumeAttributesClass", #"{"driverName":"d.io","parameters":{"a":"b"}}"#) == [])
        #expect(
            try findings(
                group, "VolumeAttributesClass", #"{"driverName":"d.io","parameters":{"a":"c"}}"#,
                old: #"{"driverName":"d.io","parameters":{"a":"b"}}"#)
                == ["parameters: forbidden updates to parameters are forbidden."])
        #expect(
            try findings(group, "CSIStorageCapacity", #"{"storageClassName":"","capacity":"-1"}"#) == [
                "storageClassName: required ", "capacity: invalid must be greater than or equal to 0",
            ])
        let driver =
            #"{"spec":{"attachRequired":true,"podInfoOnMount":false,"storageCapacity":false,"tokenRequests":[{"audience":"a","expirationSeconds":1}]}}"#
        #expect(
            try findings(group, "CSIDriver", driver)
                == ["spec.tokenRequests[0].expirationSeconds: invalid may not specify a duration less than 10 minutes"])
    }
}
